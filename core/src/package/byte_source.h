// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace apbfarm::package {

/// Bytes in order, a piece at a time. One thread.
class ByteSource {
public:
    virtual ~ByteSource() = default;

    /// The next piece, valid until the next call; empty at the end.
    virtual std::string_view read() = 0;
};

/// Bytes that somebody else keeps.
class MemorySource final : public ByteSource {
public:
    explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
    std::string_view read() override;

private:
    std::string_view bytes_;
};

/// A file from its start, whatever its offset is; the descriptor stays the caller's. Throws `Unavailable`.
class FileSource final : public ByteSource {
public:
    explicit FileSource(int descriptor);
    std::string_view read() override;

private:
    int descriptor_;
    std::uint64_t offset_ = 0;
    std::string buffer_;
};

} // namespace apbfarm::package
