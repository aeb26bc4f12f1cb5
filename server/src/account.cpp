// SPDX-License-Identifier: MIT
#include "account.h"

#include <pwd.h>
#include <unistd.h>

#include <optional>
#include <stdexcept>
#include <vector>

namespace apbfarm::server {

namespace {

Account fromEntry(const passwd& entry)
{
    return {entry.pw_uid, entry.pw_gid, entry.pw_name, entry.pw_uid != ::getuid()};
}

std::optional<Account> byName(const std::string& name)
{
    std::vector<char> buffer(16384);
    passwd entry{};
    passwd* found = nullptr;
    ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    return found ? std::optional(fromEntry(*found)) : std::nullopt;
}

Account ourselves()
{
    std::vector<char> buffer(16384);
    passwd entry{};
    passwd* found = nullptr;
    ::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found);
    return found ? fromEntry(*found) : Account{::getuid(), ::getgid(), "builder", false};
}

Account firstUnprivileged()
{
    for (const char* name : {"apb-build", "nobody"})
        if (auto account = byName(name))
            return *account;
    throw std::runtime_error("root cannot build packages and there is no account 'apb-build' or 'nobody'; name one with --user");
}

} // namespace

Account findBuildAccount(const std::string& wanted)
{
    if (wanted.empty())
        return ::getuid() == 0 ? firstUnprivileged() : ourselves();
    const auto account = byName(wanted);
    if (!account)
        throw std::runtime_error("there is no account '" + wanted + "'");
    if (account->uid == 0)
        throw std::runtime_error("packages are not built as root; name another account with --user");
    if (account->differsFromOurs && ::getuid() != 0)
        throw std::runtime_error("only root can build as another account ('" + wanted + "')");
    return *account;
}

} // namespace apbfarm::server
