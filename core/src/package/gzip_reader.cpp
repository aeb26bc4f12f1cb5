// SPDX-License-Identifier: MIT
#include "package/gzip_reader.h"

#include "package/tarball_error.h"

#include <libdeflate.h>

#include <algorithm>
#include <limits>
#include <new>

namespace apbfarm::package {

namespace {

// RFC 1952, 2.3.1
constexpr unsigned kHeaderChecksum = 0x02, kExtra = 0x04, kName = 0x08, kComment = 0x10, kReserved = 0xe0;
constexpr std::string_view kMagic("\x1f\x8b\x08", 3);

constexpr std::size_t kUnpacked = 128 << 10;   // bytes: stays in the second cache until all have seen it
constexpr auto kDamaged = "the gzip data is damaged or cut short";

bool isZero(std::string_view bytes)
{
    return bytes.find_first_not_of('\0') == bytes.npos;
}

} // namespace

GzipReader::GzipReader(ByteSource& packed, const TarballLimits& limits)
    : packed_(packed), limits_(limits), unpacked_(std::make_unique_for_overwrite<char[]>(kUnpacked))
{
    // The plain deflate stream: zlib's own checksum is several times as slow as the one used here.
    if (::inflateInit2(&stream_, -MAX_WBITS) != Z_OK)
        throw std::bad_alloc();
}

GzipReader::~GzipReader()
{
    ::inflateEnd(&stream_);
}

std::string_view GzipReader::read()
{
    if (state_ == State::Start) {
        skipHeader();
        state_ = State::Inside;
    }
    const auto bytes = state_ == State::Inside ? inflated() : std::string_view();
    if (bytes.empty() && state_ == State::Trailer) {
        checkTrailer();
        checkRest();
        state_ = State::End;
    }
    return bytes;
}

/// False at the end. Called only when nothing is left of the piece.
bool GzipReader::fetch()
{
    piece_ = packed_.read();
    fetched_ += piece_.size();
    return !piece_.empty();
}

unsigned char GzipReader::byte()
{
    if (piece_.empty() && !fetch())
        refuseTarball(kDamaged);
    const auto first = static_cast<unsigned char>(piece_.front());
    piece_.remove_prefix(1);
    return first;
}

/// Little-endian.
std::uint32_t GzipReader::number()
{
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 32; shift += 8)
        value |= std::uint32_t{byte()} << shift;
    return value;
}

void GzipReader::skip(std::size_t count)
{
    while (count-- > 0)
        byte();
}

void GzipReader::skipText()
{
    while (byte() != 0)
        continue;
}

void GzipReader::skipHeader()
{
    for (const unsigned char expected : kMagic)
        if ((piece_.empty() && !fetch()) || byte() != expected)
            refuseTarball("not a gzip file");
    const unsigned flags = byte();
    if (flags & kReserved)
        refuseTarball(kDamaged);
    skip(6);   // time, level, system
    if (flags & kExtra) {
        const unsigned low = byte();
        skip(low | unsigned{byte()} << 8);
    }
    if (flags & kName)
        skipText();
    if (flags & kComment)
        skipText();
    if (flags & kHeaderChecksum)
        skip(2);
}

/// From the piece into what is left of the buffer.
void GzipReader::step()
{
    const auto give = std::min<std::size_t>(piece_.size(), std::numeric_limits<uInt>::max());
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece_.data()));
    stream_.avail_in = static_cast<uInt>(give);
    const int result = ::inflate(&stream_, Z_NO_FLUSH);
    piece_.remove_prefix(give - stream_.avail_in);
    if (result == Z_STREAM_END)
        state_ = State::Trailer;
    else if (result == Z_MEM_ERROR)
        throw std::bad_alloc();
    else if (result != Z_OK && result != Z_BUF_ERROR)
        refuseTarball(kDamaged);
}

/// A full buffer, less at the end of the stream, nothing behind it: who reads tar wants whole blocks.
std::string_view GzipReader::inflated()
{
    stream_.next_out = reinterpret_cast<Bytef*>(unpacked_.get());
    stream_.avail_out = kUnpacked;
    while (state_ == State::Inside && stream_.avail_out > 0) {
        if (piece_.empty() && !fetch())
            refuseTarball(kDamaged);
        step();
    }
    const std::string_view bytes(unpacked_.get(), kUnpacked - stream_.avail_out);
    checksum_ = ::libdeflate_crc32(checksum_, bytes.data(), bytes.size());
    out_ += bytes.size();
    checkRatio();
    return bytes;
}

void GzipReader::checkRatio() const
{
    if (out_ > limits_.ratioFrom && out_ / limits_.ratio > fetched_ - piece_.size())
        refuseTarball("it unpacks to more than " + std::to_string(limits_.ratio) + " times its size");
}

void GzipReader::checkTrailer()
{
    const auto checksum = number();
    const auto length = number();
    if (checksum != checksum_ || length != static_cast<std::uint32_t>(out_))
        refuseTarball("the gzip checksum is wrong");
}

void GzipReader::checkRest()
{
    do {
        if (!isZero(piece_))
            refuseTarball("something follows the gzip data");
    } while (fetch());
}

} // namespace apbfarm::package
