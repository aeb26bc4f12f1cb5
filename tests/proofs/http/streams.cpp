// SPDX-License-Identifier: MIT
#include "proofs/http/streams.h"

#include <algorithm>
#include <array>
#include <random>

namespace apbfarm::proofs {

namespace {

using Random = std::mt19937_64;

/// Proxies write what is longer, or no ASCII, into their logs in ways of their own.
constexpr std::size_t kLongestPiece = 2000;

constexpr std::array<std::string_view, 34> kTokens{
    "\r\n", "\n", "\r", "\r\r\n", " ", "\t", "\x0b", ":", ",", ";", "0", "1", "a", "-", "+", "\r\n\r\n", "0\r\n\r\n", "5\r\nhello\r\n",
    "\r\n ", "Content-Length: 5\r\n", "Content-Length: 0\r\n", "Content-Length:5\r\n", "Content-Length : 5\r\n",
    "Transfer-Encoding: chunked\r\n", "Transfer-Encoding:\tchunked\r\n", "Transfer-Encoding: identity\r\n",
    "Transfer-Encoding: x, chunked\r\n", "X: y\r\n", "Connection: keep-alive\r\n", "Connection: Transfer-Encoding\r\n",
    "Connection: Content-Length\r\n", "Expect: 100-continue\r\n", "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.0"};

std::size_t upTo(Random& random, std::size_t most)
{
    return static_cast<std::size_t>(random() % (most + 1));
}

/// Behind a line end as often as anywhere: there fields begin.
std::size_t place(Random& random, const std::string& text)
{
    const auto at = upTo(random, text.size());
    if (random() % 2)
        return at;
    const auto line = text.find('\n', at);
    return line == text.npos ? at : line + 1;
}

void change(Random& random, std::string& text)
{
    const auto token = kTokens[upTo(random, kTokens.size() - 1)];
    const auto at = place(random, text);
    switch (random() % 5) {
    case 0: text.erase(at, 1 + upTo(random, 3)); break;
    case 1: text.replace(at, 1, token); break;
    case 2: text.insert(at, text.substr(place(random, text), upTo(random, 60))); break;
    default: text.insert(at, token); break;
    }
}

}

Streams::Streams(const std::vector<KeptRequest>& kept)
{
    const auto isPlain = [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != '\0'; };
    for (const auto& [name, answers, bytes] : kept)
        if (!bytes.empty() && bytes.size() <= kLongestPiece && std::ranges::all_of(bytes, isPlain))
            pieces_.push_back(bytes);
}

std::string Streams::make(std::uint64_t number) const
{
    Random random(number * 0x9e3779b97f4a7c15u + 1);
    std::string text;
    for (auto count = 1 + upTo(random, 2); count > 0; --count)
        text += pieces_[upTo(random, pieces_.size() - 1)];
    for (auto changes = upTo(random, 3); changes > 0; --changes)
        change(random, text);
    return text + "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
}

}
