// SPDX-License-Identifier: MIT
#include "api/page_views_text.h"

#include "util/terminal_text.h"
#include "util/text.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace apbfarm::api::words {

namespace {

constexpr std::size_t kMaxLogLine = 8192;
constexpr std::chrono::seconds kUsualTimeout{7200};

std::string formatted(const char* format, auto... values)
{
    char text[64];
    std::snprintf(text, sizeof text, format, values...);
    return text;
}

/// What a terminal would show at the end of a line that was written over several times.
std::string_view lastWritten(std::string_view line)
{
    while (line.ends_with('\r'))
        line.remove_suffix(1);
    const auto back = line.rfind('\r');
    return back == line.npos ? line : line.substr(back + 1);
}

} // namespace

std::string duration(std::chrono::seconds length)
{
    const auto s = std::max<long long>(length.count(), 0);
    if (s < 60)
        return formatted("%lld s", s);
    if (s < 3600)
        return formatted("%lld min %02lld s", s / 60, s % 60);
    if (s < 86400)
        return formatted("%lld h %02lld min", s / 3600, s / 60 % 60);
    return formatted("%lld d %lld h", s / 86400, s / 3600 % 24);
}

std::string milliseconds(std::chrono::microseconds length)
{
    if (length >= std::chrono::minutes(1))
        return duration(std::chrono::duration_cast<std::chrono::seconds>(length));
    return formatted("%.1f ms", static_cast<double>(length.count()) / 1000);
}

std::string roughly(std::chrono::seconds length)
{
    const auto minutes = (std::max<long long>(length.count(), 0) + 30) / 60;
    if (minutes < 1)
        return "under a minute";
    if (minutes < 100)
        return formatted("about %lld min", minutes);
    return formatted("about %lld h", (minutes + 30) / 60);
}

std::string size(std::int64_t bytes)
{
    constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    return formatted(unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

State of(BuildState state)
{
    switch (state) {
    case BuildState::Queued: return {"queued", "idle", ""};
    case BuildState::Assigning: return {"queued", "idle", "It is being handed over to a server."};
    case BuildState::Building: return {"building", "busy", ""};
    case BuildState::LostContact:
        return {"building", "warn", "Its server has not answered for a while. It may still be building."};
    case BuildState::Cancelling: return {"building", "warn", "It is being cancelled."};
    case BuildState::Completed: return {"completed", "good", ""};
    case BuildState::Failed: return {"failed", "bad", ""};
    case BuildState::Cancelled: return {"cancelled", "idle", ""};
    }
    return {"failed", "bad", ""};
}

State of(const fleet::ServerView& server)
{
    const auto health = server.snapshot.health;
    if (server.drained)
        return {"drained", "idle", "An administrator gives it nothing new; what runs there goes on."};
    const bool wellSoFar = health == ServerHealth::Healthy || health == ServerHealth::Unknown;
    if (wellSoFar && server.failures > 0)
        return {"no answer", "warn", "It did not answer when it was last asked."};
    switch (health) {
    case ServerHealth::Healthy: return {"online", "good", ""};
    case ServerHealth::Degraded: return {"degraded", "warn", "It answers, but not every time."};
    case ServerHealth::Unavailable: return {"offline", "bad", "It does not answer. Nothing new is given to it."};
    case ServerHealth::Misconfigured: return {"misconfigured", "warn", "It is not what the farm's configuration says."};
    case ServerHealth::Unknown: return {"not asked yet", "idle", ""};
    }
    return {"not asked yet", "idle", ""};
}

void addTime(View& view, const std::string& name, const std::optional<Timestamp>& time)
{
    auto iso = time ? util::isoTime(toEpoch(*time)) : std::string();
    view.text(name + "Iso", iso);
    if (iso.size() == 20)   // always but for years beyond 9999
        iso = iso.substr(0, 10) + ' ' + iso.substr(11, 8) + " UTC";
    view.text(name, iso);
}

void addDuration(View& view, const Build& build, Timestamp now)
{
    view.text("since", "").text("duration", "");
    if (!build.startedAt)
        return;
    const bool over = isFinal(build.state);
    if (over && !build.endedAt)
        return;
    const auto end = over ? *build.endedAt : now;
    view.text("duration", duration(std::chrono::duration_cast<std::chrono::seconds>(end - *build.startedAt)));
    if (!over)
        view.number("since", static_cast<std::int64_t>(toEpoch(*build.startedAt)));
}

std::string customLimit(const Build& build)
{
    return build.timeout == kUsualTimeout ? std::string() : duration(build.timeout);
}

std::string logLine(std::string_view line)
{
    const auto visible = util::withoutEscapes(line);
    std::string_view rest = lastWritten(visible);
    std::string text;
    while (!rest.empty() && text.size() < kMaxLogLine) {
        const auto tab = std::min(rest.find('\t'), rest.size());
        text += util::oneLine(rest.substr(0, tab), kMaxLogLine - text.size());
        rest.remove_prefix(tab);
        if (!rest.empty()) {
            text += '\t';
            rest.remove_prefix(1);
        }
    }
    return text;
}

std::string pathSegment(std::string_view text)
{
    constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string out;
    for (const char c : text)
        if (plain.find(c) != plain.npos)
            out += c;
        else
            out += formatted("%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    return out;
}

} // namespace apbfarm::api::words
