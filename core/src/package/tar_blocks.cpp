// SPDX-License-Identifier: MIT
#include "package/tar_blocks.h"

#include "package/tarball_error.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace apbfarm::package {

namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kSizeField = 124;
constexpr std::size_t kSizeLength = 12;
constexpr std::size_t kTypeField = 156;
constexpr auto kDamaged = "the archive is damaged or cut short";

/// Octal digits, as every special header of a real archive has them; empty for anything else.
std::optional<std::uint64_t> octal(std::string_view field)
{
    field.remove_prefix(std::min(field.find_first_not_of(' '), field.size()));
    std::uint64_t value = 0;
    std::size_t digits = 0;
    for (; digits < field.size() && field[digits] >= '0' && field[digits] <= '7'; ++digits)
        value = value * 8 + static_cast<std::uint64_t>(field[digits] - '0');
    const auto rest = field.substr(digits);
    if (digits == 0 || rest.find_first_not_of(std::string_view(" \0", 2)) != rest.npos)
        return std::nullopt;
    return value;
}

bool isSpecial(char kind)
{
    return kind == 'x' || kind == 'g' || kind == 'L' || kind == 'K';
}

/// Regular (three spellings), hard link, symbolic link, folder, GNU sparse file.
bool isAllowed(char kind)
{
    return kind == '0' || kind == '\0' || kind == '1' || kind == '2' || kind == '5' || kind == 'S';
}

bool isZero(std::string_view bytes)
{
    return bytes.find_first_not_of('\0') == bytes.npos;
}

/// "27 path=some/name\n" and the like, one after the other. True when a name in it holds a NUL.
bool hasNulInName(std::string_view records)
{
    while (!records.empty()) {
        const auto space = records.find(' ');
        const auto length = util::parseUnsigned(records.substr(0, space), records.size());
        if (space == records.npos || !length || *length <= space)
            return false;   // the library refuses it
        const auto record = records.substr(space + 1, *length - space - 1);
        const auto key = record.substr(0, record.find('='));
        const bool isName = key == "path" || key == "linkpath" || key == "GNU.sparse.name";
        if (isName && record.find('\0') != record.npos)
            return true;
        records.remove_prefix(*length);
    }
    return false;
}

} // namespace

std::string_view TarBlocks::next()
{
    const auto piece = unpacked_.read();
    if (!keeping_) {
        kept_.clear();
        keptStart_ = given_;
        last_ = piece;
    } else {
        kept_.append(piece);
    }
    given_ += piece.size();
    // Each special header may come once or twice per entry, and the reader works a piece ahead.
    if (keeping_ && kept_.size() > 4 * limits_.paxHeader + (1 << 20))
        refuseTarball("the headers of an entry are too large");
    return piece;
}

void TarBlocks::beginHeaders(std::uint64_t from)
{
    keeping_ = true;
    kept_.append(std::exchange(last_, {}));
    // Moving what is left to the front for every small entry would cost more than reading them.
    constexpr std::uint64_t kWorthMoving = 512 << 10;
    if (from > keptStart_ + kWorthMoving) {
        const auto drop = std::min<std::uint64_t>(from - keptStart_, kept_.size());
        kept_.erase(0, drop);
        keptStart_ += drop;
    }
}

std::string_view TarBlocks::at(std::uint64_t position) const
{
    if (position < keptStart_ || position > given_)
        refuseTarball(kDamaged);
    return std::string_view(kept_).substr(position - keptStart_);
}

std::string_view TarBlocks::block(std::uint64_t position) const
{
    const auto bytes = at(position).substr(0, kBlock);
    if (bytes.size() < kBlock)
        refuseTarball(kDamaged);
    return bytes;
}

void TarBlocks::endHeaders(std::uint64_t start)
{
    keeping_ = false;
    for (auto header = block(start); isSpecial(header[kTypeField]); header = block(start)) {
        const auto size = octal(header.substr(kSizeField, kSizeLength));
        if (!size || *size > limits_.paxHeader)
            refuseTarball("a header of an entry is too large");
        const auto body = at(start + kBlock).substr(0, *size);
        if (body.size() != *size)
            refuseTarball(kDamaged);
        checkSpecial(header[kTypeField], body);
        start += kBlock + (*size + kBlock - 1) / kBlock * kBlock;
    }
    if (!isAllowed(block(start)[kTypeField]))
        refuseTarball("it holds something that is neither a file, a folder nor a link");
}

void TarBlocks::checkSpecial(char kind, std::string_view body) const
{
    const bool isPax = kind == 'x' || kind == 'g';
    if (isPax && hasNulInName(body))
        refuseTarball("a name has characters that are not allowed");
    if (!isPax && body.size() > limits_.nameLength + 1)
        refuseTarball("a name is too long");
}

void TarBlocks::checkEnd(std::uint64_t start)
{
    keeping_ = false;
    if (!isZero(block(start)))
        refuseTarball(kDamaged);
    bool zero = isZero(at(start));
    for (auto piece = next(); zero && !piece.empty(); piece = next())
        zero = isZero(piece);
    if (!zero)
        refuseTarball("something follows the end of the archive");
}

} // namespace apbfarm::package
