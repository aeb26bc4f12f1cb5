// SPDX-License-Identifier: MIT
#include "support/submitted_pkgbuild.h"

#include "util/text.h"

#include <Poco/Exception.h>
#include <Poco/InflatingStream.h>
#include <Poco/MemoryStream.h>

#include <cstdlib>

namespace apbfarm::test {

std::string pkgnameOf(const std::string& pkgbuild)
{
    std::string found = "unknown";
    for (const auto& line : util::splitList(pkgbuild, '\n')) {
        if (!line.starts_with("pkgname=") && !line.starts_with("pkgbase="))
            continue;
        auto value = line.substr(8);
        std::erase_if(value, [](char c) { return c == '"' || c == '\'' || c == '(' || c == ')'; });
        const auto names = util::splitList(value, ' ');
        if (!names.empty() && (found == "unknown" || line.starts_with("pkgbase=")))
            found = names.front();
    }
    return found;
}

std::string pkgbuildIn(const std::string& tarball)
{
    Poco::MemoryInputStream compressed(tarball.data(), static_cast<std::streamsize>(tarball.size()));
    Poco::InflatingInputStream tar(compressed, Poco::InflatingStreamBuf::STREAM_GZIP);
    std::string head(512, '\0');
    try {
        while (tar.read(head.data(), static_cast<std::streamsize>(head.size())) && head[0] != '\0') {
            const std::string name = head.substr(0, 100).c_str();
            const auto size = std::strtoull(head.substr(124, 11).c_str(), nullptr, 8);
            if (name == "PKGBUILD" || name == "./PKGBUILD") {
                std::string content(size, '\0');
                tar.read(content.data(), static_cast<std::streamsize>(size));
                return content.substr(0, static_cast<std::size_t>(tar.gcount()));
            }
            tar.ignore(static_cast<std::streamsize>((size + 511) / 512 * 512));
        }
    } catch (const Poco::Exception&) {
    }
    return {};
}

} // namespace apbfarm::test
