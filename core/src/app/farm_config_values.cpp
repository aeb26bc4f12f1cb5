// SPDX-License-Identifier: MIT
#include "app/farm_config_values.h"

#include "util/text.h"

#include <apbfarm/option.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace apbfarm::app {

namespace {

using std::chrono::milliseconds;

std::pair<std::string_view, std::string_view> splitNumber(std::string_view text)
{
    const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
    return {text.substr(0, end), util::trim(text.substr(end))};
}

std::string shown(milliseconds duration)
{
    constexpr std::array<std::pair<std::int64_t, const char*>, 4> units{
        {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1000, "s"}}};
    for (const auto& [length, unit] : units)
        if (duration.count() && duration.count() % length == 0)
            return std::to_string(duration.count() / length) + unit;
    return std::to_string(duration.count()) + "ms";
}

} // namespace

bool parseFlag(std::string_view text)
{
    if (const auto flag = flagOf(text))
        return *flag;
    throw BadValue("true or false");
}

std::int64_t parseWhole(std::string_view text, std::int64_t least, std::int64_t most)
{
    const auto number = util::parseUnsigned(text, static_cast<std::uint64_t>(most));
    if (!number || static_cast<std::int64_t>(*number) < least)
        throw BadValue("a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return static_cast<std::int64_t>(*number);
}

milliseconds parseDuration(std::string_view text, milliseconds least, milliseconds most)
{
    constexpr std::array<std::pair<std::string_view, std::int64_t>, 6> units{
        {{"ms", 1}, {"s", 1000}, {"", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
    const auto [digits, unit] = splitNumber(text);
    const auto known = std::ranges::find(units, unit, &std::pair<std::string_view, std::int64_t>::first);
    const auto number = util::parseUnsigned(digits, 1'000'000'000);
    if (known != units.end() && number) {
        const milliseconds duration(static_cast<std::int64_t>(*number) * known->second);
        if (duration >= least && duration <= most)
            return duration;
    }
    throw BadValue("a duration such as 500ms, 5s, 2m or 1h, from " + shown(least) + " to " + shown(most));
}

std::uint64_t parseSize(std::string_view text)
{
    constexpr std::array<std::pair<std::string_view, int>, 5> units{
        {{"", 0}, {"b", 0}, {"kb", 10}, {"mb", 20}, {"gb", 30}}};
    const auto [digits, unit] = splitNumber(text);
    const auto known = std::ranges::find(units, util::toLower(unit), &std::pair<std::string_view, int>::first);
    if (known != units.end())
        if (const auto number = util::parseUnsigned(digits, std::numeric_limits<std::int64_t>::max() >> known->second))
            return *number << known->second;
    throw BadValue("a size such as 4096, 64KB, 100MB or 4GB");
}

std::size_t parseChoice(std::string_view text, const std::vector<std::string>& words)
{
    for (std::size_t i = 0; i < words.size(); ++i)
        if (util::equalsIgnoringCase(text, words[i]))
            return i;
    throw BadValue("one of " + util::join(words, ", "));
}

} // namespace apbfarm::app
