// SPDX-License-Identifier: MIT
#include "package/pkgbuild_reader.h"

#include "package/package_rules.h"
#include "package/plain_text.h"
#include "package/shell_reader.h"

#include <algorithm>
#include <optional>

namespace apbfarm::package {

namespace {

constexpr auto kOnlyByRunning = "can only be found by running the PKGBUILD; a .SRCINFO beside it would tell";

class Finder {
public:
    explicit Finder(const ShellVariables& variables) : variables_(variables) {}

    PkgbuildFindings find()
    {
        auto& info = found_.info;
        info.pkgnames = list("pkgname");
        info.pkgname = base(info.pkgnames);
        info.architectures = architectures();
        info.pkgver = version("pkgver", true);
        info.pkgrel = version("pkgrel", true);
        info.epoch = version("epoch", false);
        if (variables_.find("apb_extra_repos"))
            info.extraRepositories = list("apb_extra_repos");
        return std::move(found_);
    }

private:
    void unknown(const std::string& field, const std::string& why) { found_.unknown.push_back({field, why}); }

    std::vector<std::string> list(const std::string& field)
    {
        const auto* variable = variables_.find(field);
        if (!variable) {
            unknown(field, "is missing");
            return {};
        }
        std::vector<std::string> values;
        for (const auto& item : variable->items)
            if (std::ranges::find(values, item.text) == values.end() && values.size() <= kMaxPackageNames)
                values.push_back(item.text);
        if (variable->known && std::ranges::all_of(variable->items, &ShellValue::known))
            return values;
        unknown(field, kOnlyByRunning);
        return {};
    }

    std::string base(const std::vector<std::string>& names)
    {
        const auto* variable = variables_.find("pkgbase");
        if (!variable)
            return names.empty() ? std::string() : names.front();
        if (variable->known && !variable->items.empty() && variable->items.front().known)
            return variable->items.front().text;
        unknown("pkgbase", kOnlyByRunning);
        return {};
    }

    std::vector<std::string> architectures()
    {
        // Existing farms take a file without arch=() for x86_64.
        return variables_.find("arch") ? list("arch") : std::vector<std::string>{"x86_64"};
    }

    std::string version(const std::string& field, bool expected)
    {
        const auto* variable = variables_.find(field);
        if (variable && variable->known && !variable->items.empty() && variable->items.front().known)
            return variable->items.front().text;
        if (variable)
            found_.info.warnings.push_back("The " + field + " " + std::string(kOnlyByRunning) + ".");
        else if (expected)
            found_.info.warnings.push_back("The PKGBUILD has no " + field + ".");
        return {};
    }

    const ShellVariables& variables_;
    PkgbuildFindings found_;
};

/// Complaints about fields that are unknown anyway would say the same twice.
std::vector<FieldError> withoutUnknown(std::vector<FieldError> wrong, const std::vector<FieldError>& unknown)
{
    std::erase_if(wrong, [&](const FieldError& complaint) {
        return std::ranges::any_of(unknown, [&](const FieldError& u) { return u.field == complaint.field; });
    });
    return wrong;
}

} // namespace

PkgbuildFindings examinePkgbuild(std::string_view text)
{
    const auto plain = plainText(text, "The PKGBUILD", "invalid_pkgbuild");
    ShellReader reader(plain);
    reader.run();

    auto found = Finder(reader.variables()).find();
    found.wrong = withoutUnknown(complaintsAbout(found.info), found.unknown);
    if (reader.isCutOff())
        found.info.warnings.push_back("The PKGBUILD ends inside a quote, a list or a here-document.");
    if (reader.runsOtherText())
        found.info.warnings.push_back("The PKGBUILD takes in other text when it runs; the values found may change.");
    return found;
}

PackageInfo readPkgbuild(std::string_view text)
{
    auto found = examinePkgbuild(text);
    auto complaints = std::move(found.unknown);
    complaints.insert(complaints.end(), found.wrong.begin(), found.wrong.end());
    if (!complaints.empty())
        refuse("The PKGBUILD cannot be used", "invalid_pkgbuild", std::move(complaints));
    return std::move(found.info);
}

} // namespace apbfarm::package
