// SPDX-License-Identifier: MIT
#include "http/http_date.h"

#include "util/text.h"

#include <array>
#include <cstdio>

namespace apbfarm::http {

namespace {

constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";

std::optional<int> number(std::string_view text)
{
    const auto value = util::parseUnsigned(text, 9999);
    return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
}

} // namespace

std::string httpDate(std::time_t time)
{
    std::tm parts{};
    gmtime_r(&time, &parts);
    std::array<char, 40> text{};
    const auto length = std::snprintf(text.data(), text.size(), "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
                                      kDays.data() + parts.tm_wday * 3, parts.tm_mday,
                                      kMonths.data() + parts.tm_mon * 3, parts.tm_year + 1900, parts.tm_hour,
                                      parts.tm_min, parts.tm_sec);
    return {text.data(), static_cast<std::size_t>(length)};
}

std::optional<std::time_t> parseHttpDate(std::string_view text)
{
    if (text.size() != 29 || text.substr(25) != " GMT" || text[19] != ':' || text[22] != ':')
        return {};
    const auto month = kMonths.find(text.substr(8, 3));
    const auto day = number(text.substr(5, 2)), year = number(text.substr(12, 4));
    const auto hour = number(text.substr(17, 2)), minute = number(text.substr(20, 2)), second = number(text.substr(23, 2));
    if (month == std::string_view::npos || month % 3 != 0 || !day || !year || !hour || !minute || !second)
        return {};
    std::tm parts{};
    parts.tm_year = *year - 1900;
    parts.tm_mon = static_cast<int>(month / 3);
    parts.tm_mday = *day;
    parts.tm_hour = *hour;
    parts.tm_min = *minute;
    parts.tm_sec = *second;
    return timegm(&parts);
}

} // namespace apbfarm::http
