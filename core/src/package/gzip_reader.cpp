// SPDX-License-Identifier: MIT
#include "package/gzip_reader.h"

#include "package/tarball_error.h"

#include <libdeflate.h>

#include <algorithm>

namespace apbfarm::package {

namespace {

constexpr std::string_view kMagic("\x1f\x8b\x08", 3);
constexpr std::size_t kTrailer = 8;
constexpr std::size_t kShortestFile = 18;   // header and trailer
constexpr std::size_t kKept = 64;           // more than the library looks ahead of what it has taken
constexpr auto kDamaged = "the gzip data is damaged or cut short";

std::uint32_t littleEndian(std::string_view bytes)
{
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;)
        value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
}

bool isZero(std::string_view bytes)
{
    return bytes.find_first_not_of('\0') == bytes.npos;
}

} // namespace

GzipReader::GzipReader(ByteSource& packed, const TarballLimits& limits)
    : packed_(packed), limits_(limits), reader_(orBadAlloc(archive_read_new()))
{
}

la_ssize_t GzipReader::give(archive*, void* self, const void** bytes)
{
    auto& reader = *static_cast<GzipReader*>(self);
    return reader.caught_.guard<>(la_ssize_t(-1), [&] {
        const auto piece = reader.nextPacked();
        *bytes = piece.data();
        return static_cast<la_ssize_t>(piece.size());
    });
}

std::string_view GzipReader::nextPacked()
{
    if (haveFirst_) {
        haveFirst_ = false;
        return piece_;
    }
    before_.append(piece_.substr(piece_.size() - std::min(piece_.size(), kKept)));
    before_.erase(0, before_.size() - std::min(before_.size(), kKept));
    pieceStart_ += piece_.size();
    piece_ = packed_.read();
    return piece_;
}

void GzipReader::start()
{
    piece_ = packed_.read();
    if (piece_.size() < kMagic.size()) {
        head_ = piece_;
        for (auto more = packed_.read(); !more.empty(); more = packed_.read()) {
            head_ += more;
            if (head_.size() >= kMagic.size())
                break;
        }
        piece_ = head_;
    }
    haveFirst_ = true;
    if (!piece_.starts_with(kMagic))
        refuseTarball("not a gzip file");

    // The filter is named instead of guessed: otherwise gzip within gzip would be unpacked twice.
    archive_read_append_filter(reader_.get(), ARCHIVE_FILTER_GZIP);
    archive_read_support_format_raw(reader_.get());
    archive_entry* entry = nullptr;
    const bool open = archive_read_open(reader_.get(), this, nullptr, &give, nullptr) == ARCHIVE_OK
        && archive_read_next_header(reader_.get(), &entry) == ARCHIVE_OK;
    caught_.rethrow();
    state_ = State::Inside;
    if (open)
        return;
    blameMemory(reader_.get());
    finish();   // right only when the member is whole and empty
}

std::string_view GzipReader::read()
{
    if (state_ == State::Start)
        start();
    return state_ == State::Inside ? inflated() : std::string_view();
}

std::string_view GzipReader::inflated()
{
    const void* bytes = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int result = archive_read_data_block(reader_.get(), &bytes, &size, &offset);
    caught_.rethrow();
    if (result == ARCHIVE_EOF) {
        finish();
        return {};
    }
    if (result != ARCHIVE_OK) {
        blameMemory(reader_.get());
        refuseTarball(kDamaged);
    }
    checksum_ = libdeflate_crc32(checksum_, bytes, size);   // several times as fast as zlib's
    out_ += size;
    checkRatio();
    return {static_cast<const char*>(bytes), size};
}

void GzipReader::checkRatio() const
{
    if (out_ > limits_.ratioFrom && out_ / limits_.ratio > consumed())
        refuseTarball("it unpacks to more than " + std::to_string(limits_.ratio) + " times its size");
}

std::uint64_t GzipReader::consumed() const
{
    return static_cast<std::uint64_t>(std::max<la_int64_t>(archive_filter_bytes(reader_.get(), -1), 0));
}

void GzipReader::finish()
{
    checkTrailer();
    checkRest();
    state_ = State::End;
}

/// Over everything that came out: a second member makes the checksum or the length wrong.
void GzipReader::checkTrailer() const
{
    const auto end = consumed();
    const auto trailer = packedBefore(end, kTrailer);
    if (end < kShortestFile || trailer.size() != kTrailer)
        refuseTarball(kDamaged);
    const auto rest = std::string_view(trailer);
    if (littleEndian(rest) != checksum_ || littleEndian(rest.substr(4)) != static_cast<std::uint32_t>(out_))
        refuseTarball("the gzip checksum is wrong, or something follows the first gzip member");
}

void GzipReader::checkRest()
{
    const auto end = consumed();
    // When the end lies before this piece, the bytes between were looked at by the library and kept by us.
    const auto between = end < pieceStart_ ? packedBefore(pieceStart_, pieceStart_ - end) : std::string();
    const auto rest =
        end > pieceStart_ ? piece_.substr(std::min<std::uint64_t>(end - pieceStart_, piece_.size())) : piece_;
    bool zero = isZero(between) && isZero(rest);
    for (auto more = nextPacked(); zero && !more.empty(); more = nextPacked())
        zero = isZero(more);
    if (!zero)
        refuseTarball("something follows the gzip data");
}

std::string GzipReader::packedBefore(std::uint64_t end, std::size_t count) const
{
    const auto known = pieceStart_ - before_.size();
    const auto all = before_ + std::string(piece_.substr(0, kKept));
    const auto start = end - std::min<std::uint64_t>(count, end);
    if (end > pieceStart_ + kKept) {
        const auto inPiece = end - pieceStart_;
        return inPiece <= piece_.size() ? std::string(piece_.substr(inPiece - count, count)) : std::string();
    }
    return start >= known && end <= known + all.size() ? all.substr(start - known, end - start) : std::string();
}

} // namespace apbfarm::package
