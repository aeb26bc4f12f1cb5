// SPDX-License-Identifier: MIT
#include "api/page_views.h"

#include "api/page_views_text.h"
#include "util/json_reader.h"
#include "util/text.h"

#include <algorithm>
#include <cstdio>

namespace apbfarm::api {

namespace {

constexpr std::size_t kRunningShown = 3;    // per server
constexpr int kBuildsPerPage = 20;
constexpr int kSlotsDrawn = 32;

/// What a server says of its machine: numbers only, so that no text of it reaches people who may not see where it is.
struct Machine {
    std::string uptime, cpu, memory, disk;
};

std::string percentOf(const Poco::JSON::Object::Ptr& system, const char* part, const char* field)
{
    const auto object = system->getObject(part);
    if (!object || !object->get(field).isNumeric())
        return {};
    return std::to_string(static_cast<int>(object->getValue<double>(field))) + " %";
}

Machine machineOf(const std::string& document)
{
    Machine machine;
    if (document.empty())
        return machine;
    try {
        const auto system = util::parseJsonObject(document, {1 << 20, 32})->getObject("system_info");
        if (!system)
            return machine;
        unsigned days = 0, hours = 0, minutes = 0;
        const auto uptime = system->optValue<std::string>("uptime", "");
        if (std::sscanf(uptime.c_str(), "%5u days, %2u hours, %2u minutes", &days, &hours, &minutes) == 3)
            machine.uptime = words::duration(std::chrono::hours(24 * days + hours) + std::chrono::minutes(minutes));
        machine.cpu = percentOf(system, "cpu", "usage_percent");
        machine.memory = percentOf(system, "memory", "percentage");
        machine.disk = percentOf(system, "disk", "percentage");
    } catch (const std::exception&) {
        // What cannot be read is not shown; the server's state says whether it works.
    }
    return machine;
}

View slot(bool busy)
{
    View view;
    view.flag("busy", busy);
    return view;
}

} // namespace

View briefly(const Build& build)
{
    const auto state = words::of(build.state);
    View view;
    view.text("id", build.id).text("name", json::displayName(build)).text("architecture", build.architecture);
    view.text("word", state.word).text("tone", state.tone).text("note", state.note);
    return view;
}

std::string UserNames::of(const std::optional<UserId>& user)
{
    if (!user)
        return "submitted elsewhere";
    const auto [entry, isNew] = known_.try_emplace(*user);
    if (isNew) {
        const auto account = users_.find(*user);
        entry->second = account ? account->username : "deleted account";
    }
    return entry->second;
}

std::string serverName(const ServerId& id, const Principal* viewer)
{
    return viewer && viewer->role == Role::Admin ? id : fleet::obfuscated(id);
}

DashboardView::DashboardView(const PageContext& context, const Principal* viewer)
    : context_(context), viewer_(viewer), admin_(viewer && viewer->role == Role::Admin), now_(context.clock.wall()),
      names_(context.users)
{
}

View DashboardView::farm()
{
    const auto servers = context_.fleet.list();
    int online = 0, slots = 0, busy = 0;
    for (const auto& server : servers) {
        const auto health = server.snapshot.health;
        if (health != ServerHealth::Healthy && health != ServerHealth::Degraded)
            continue;
        ++online;
        slots += server.snapshot.slots;
        busy += std::max(0, server.snapshot.slots - server.snapshot.freeSlots);
    }
    View view;
    view.number("serversOnline", online).number("serversTotal", static_cast<std::int64_t>(servers.size()));
    view.number("slotsTotal", slots).number("slotsBusy", busy).number("slotsPercent", slots > 0 ? 100 * busy / slots : 0);
    view.flag("signedIn", viewer_ != nullptr).flag("isAdmin", admin_);
    view.list("groups", groups(servers));
    addQueue(view, servers);
    return view;
}

std::vector<View> DashboardView::groups(const std::vector<fleet::ServerView>& servers)
{
    std::map<std::string, std::vector<View>> byArchitecture;
    for (const auto& entry : servers)
        byArchitecture[entry.snapshot.architecture].push_back(server(entry));
    std::vector<View> groups;
    for (auto& [architecture, members] : byArchitecture) {
        View group;
        group.text("groupName", architecture.empty() ? "unknown architecture" : architecture);
        group.number("groupQueued", static_cast<std::int64_t>(context_.queue.sizeOf(architecture)));
        group.list("servers", std::move(members));
        groups.push_back(std::move(group));
    }
    return groups;
}

View DashboardView::server(const fleet::ServerView& server)
{
    const auto& snapshot = server.snapshot;
    const auto state = words::of(server);
    const auto machine = machineOf(server.document);
    const int busy = std::clamp(snapshot.slots - snapshot.freeSlots, 0, std::max(snapshot.slots, 0));
    View view;
    view.text("server", serverName(snapshot.id, viewer_));
    view.text("state", state.word).text("stateTone", state.tone).text("stateNote", state.note);
    view.text("problem", admin_ ? server.reason : std::string());
    view.flag("hasSlots", snapshot.slots > 0);
    view.number("busySlots", busy).number("slots", snapshot.slots);
    std::vector<View> drawn;
    for (int i = 0; i < std::min(snapshot.slots, kSlotsDrawn); ++i)
        drawn.push_back(slot(i < busy));
    view.list("slotMarks", std::move(drawn));
    view.text("waitingThere", snapshot.queued > 0 ? std::to_string(snapshot.queued) : std::string());
    view.flag("recreating", snapshot.recreatingBuildroot).text("serverVersion", server.version);
    view.text("uptime", machine.uptime).text("cpu", admin_ ? machine.cpu : "");
    view.text("memory", admin_ ? machine.memory : "").text("disk", admin_ ? machine.disk : "");
    words::addTime(view, "lastContact", server.lastContact);
    const auto others = snapshot.building - static_cast<int>(server.builds.size());
    view.text("foreign", others > 0 && server.answering ? std::to_string(others) : std::string());
    const auto ours = server.builds.size();
    view.text("more", ours > kRunningShown ? std::to_string(ours - kRunningShown) : std::string());
    view.list("running", runningOn(server));
    return view;
}

std::vector<View> DashboardView::runningOn(const fleet::ServerView& server)
{
    std::vector<View> running;
    for (const auto& id : server.builds) {
        if (running.size() == kRunningShown)
            break;
        const auto build = context_.reader.find(id);
        if (!build)
            continue;   // it ended between the two looks
        auto view = briefly(*build);
        words::addTime(view, "started", build->startedAt);
        words::addDuration(view, *build, now_);
        const auto usual = context_.estimates.typical(*build);
        view.text("usually", usual ? words::roughly(*usual) : std::string()).text("customLimit", words::customLimit(*build));
        addUser(view, *build);
        running.push_back(std::move(view));
    }
    return running;
}

View DashboardView::builds(const BuildFilter& filter)
{
    View view;
    filter.addTo(view);
    view.flag("signedIn", viewer_ != nullptr);
    auto query = filter.asBuildQuery(context_.users, kBuildsPerPage);
    std::vector<Build> builds;
    if (query) {
        ++query->limit;   // one more tells whether there is a next page, without counting all
        builds = context_.store.list(*query);
    }
    std::vector<View> rows;
    for (const auto& build : builds) {
        if (rows.size() == kBuildsPerPage)
            break;
        auto row = briefly(build);
        words::addTime(row, "created", build.createdAt);
        words::addDuration(row, build, now_);
        row.text("where", build.server ? serverName(*build.server, viewer_) : std::string());
        addUser(row, build);
        rows.push_back(std::move(row));
    }
    view.list("recent", std::move(rows));
    view.text("newer", filter.page > 1 ? std::to_string(filter.page - 1) : std::string());
    view.text("older", builds.size() > kBuildsPerPage ? std::to_string(filter.page + 1) : std::string());
    return view;
}

void DashboardView::addUser(View& view, const Build& build)
{
    view.text("user", viewer_ ? names_.of(build.owner) : std::string());
}

} // namespace apbfarm::api
