// SPDX-License-Identifier: MIT
#include "mail_address.h"

#include <Poco/UTF8Encoding.h>

#include <algorithm>

namespace smtp {

namespace {

constexpr std::string_view kAlphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

bool isMadeOf(std::string_view text, std::string_view more)
{
    return std::ranges::all_of(text, [&](char c) {
        return kAlphanumeric.find(c) != std::string_view::npos || more.find(c) != std::string_view::npos;
    });
}

bool hasPlainDots(std::string_view text)
{
    return text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos;
}

bool isUtf8(std::string_view text)
{
    const Poco::UTF8Encoding utf8;
    const auto* at = reinterpret_cast<const unsigned char*>(text.data());
    const auto* end = at + text.size();
    while (at < end) {
        int length = 1;
        auto result = utf8.queryConvert(at, length);
        if (result < -1 && -result <= end - at) {
            length = -result;
            result = utf8.queryConvert(at, length);
        }
        if (result < 0)
            return false;
        at += length;
    }
    return true;
}

} // namespace

bool isMailAddress(std::string_view text)
{
    const auto at = text.find('@');
    if (text.size() > 254 || at == std::string_view::npos || at == 0 || at > 64 || at + 1 == text.size())
        return false;
    const auto local = text.substr(0, at);
    const auto domain = text.substr(at + 1);
    return isMadeOf(local, "!#$%&'*+-/=?^_`{|}~.") && hasPlainDots(local) && isMadeOf(domain, "-.") &&
           hasPlainDots(domain) && domain.front() != '-';
}

bool isHostName(std::string_view text)
{
    return !text.empty() && text.size() <= 253 && isMadeOf(text, "-.:_") && text.front() != '-' && text.front() != '.';
}

bool isOneLine(std::string_view text, std::size_t limit)
{
    return text.size() <= limit && isUtf8(text) &&
           std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

} // namespace smtp
