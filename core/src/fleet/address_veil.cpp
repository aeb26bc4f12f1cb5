// SPDX-License-Identifier: MIT
#include "fleet/address_veil.h"

#include "fleet/server_address.h"
#include "util/text.h"

#include <apbfarm/errors.h>

#include <algorithm>
#include <vector>

namespace apbfarm::fleet {

namespace {

constexpr std::string_view kBetweenWords = " \t\"'`<>(){},;|";

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// Something that goes on is a version or a name, not an address.
bool goesOn(char c)
{
    return isDigit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.';
}

bool standsAlone(std::string_view word, std::size_t begin, std::size_t length)
{
    return (begin == 0 || !goesOn(word[begin - 1])) && (begin + length >= word.size() || !goesOn(word[begin + length]));
}

bool isIpv4(std::string_view text)
{
    if (std::ranges::count(text, '.') != 3)
        return false;
    const auto parts = util::splitList(text, '.');
    return parts.size() == 4 && std::ranges::all_of(parts, [](const auto& part) {
        return util::parseUnsigned(part, 255).has_value();
    });
}

bool isIpv6(std::string_view text)
{
    const bool shortened = text.find("::") != text.npos && text.size() > 2;
    return shortened || std::ranges::count(text, ':') == 7;
}

/// Whether one of the longest pieces made of `characters` is an address.
bool hasPiece(std::string_view word, std::string_view characters, bool (*isAddress)(std::string_view))
{
    for (auto begin = word.find_first_of(characters); begin != word.npos;) {
        const auto end = std::min(word.find_first_not_of(characters, begin), word.size());
        auto piece = word.substr(begin, end - begin);
        while (piece.ends_with('.'))
            piece.remove_suffix(1);
        if (isAddress(piece) && (end - begin > piece.size() || standsAlone(word, begin, piece.size())))
            return true;
        begin = word.find_first_of(characters, end);
    }
    return false;
}

bool hasName(std::string_view word, std::string_view name)
{
    for (auto at = word.find(name); !name.empty() && at != word.npos; at = word.find(name, at + 1))
        if ((at == 0 || !goesOn(word[at - 1])) && (at + name.size() == word.size() || word[at + name.size()] == '.' ||
                                                   !goesOn(word[at + name.size()])))
            return true;
    return false;
}

std::vector<std::string> namesOf(const ServerId& server)
{
    try {
        auto host = util::toLower(parseServerUrl(server).host);
        const auto label = host.substr(0, host.find('.'));
        // A first label that is a plain word ("build") may be part of any sentence.
        const bool telling = std::ranges::any_of(label, isDigit) && label.size() > 3 && !isIpv4(host);
        return telling ? std::vector{host, label} : std::vector{host};
    } catch (const Error&) {
        return {};
    }
}

} // namespace

std::string withoutAddresses(std::string_view text, const ServerId& server)
{
    const auto names = namesOf(server);
    const auto tells = [&](const std::string& word) {
        return word.find("://") != word.npos || hasPiece(word, "0123456789.", isIpv4) ||
               hasPiece(word, "0123456789abcdef:", isIpv6) ||
               std::ranges::any_of(names, [&](const auto& name) { return hasName(word, name); });
    };
    std::string shown;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(kBetweenWords), text.size());
        const auto word = text.substr(0, end);
        shown += tells(util::toLower(word)) ? "[address]" : std::string(word);
        shown += text.substr(end, 1);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return shown;
}

} // namespace apbfarm::fleet
