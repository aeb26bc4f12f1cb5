// SPDX-License-Identifier: MIT
#pragma once

#include <Poco/DeflatingStream.h>

#include <cstdint>
#include <cstdio>
#include <sstream>
#include <string>
#include <string_view>

/// Archives made byte by byte, so that tests can make the ones that no tool would.
namespace apbfarm::test {

struct TarEntry {
    std::string name;
    std::string content = {};
    char type = '0';
    std::string link = {};
    std::string sizeField = {};      ///< instead of the right one
};

inline void finishHeader(std::string& block)
{
    block.replace(148, 8, 8, ' ');
    unsigned sum = 0;
    for (const unsigned char byte : block)
        sum += byte;
    char text[9];
    std::snprintf(text, sizeof text, "%06o", sum);
    block.replace(148, 7, std::string(text, 6) + '\0');
}

inline std::string tarHeader(const TarEntry& entry, std::string_view magic = std::string_view("ustar\0" "00", 8))
{
    std::string block(512, '\0');
    const auto put = [&](std::size_t at, std::string_view text) { block.replace(at, text.size(), text); };
    char size[13];
    std::snprintf(size, sizeof size, "%011llo", static_cast<unsigned long long>(entry.content.size()));
    put(0, std::string_view(entry.name).substr(0, 100));
    put(100, "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, entry.sizeField.empty() ? std::string(size) : entry.sizeField);
    put(136, "00000000000");
    block[156] = entry.type;
    put(157, std::string_view(entry.link).substr(0, 100));
    put(257, magic);
    finishHeader(block);
    return block;
}

inline std::string padded(std::string bytes)
{
    bytes.resize((bytes.size() + 511) / 512 * 512, '\0');
    return bytes;
}

inline std::string tarEntry(const TarEntry& entry)
{
    return tarHeader(entry) + padded(entry.content);
}

/// "length key=value\n", the length counting itself.
inline std::string paxRecord(const std::string& key, const std::string& value)
{
    const auto rest = " " + key + "=" + value + "\n";
    auto length = rest.size() + 1;
    while (std::to_string(length).size() + rest.size() != length)
        ++length;
    return std::to_string(length) + rest;
}

inline std::string tarEnd()
{
    return std::string(1024, '\0');
}

inline std::string gzip(const std::string& bytes)
{
    // The library writes nothing at all for nothing.
    if (bytes.empty())
        return std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0", 20);
    std::ostringstream packed;
    Poco::DeflatingOutputStream deflate(packed, Poco::DeflatingStreamBuf::STREAM_GZIP, 6);
    deflate.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    deflate.close();
    return packed.str();
}

} // namespace apbfarm::test
