// SPDX-License-Identifier: MIT
#include "package/srcinfo_reader.h"

#include "package/package_rules.h"
#include "package/pkgbuild_reader.h"
#include "package/plain_text.h"

#include "util/text.h"

#include <algorithm>

namespace apbfarm::package {

namespace {

constexpr auto kCode = "invalid_srcinfo";
constexpr auto kWhat = "The .SRCINFO cannot be used";

/// Reads "key = value" lines; what comes before the first pkgname is about all packages.
class SrcinfoReader {
public:
    PackageInfo read(std::string_view text)
    {
        while (!text.empty()) {
            const auto end = std::min(text.find('\n'), text.size());
            line(util::trim(text.substr(0, end)));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        requireComplete();
        return std::move(info_);
    }

private:
    void line(std::string_view text)
    {
        if (text.empty() || text[0] == '#')
            return;
        const auto sign = text.find('=');
        if (sign == text.npos)
            refuse(kWhat, kCode, {{"line", "'" + util::oneLine(text, 60) + "' is not of the form key = value"}});
        pair(util::trim(text.substr(0, sign)), std::string(util::trim(text.substr(sign + 1))));
    }

    void pair(std::string_view key, std::string value)
    {
        if (key == "pkgname")
            add(info_.pkgnames, std::move(value), kMaxPackageNames);
        else if (!info_.pkgnames.empty())
            return;   // about one package of several
        else if (key == "pkgbase")
            once(info_.pkgname, key, std::move(value));
        else if (key == "pkgver")
            once(info_.pkgver, key, std::move(value));
        else if (key == "pkgrel")
            once(info_.pkgrel, key, std::move(value));
        else if (key == "epoch")
            once(info_.epoch, key, std::move(value));
        else if (key == "arch")
            add(info_.architectures, std::move(value), kMaxArchitectures);
    }

    static void once(std::string& place, std::string_view key, std::string value)
    {
        if (!place.empty())
            refuse(kWhat, kCode, {{std::string(key), "is there twice"}});
        place = std::move(value);
    }

    /// One more than allowed is kept, so that the rules see it.
    static void add(std::vector<std::string>& list, std::string value, std::size_t most)
    {
        if (list.size() <= most && std::ranges::find(list, value) == list.end())
            list.push_back(std::move(value));
    }

    void requireComplete() const
    {
        std::vector<FieldError> missing;
        for (const auto& [field, value] : {std::pair{"pkgbase", &info_.pkgname}, std::pair{"pkgver", &info_.pkgver},
                                           std::pair{"pkgrel", &info_.pkgrel}})
            if (value->empty())
                missing.push_back({field, "is missing"});
        if (!missing.empty())
            refuse(kWhat, kCode, std::move(missing));
        if (auto complaints = complaintsAbout(info_); !complaints.empty())
            refuse(kWhat, kCode, std::move(complaints));
    }

    PackageInfo info_;
};

std::string shown(const std::vector<std::string>& list)
{
    return util::join(list, " ");
}

bool sameSet(std::vector<std::string> a, std::vector<std::string> b)
{
    std::ranges::sort(a);
    std::ranges::sort(b);
    return a == b;
}

/// Adds a warning for each field that both files tell and tell differently.
void reportDisagreement(PackageInfo& info, const PkgbuildFindings& pkgbuild)
{
    const auto report = [&](const char* field, const std::string& one, const std::string& other) {
        info.warnings.push_back(std::string("The .SRCINFO says ") + field + " '" + one + "', the PKGBUILD says '"
                                + other + "'; the .SRCINFO is used.");
    };
    const auto& other = pkgbuild.info;
    if (!other.pkgname.empty() && other.pkgname != info.pkgname)
        report("pkgbase", info.pkgname, other.pkgname);
    if (!other.pkgver.empty() && other.pkgver != info.pkgver)
        report("pkgver", info.pkgver, other.pkgver);
    if (!other.pkgrel.empty() && other.pkgrel != info.pkgrel)
        report("pkgrel", info.pkgrel, other.pkgrel);
    if (other.epoch != info.epoch)
        report("epoch", info.epoch, other.epoch);
    if (!other.pkgnames.empty() && !sameSet(other.pkgnames, info.pkgnames))
        report("pkgname", shown(info.pkgnames), shown(other.pkgnames));
    if (!other.architectures.empty() && !sameSet(other.architectures, info.architectures))
        report("arch", shown(info.architectures), shown(other.architectures));
}

} // namespace

PackageInfo readSrcinfo(std::string_view text)
{
    return SrcinfoReader().read(plainText(text, "The .SRCINFO", kCode));
}

PackageInfo readPackage(std::string_view pkgbuild, const std::optional<std::string>& srcinfo)
{
    if (!srcinfo)
        return readPkgbuild(pkgbuild);
    PackageInfo info;
    try {
        info = readSrcinfo(*srcinfo);
    } catch (const Error& error) {
        info = readPkgbuild(pkgbuild);
        info.warnings.push_back(std::string(error.what()) + "; the PKGBUILD alone is used.");
        return info;
    }
    const auto found = examinePkgbuild(pkgbuild);
    if (!found.wrong.empty())
        refuse("The PKGBUILD cannot be used", "invalid_pkgbuild", found.wrong);
    // A .SRCINFO does not tell them.
    for (const auto& field : found.unknown)
        if (field.field == "apb_extra_repos")
            refuse("The PKGBUILD cannot be used", "invalid_pkgbuild", {field});
    info.extraRepositories = found.info.extraRepositories;
    reportDisagreement(info, found);
    return info;
}

} // namespace apbfarm::package
