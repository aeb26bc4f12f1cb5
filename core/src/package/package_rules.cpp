// SPDX-License-Identifier: MIT
#include "package/package_rules.h"

#include "util/text.h"

#include <algorithm>

namespace apbfarm::package {

namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isLowerOrDigit(char c)
{
    return (c >= 'a' && c <= 'z') || isDigit(c);
}

bool isNumber(std::string_view text)
{
    return !text.empty() && text.size() <= 16 && std::ranges::all_of(text, isDigit);
}

/// Hostile text inside a message: short and printable.
std::string quoted(std::string_view text)
{
    return "'" + util::oneLine(text, 60) + "'";
}

class Complaints {
public:
    void check(std::string_view field, std::string_view value, bool (*rule)(std::string_view), const char* wanted)
    {
        if (!rule(value) && list_.size() < 16)
            list_.push_back({std::string(field), quoted(value) + " is not " + wanted});
    }
    void checkCount(std::string_view field, std::size_t count, std::size_t most)
    {
        if (count == 0)
            list_.push_back({std::string(field), "is empty"});
        else if (count > most)
            list_.push_back({std::string(field), "has more than " + std::to_string(most) + " entries"});
    }
    std::vector<FieldError> take() { return std::move(list_); }

private:
    std::vector<FieldError> list_;
};

} // namespace

bool isPackageName(std::string_view text)
{
    const auto first = [](char c) { return isLowerOrDigit(c) || c == '@' || c == '_' || c == '+'; };
    return !text.empty() && text.size() <= 128 && first(text[0])
        && std::ranges::all_of(text, [&](char c) { return first(c) || c == '.' || c == '-'; });
}

bool isPackageVersion(std::string_view text)
{
    return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
        return c > 0x20 && c < 0x7f && c != '/' && c != ':' && c != '-';
    });
}

bool isPackageRelease(std::string_view text)
{
    const auto dot = text.find('.');
    return isNumber(text.substr(0, dot)) && (dot == text.npos || isNumber(text.substr(dot + 1)));
}

bool isEpoch(std::string_view text)
{
    return isNumber(text);
}

bool isRepositoryName(std::string_view text)
{
    return !text.empty() && text.size() <= 128 && text[0] != '.' && text[0] != '-'
        && std::ranges::all_of(text, [](char c) {
               return isLowerOrDigit(c) || (c >= 'A' && c <= 'Z') || c == '@' || c == '_' || c == '+' || c == '.'
                   || c == '-';
           });
}

bool isRepositoryUrl(std::string_view text)
{
    const bool web = text.starts_with("http://") || text.starts_with("https://");
    return web && text.size() <= 2048 && text.size() > text.find("//") + 2
        && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

bool isRepositoryEntry(std::string_view text)
{
    const auto colons = text.find("::");
    return colons != text.npos && isRepositoryName(text.substr(0, colons)) && isRepositoryUrl(text.substr(colons + 2));
}

bool isArchitecture(std::string_view text)
{
    return !text.empty() && text.size() <= 32
        && std::ranges::all_of(text, [](char c) { return isLowerOrDigit(c) || c == '_'; });
}

std::vector<FieldError> complaintsAbout(const PackageInfo& info)
{
    Complaints complaints;
    complaints.checkCount("pkgname", info.pkgnames.size(), kMaxPackageNames);
    complaints.checkCount("arch", info.architectures.size(), kMaxArchitectures);
    if (!info.pkgnames.empty() && info.pkgname != info.pkgnames.front())
        complaints.check("pkgbase", info.pkgname, isPackageName, "a package name");
    if (info.extraRepositories.size() > kMaxExtraRepositories)
        complaints.checkCount("apb_extra_repos", info.extraRepositories.size(), kMaxExtraRepositories);
    for (const auto& repository : info.extraRepositories)
        complaints.check("apb_extra_repos", repository, isRepositoryEntry, "of the form name::url");
    for (const auto& name : info.pkgnames)
        complaints.check("pkgname", name, isPackageName, "a package name");
    for (const auto& architecture : info.architectures)
        complaints.check("arch", architecture, isArchitecture, "an architecture");
    if (!info.pkgver.empty())
        complaints.check("pkgver", info.pkgver, isPackageVersion, "a version");
    if (!info.pkgrel.empty())
        complaints.check("pkgrel", info.pkgrel, isPackageRelease, "a release number");
    if (!info.epoch.empty())
        complaints.check("epoch", info.epoch, isEpoch, "a number");
    return complaints.take();
}

void refuse(std::string_view what, std::string code, std::vector<FieldError> complaints)
{
    std::string text(what);
    for (std::size_t i = 0; i < complaints.size(); ++i)
        text += (i == 0 ? ": " : "; ") + complaints[i].field + " " + complaints[i].message;
    throw InvalidInput(text, std::move(code), std::move(complaints));
}

} // namespace apbfarm::package
