// SPDX-License-Identifier: MIT
#include "pam_authenticator.h"

#include "pam_session.h"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <filesystem>
#include <vector>

namespace pam {

using namespace apbfarm;

namespace {

constexpr std::size_t kLongestName = 100;
constexpr std::size_t kLookUpRoom = 256 * 1024;   // of a group with very many members
constexpr std::size_t kLongestPassword = PAM_MAX_RESP_SIZE - 1;

/// Visible ASCII that no script behind a module takes for an option or a path.
bool isName(std::string_view name)
{
    return !name.empty() && name.size() <= kLongestName && name.front() != '-'
           && std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7f && c != '/'; });
}

bool hasFile(const std::string& service, const std::string& directory)
{
    std::vector<std::filesystem::path> places{directory};
    if (directory.empty())
        places = {"/etc/pam.d", "/usr/lib/pam.d"};
    return std::ranges::any_of(places, [&](const auto& place) {
        std::error_code ignored;
        return std::filesystem::is_regular_file(place / service, ignored);
    });
}

bool isMember(const std::string& name, const std::string& group)
{
    std::vector<char> room(kLookUpRoom);
    struct group entry{};
    struct group* found = nullptr;
    if (group.empty() || ::getgrnam_r(group.c_str(), &entry, room.data(), room.size(), &found) != 0 || !found)
        return false;
    for (char** member = found->gr_mem; member && *member; ++member)
        if (name == *member)
            return true;
    const auto id = found->gr_gid;
    struct passwd person{};
    struct passwd* known = nullptr;
    return ::getpwnam_r(name.c_str(), &person, room.data(), room.size(), &known) == 0 && known && known->pw_gid == id;
}

} // namespace

PamAuthenticator::PamAuthenticator(const OptionView& options, Poco::Logger& logger)
    : service_(options.getString("service")), directory_(options.getString("directory")),
      adminGroup_(options.getString("adminGroup")), mailDomain_(options.getString("mailDomain")),
      allowEmpty_(options.getBool("allowEmpty")), logger_(logger)
{
    if (!isName(service_))
        throw InvalidInput("auth.pam.service must be the name of a file in /etc/pam.d");
    if (!hasFile(service_, directory_))
        throw InvalidInput("auth.pam.service = " + service_ + ": there is no such service. Write "
                           + (directory_.empty() ? std::string("/etc/pam.d") : directory_) + "/" + service_);
}

std::optional<Identity> PamAuthenticator::authenticate(const Credentials& credentials)
{
    const auto password = credentials.password;
    if (!isName(credentials.username) || (password.empty() && !allowEmpty_) || password.size() > kLongestPassword
        || password.find('\0') != std::string_view::npos)
        return std::nullopt;
    try {
        Session session(service_, directory_, std::string(credentials.username), std::string(password),
                        std::string(credentials.clientAddress));
        const auto name = session.check(allowEmpty_);
        inTrouble_ = false;
        if (!isName(name))
            return std::nullopt;
        return Identity{name, mailDomain_.empty() ? "" : name + "@" + mailDomain_,
                        isMember(name, adminGroup_) ? Role::Admin : Role::User};
    } catch (const Unavailable& error) {
        if (!inTrouble_.exchange(true))
            logger_.warning("The PAM service " + service_ + " cannot tell who may log in: " + error.what());
        throw;
    }
}

} // namespace pam
