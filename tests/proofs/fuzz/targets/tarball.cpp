// SPDX-License-Identifier: MIT
#include "property.h"

#include "package/source_tarball.h"
#include "support/manual_clock.h"
#include "util/text.h"

#include <apbfarm/errors.h>

#include <cstdint>
#include <optional>
#include <set>
#include <zlib.h>

// Most random changes of a packed archive end at a wrong checksum. So the input is, by its first byte, either a packed
// archive, or a tar that is packed here, or a tar whose headers get right checksums first.
namespace apbfarm::fuzz {

namespace {

class Pieces final : public package::ByteSource {
public:
    Pieces(std::string_view bytes, std::size_t size) : bytes_(bytes), size_(size == 0 ? bytes.size() : size) {}

    std::string_view read() override
    {
        const auto piece = bytes_.substr(0, size_);
        bytes_.remove_prefix(piece.size());
        return piece;
    }

private:
    std::string_view bytes_;
    std::size_t size_;
};

/// Stored, not compressed: quick, and what the reader sees is what the input says.
std::string packed(std::string_view bytes)
{
    std::string out("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
    const auto little = [&](std::uint32_t value, int count) {
        for (int i = 0; i < count; ++i)
            out += static_cast<char>(value >> (8 * i));
    };
    const auto all = bytes;
    do {
        const auto block = bytes.substr(0, 65535);
        bytes.remove_prefix(block.size());
        out += bytes.empty() ? '\1' : '\0';
        little(static_cast<std::uint32_t>(block.size()), 2);
        little(static_cast<std::uint32_t>(block.size()) ^ 0xffff, 2);
        out += block;
    } while (!bytes.empty());
    little(static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(all.data()),
                                            static_cast<uInt>(all.size()))), 4);
    little(static_cast<std::uint32_t>(all.size()), 4);
    return out;
}

std::string withChecksums(std::string tar)
{
    for (std::size_t at = 0; at + 512 <= tar.size();) {
        tar.replace(at + 148, 8, 8, ' ');
        unsigned sum = 0;
        for (std::size_t i = 0; i < 512; ++i)
            sum += static_cast<unsigned char>(tar[at + i]);
        if (sum == 8 * ' ') {
            tar.replace(at + 148, 8, 8, '\0');
            at += 512;
            continue;
        }
        char text[8];
        std::snprintf(text, sizeof text, "%06o", sum);
        tar.replace(at + 148, 7, text, 7);
        const auto size = std::strtoull(tar.substr(at + 124, 11).c_str(), nullptr, 8);
        at += 512 + (std::min<std::size_t>(size, tar.size()) + 511) / 512 * 512;
    }
    return tar;
}

struct Outcome {
    std::string refused;
    std::optional<package::TarballContents> contents;
};

Outcome inspect(std::string_view tarball, std::size_t piece)
{
    const test::ManualClock clock;
    Pieces source(tarball, piece);
    try {
        return {{}, package::inspectTarball(source, {}, clock)};
    } catch (const Error& error) {
        return {error.what(), {}};
    }
}

class Names final : public package::TarballReceiver {
public:
    std::size_t pkgbuilds = 0;

private:
    void beginFile(const std::string& name) override
    {
        require(seen_.insert(name).second, "no name twice (X5)");
        pkgbuilds += name == "PKGBUILD";
        check(name);
    }
    void bytes(std::string_view) override {}
    void link(const std::string& name) override { check(name); }

    void check(const std::string& name) const
    {
        require(!name.empty() && name.size() <= 4096 && name[0] != '/', "a name is relative and short (X4, X5)");
        require(util::isUtf8(name) && !hasControls(name) && name.find('\\') == name.npos, "a name is plain (X5)");
        std::string_view rest = name;
        while (!rest.empty()) {
            const auto component = rest.substr(0, rest.find('/'));
            rest.remove_prefix(std::min(component.size() + 1, rest.size()));
            require(component != ".." && component.size() <= 255, "no component leads upwards (X5)");
        }
    }

    std::set<std::string> seen_;
};

std::string asTarball(std::string_view bytes)
{
    const auto kind = bytes.empty() ? 0 : bytes[0] & 3;
    bytes.remove_prefix(std::min<std::size_t>(1, bytes.size()));
    if (kind == 0)
        return std::string(bytes);
    return packed(kind == 1 ? std::string(bytes) : withChecksums(std::string(bytes)));
}

}

void tryInput(std::string_view bytes)
{
    const auto tarball = asTarball(bytes);
    const auto whole = inspect(tarball, 0);
    for (const auto size : pieceSizes(bytes)) {
        if (size == 1 && tarball.size() > 3000)
            continue;
        const auto cut = inspect(tarball, size);
        require(cut.refused.empty() == whole.refused.empty(), "cuts do not matter");
        if (cut.contents)
            require(cut.contents->pkgbuild == whole.contents->pkgbuild, "nor to what is found");
    }
    Names names;
    Pieces source(tarball, 0);
    bool unpacked = true;
    try {
        package::unpackTarball(source, names, {}, test::ManualClock());
    } catch (const Error&) {
        unpacked = false;
    }
    // What is only taken apart may have a larger PKGBUILD than what is looked at; no input here is that large.
    require(unpacked == whole.refused.empty(), "what the farm accepts, a build server can take apart");
    require(!unpacked || names.pkgbuilds == 1, "exactly one PKGBUILD (X6)");
}

}
