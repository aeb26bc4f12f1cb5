// SPDX-License-Identifier: MIT
#include "service/admin_alerts.h"

#include "util/text.h"

#include <utility>

namespace apbfarm::service {

namespace {

constexpr std::size_t kLinesOfOneMail = 50;

/// Its server went away or forgot it; a build that failed by itself has its server's verdict.
bool isLost(const Build& build)
{
    return build.state == BuildState::Failed && build.server && !build.ending &&
           (!build.serverAvailable || build.lastStatusUpdate);
}

std::string keyOf(const std::string& thing)
{
    return "alert." + thing;
}

} // namespace

void AdminAlerts::set(const std::string& thing, State state)
{
    const auto line = util::oneLine(state.subject + ". " + state.text, 2000);
    const bool trouble = !state.condition.empty();
    const bool changed = things_.with([&](auto& things) {
        auto& now = things[thing].now;
        const bool other = now.condition != state.condition;
        now = std::move(state);
        return other;
    });
    if (changed && options_.log)
        options_.log(trouble, line);
}

void AdminAlerts::buildEnded(const Build& build)
{
    if (!options_.mails || !isLost(build))
        return;
    const auto line = build.pkgname + " (" + build.architecture + "), build " + build.id + " on " + *build.server + ": " +
                      build.reason;
    lost_.with([&](Lost& lost) {
        ++lost.count;
        if (lost.lines.size() < kLinesOfOneMail)
            lost.lines.push_back(util::oneLine(line, 1000));
    });
}

bool AdminAlerts::isQuiet(const std::optional<util::Instant>& lastTold) const
{
    return lastTold && clock_.steady() - *lastTold < options_.quiet;
}

void AdminAlerts::tell()
{
    if (!options_.mails)
        return;
    for (const auto& [name, thing] : things_.copy())
        tellOf(name, thing);
    tellOfLost();
}

void AdminAlerts::tellOf(const std::string& name, Thing thing)
{
    if (!thing.told)
        thing.told = settings_.get(keyOf(name)).value_or("");
    const auto& condition = thing.now.condition;
    const bool news = *thing.told != condition && (condition.empty() || !isQuiet(thing.lastTold));
    // Nobody told: there is no mail server yet, or no administrator with an address. It stays news.
    if (news && notifications_.administratorsAlerted(thing.now.subject, thing.now.text,
                                                     {{"thing", name}, {"condition", condition}}) > 0) {
        condition.empty() ? settings_.remove(keyOf(name)) : settings_.set(keyOf(name), condition);
        thing.told = condition;
        if (!condition.empty())
            thing.lastTold = clock_.steady();
    }
    things_.with([&](auto& things) {
        things[name].told = thing.told;
        things[name].lastTold = thing.lastTold;
    });
}

void AdminAlerts::tellOfLost()
{
    const auto due = lost_.with([&](Lost& lost) -> Lost {
        if (lost.count == 0 || isQuiet(lost.lastTold))
            return {};
        return std::exchange(lost, Lost{{}, 0, clock_.steady()});
    });
    if (due.count == 0)
        return;
    const auto count = due.count == 1 ? std::string("a build was lost") : std::to_string(due.count) + " builds were lost";
    auto text = util::join(due.lines, "\n");
    if (static_cast<std::size_t>(due.count) > due.lines.size())
        text += "\nand " + std::to_string(static_cast<std::size_t>(due.count) - due.lines.size()) + " more";
    notifications_.administratorsAlerted("APB Farm: " + count, text, {{"thing", "builds"}, {"condition", "lost"}});
}

} // namespace apbfarm::service
