// SPDX-License-Identifier: MIT
#include "fleet/json_fields.h"

#include "util/text.h"

#include <Poco/Exception.h>

#include <chrono>
#include <cmath>

namespace apbfarm::fleet {

using Poco::Dynamic::Var;

namespace {

constexpr double kLastSecond = 253'402'300'799.0; // end of the year 9999

std::optional<double> numberOf(const Var& value)
{
    if (value.isEmpty() || value.isBoolean() || !value.isNumeric())
        return std::nullopt;
    try {
        const auto number = value.convert<double>();
        return std::isfinite(number) ? std::optional(number) : std::nullopt;
    } catch (const Poco::Exception&) {
        return std::nullopt;
    }
}

template <class Pointer> Pointer pointerOf(const Var& value)
{
    return value.type() == typeid(Pointer) ? value.extract<Pointer>() : Pointer();
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count, int min, int max)
{
    if (text.size() < at + count)
        return std::nullopt;
    const auto number = util::parseUnsigned(text.substr(at, count), static_cast<std::uint64_t>(max));
    return number && static_cast<int>(*number) >= min ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

/// Seconds east of Greenwich.
std::optional<int> parseZone(std::string_view zone)
{
    if (zone.empty() || zone == "Z" || zone == "z")
        return 0;
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':')
        return std::nullopt;
    const auto hours = digits(zone, 1, 2, 0, 23);
    const auto minutes = digits(zone, 4, 2, 0, 59);
    if (!hours || !minutes)
        return std::nullopt;
    return (zone[0] == '-' ? -1 : 1) * (*hours * 3600 + *minutes * 60);
}

std::optional<double> takeFraction(std::string_view& rest)
{
    if (rest.empty() || (rest[0] != '.' && rest[0] != ','))
        return 0.0;
    auto end = rest.find_first_not_of("0123456789", 1);
    end = std::min(end, rest.size());
    const auto number = util::parseUnsigned(rest.substr(1, end - 1));
    if (!number || end > 10)
        return std::nullopt;
    rest.remove_prefix(end);
    return static_cast<double>(*number) / std::pow(10.0, static_cast<double>(end - 1));
}

} // namespace

std::optional<std::string> jsonText(const Poco::JSON::Object& object, const std::string& key)
{
    const auto value = object.get(key);
    return value.isString() ? std::optional(value.extract<std::string>()) : std::nullopt;
}

std::optional<bool> jsonFlag(const Poco::JSON::Object& object, const std::string& key)
{
    const auto value = object.get(key);
    return value.isBoolean() ? std::optional(value.extract<bool>()) : std::nullopt;
}

std::optional<double> jsonNumber(const Poco::JSON::Object& object, const std::string& key)
{
    return numberOf(object.get(key));
}

std::optional<std::int64_t> jsonInteger(const Poco::JSON::Object& object, const std::string& key, std::int64_t min,
                                        std::int64_t max)
{
    const auto value = object.get(key);
    const auto number = numberOf(value);
    // Doubles beyond 2^53 are not whole numbers any more; no count, code or size comes near.
    if (!number || *number != std::floor(*number) || std::abs(*number) > 9e15)
        return std::nullopt;
    const auto whole = static_cast<std::int64_t>(*number);
    return whole >= min && whole <= max ? std::optional(whole) : std::nullopt;
}

std::optional<double> jsonTime(const Poco::JSON::Object& object, const std::string& key)
{
    const auto text = jsonText(object, key);
    const auto seconds = text ? parseIsoTime(*text) : jsonNumber(object, key);
    return seconds && *seconds >= 0 && *seconds <= kLastSecond ? seconds : std::nullopt;
}

Poco::JSON::Object::Ptr jsonObject(const Poco::JSON::Object& object, const std::string& key)
{
    return pointerOf<Poco::JSON::Object::Ptr>(object.get(key));
}

Poco::JSON::Array::Ptr jsonArray(const Poco::JSON::Object& object, const std::string& key)
{
    return pointerOf<Poco::JSON::Array::Ptr>(object.get(key));
}

Poco::JSON::Object::Ptr jsonObjectAt(const Poco::JSON::Array& array, std::size_t index)
{
    return pointerOf<Poco::JSON::Object::Ptr>(array.get(static_cast<unsigned>(index)));
}

std::optional<double> parseIsoTime(std::string_view text)
{
    const auto year = digits(text, 0, 4, 1970, 9999);
    const auto month = digits(text, 5, 2, 1, 12);
    const auto day = digits(text, 8, 2, 1, 31);
    const auto hour = digits(text, 11, 2, 0, 23);
    const auto minute = digits(text, 14, 2, 0, 59);
    const auto second = digits(text, 17, 2, 0, 60);
    if (!year || !month || !day || !hour || !minute || !second)
        return std::nullopt;
    const bool marks = text[4] == '-' && text[7] == '-' && (text[10] == 'T' || text[10] == ' ') && text[13] == ':' &&
                       text[16] == ':';
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    auto rest = text.substr(19);
    const auto fraction = takeFraction(rest);
    const auto zone = fraction ? parseZone(rest) : std::nullopt;
    if (!marks || !date.ok() || !zone)
        return std::nullopt;
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    return static_cast<double>(days) * 86400 + *hour * 3600 + *minute * 60 + *second - *zone + *fraction;
}

} // namespace apbfarm::fleet
