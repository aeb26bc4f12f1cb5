// SPDX-License-Identifier: MIT
#include "package/architectures.h"

#include "package/package_rules.h"

#include "util/text.h"

#include <algorithm>

namespace apbfarm::package {

namespace {

bool contains(const std::vector<std::string>& list, const std::string& word)
{
    return std::ranges::find(list, word) != list.end();
}

void addOnce(std::vector<std::string>& list, const std::string& word)
{
    if (!contains(list, word))
        list.push_back(word);
}

[[noreturn]] void refuseArchitectures(std::string why)
{
    refuse("The architectures cannot be used", "invalid_architectures", {{"architectures", std::move(why)}});
}

} // namespace

std::vector<std::string> parseArchitectures(std::string_view commaList)
{
    // Enough for 32 words with generous blanks; keeps the splitting of a hostile list cheap.
    if (commaList.size() > 4096)
        refuseArchitectures("is too long");
    std::vector<std::string> list;
    for (const auto& word : util::splitList(commaList, ',')) {
        if (!isArchitecture(word))
            refuseArchitectures("'" + util::oneLine(word, 60) + "' is not an architecture");
        addOnce(list, word);
    }
    if (list.size() > kMaxArchitectures)
        refuseArchitectures("has more than " + std::to_string(kMaxArchitectures) + " entries");
    return list;
}

std::vector<std::string> targetArchitectures(const PackageInfo& info, const std::vector<std::string>& requested)
{
    std::vector<std::string> targets;
    for (const auto& architecture : info.architectures)
        if (requested.empty() || contains(requested, architecture))
            addOnce(targets, architecture);
    if (contains(requested, "any"))
        addOnce(targets, "any");
    return targets;
}

} // namespace apbfarm::package
