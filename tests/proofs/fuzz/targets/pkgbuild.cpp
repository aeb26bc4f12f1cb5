// SPDX-License-Identifier: MIT
#include "package_facts.h"

#include "package/pkgbuild_reader.h"
#include "package/shell_reader.h"
#include "package/shell_variables.h"

#include <apbfarm/errors.h>

namespace apbfarm::fuzz {

namespace {

std::size_t looksAt(std::string_view text)
{
    package::ShellReader reader(text);
    reader.run();
    return reader.looks();
}

/// Work per character stays what it is when the same text comes again and again (K3).
void requireLinear(std::string_view bytes)
{
    constexpr std::size_t kMostLooks = 24;
    require(looksAt(bytes) <= kMostLooks * (bytes.size() + 256), "work grows with the length (K3)");
    if (bytes.empty() || bytes.size() > 1024 || bytes.size() % 8 != 0)
        return;
    std::string longer;
    while (longer.size() < 16384)
        longer += bytes;
    require(looksAt(longer) <= kMostLooks * (longer.size() + 256), "and not faster (K3)");
}

}

void tryInput(std::string_view bytes)
{
    requireLinear(bytes);
    try {
        const auto found = package::examinePkgbuild(bytes);
        for (const auto& text : found.info.pkgnames)
            require(text.size() <= package::kMaxShellValue, "values are bounded (K3)");
        for (const auto& [field, message] : found.wrong)
            require(!hasControls(message) && message.size() < 400, "a complaint is one short line (K4)");
    } catch (const InvalidInput&) {
        require(bytes.find('\0') != bytes.npos, "only binary data has no findings");
    }
    try {
        requireRules(package::readPkgbuild(bytes));
    } catch (const InvalidInput&) {
    }
}

}
