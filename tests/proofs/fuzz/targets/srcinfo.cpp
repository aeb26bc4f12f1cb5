// SPDX-License-Identifier: MIT
#include "package_facts.h"

#include "package/srcinfo_reader.h"

#include <apbfarm/errors.h>

#include <optional>

namespace apbfarm::fuzz {

namespace {

std::optional<package::PackageInfo> read(std::string_view text)
{
    try {
        return package::readSrcinfo(text);
    } catch (const InvalidInput& error) {
        require(error.code() == "invalid_srcinfo" && !hasControls(error.what()), "a refusal is one line (K2)");
        return std::nullopt;
    }
}

}

void tryInput(std::string_view bytes)
{
    constexpr auto pkgbuild = "pkgname=hello\npkgver=$(date)\npkgrel=1\narch=(any)\n";
    const auto info = read(bytes);
    if (info) {
        requireRules(*info);
        const auto again = read(std::string(bytes) + "\r\n");
        require(again && again->pkgnames == info->pkgnames && again->pkgver == info->pkgver, "an empty line more");
    }
    const auto both = package::readPackage(pkgbuild, std::string(bytes));
    requireRules(both);
    require(both.pkgname == (info ? info->pkgname : "hello"), "a valid .SRCINFO is preferred (K2)");
}

}
