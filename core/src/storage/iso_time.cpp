// SPDX-License-Identifier: MIT
#include "storage/iso_time.h"

#include "storage/sql_value.h"

#include <charconv>

namespace apbfarm::storage {

namespace {

/// Takes fixed-width pieces from the front of a text; remembers whether all of them were there.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    int digits(std::size_t count)
    {
        int value = 0;
        const auto piece = rest_.substr(0, count);
        const auto [end, error] = std::from_chars(piece.data(), piece.data() + piece.size(), value);
        if (error != std::errc() || end != piece.data() + count || piece.front() == '-')
            ok_ = false;
        rest_.remove_prefix(piece.size());
        return value;
    }
    bool take(char c)
    {
        if (rest_.empty() || rest_.front() != c)
            return false;
        rest_.remove_prefix(1);
        return true;
    }
    void need(char c) { ok_ = take(c) && ok_; }

    /// Microseconds of a decimal fraction of any length.
    std::chrono::microseconds fraction()
    {
        std::int64_t micros = 0, place = 100'000;
        bool any = false;
        for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1), place /= 10) {
            micros += place * (rest_.front() - '0');
            any = true;
        }
        ok_ = ok_ && any;
        return std::chrono::microseconds(micros);
    }
    bool ok() const { return ok_; }
    bool atEnd() const { return rest_.empty(); }

private:
    std::string_view rest_;
    bool ok_ = true;
};

std::chrono::minutes offset(Scanner& scan)
{
    if (scan.take('Z') || scan.atEnd())
        return {};
    const bool west = scan.take('-');
    if (!west)
        scan.need('+');
    const auto hours = scan.digits(2);
    scan.take(':');
    const auto minutes = std::chrono::minutes(hours * 60 + scan.digits(2));
    return west ? -minutes : minutes;
}

std::optional<Timestamp> parseIso(std::string_view text)
{
    using namespace std::chrono;
    Scanner scan(text);
    const auto y = scan.digits(4);
    scan.need('-');
    const auto mo = scan.digits(2);
    scan.need('-');
    const auto d = scan.digits(2);
    if (!scan.take('T'))
        scan.need(' ');
    const auto h = scan.digits(2);
    scan.need(':');
    const auto mi = scan.digits(2);
    scan.need(':');
    const auto s = scan.digits(2);
    const auto fraction = scan.take('.') ? scan.fraction() : microseconds(0);
    const auto shift = offset(scan);
    const year_month_day date{year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d))};
    if (!scan.ok() || !scan.atEnd() || !date.ok() || h > 23 || mi > 59 || s > 60)
        return std::nullopt;
    return sys_days(date) + hours(h) + minutes(mi) + seconds(s) + fraction - shift;
}

} // namespace

std::optional<Timestamp> parseStoredTime(std::string_view text)
{
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size() && std::isfinite(number))
        return fromSeconds(number);
    return parseIso(text);
}

} // namespace apbfarm::storage
