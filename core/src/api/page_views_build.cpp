// SPDX-License-Identifier: MIT
#include "api/page_views.h"

#include "api/page_views_text.h"
#include "service/rebuild_service.h"

#include <algorithm>

namespace apbfarm::api {

namespace {

constexpr int kMaxSiblings = 20;

/// The way of a build, for a row of steps: what lies behind, where it is, what is to come.
std::vector<View> steps(const Build& build)
{
    const bool over = isFinal(build.state);
    const int current = over ? 3 : statusOf(build.state) == BuildStatus::Building ? 2 : 1;
    const std::string_view last = over ? words::of(build.state).word : "finished";
    std::vector<View> list;
    int number = 0;
    for (const std::string_view word : {std::string_view("submitted"), std::string_view("waiting"),
                                        std::string_view("building"), last}) {
        View step;
        // A build that was cancelled or failed early never was on a server.
        const bool skipped = number == 2 && over && !build.startedAt;
        step.text("step", word).flag("isCurrent", number == current);
        step.text("stepTone", skipped           ? "skipped"
                              : number < current ? "done"
                              : number > current ? "ahead"
                                                 : words::of(build.state).tone);
        list.push_back(std::move(step));
        ++number;
    }
    return list;
}

} // namespace

BuildView::BuildView(const PageContext& context, const Principal* viewer)
    : context_(context), viewer_(viewer), admin_(viewer && viewer->role == Role::Admin), now_(context.clock.wall()),
      names_(context.users)
{
}

View BuildView::of(std::string_view id)
{
    const auto details = context_.reader.details(id);
    const auto& build = details.build;
    const auto state = words::of(build.state);
    View view;
    view.text("id", build.id).text("name", json::displayName(build)).text("architecture", build.architecture);
    view.flag("anyArchitecture", build.anyArchitecture);
    view.text("word", state.word).text("tone", state.tone).text("note", state.note);
    view.flag("isLive", !isFinal(build.state)).flag("signedIn", viewer_ != nullptr).flag("isAdmin", admin_);
    view.text("user", viewer_ ? names_.of(build.owner) : std::string());
    words::addTime(view, "created", build.createdAt);
    words::addTime(view, "started", build.startedAt);
    words::addTime(view, "ended", isFinal(build.state) ? build.endedAt : std::nullopt);
    words::addDuration(view, build, now_);
    const auto peak = json::peakMemory(build);
    view.text("memory", peak ? words::size(*peak) : std::string());
    view.text("limit", words::duration(build.timeout)).flag("mayCancel", mayCancel(build));
    view.flag("mayRelease", admin_ && build.uncertain);
    view.flag("mayRebuild", service::RebuildService::may(build, viewer_));
    view.list("steps", steps(build));
    addExcerpts(view, build);
    addPhase(view, build);
    addTimings(view, build);
    addPlace(view, details);
    addFiles(view, details);
    addSiblings(view, build);
    addAttempts(view, build);
    return view;
}

void BuildView::addPlace(View& view, const json::BuildDetails& details)
{
    const auto& build = details.build;
    const bool waits = details.place.has_value();
    view.text("position", waits ? std::to_string(details.place->position) : std::string());
    view.text("queueSize", waits ? std::to_string(details.place->size) : std::string());
    const auto& why = waits && !details.waitingReason.empty() ? details.waitingReason : build.reason;
    view.text("reason", why);
    view.text("server", build.server ? serverName(*build.server, viewer_) : std::string());
    const auto server = build.server ? context_.fleet.find(*build.server) : std::nullopt;
    const auto state = server ? words::of(*server) : words::State{};
    view.text("serverState", state.word).text("serverTone", state.tone);
    view.flag("unavailable", !build.serverAvailable && !isFinal(build.state));
    words::addTime(view, "updated", build.lastStatusUpdate);
}

void BuildView::addFiles(View& view, const json::BuildDetails& details)
{
    std::vector<View> files;
    for (const auto& artifact : details.artifacts) {
        View file;
        file.text("file", artifact.filename).text("fileAddress", words::pathSegment(artifact.filename));
        file.text("size", words::size(artifact.size)).text("sha256", artifact.sha256);
        files.push_back(std::move(file));
    }
    view.flag("hasFiles", !files.empty()).list("files", std::move(files));
    view.flag("filesMissing", details.build.artifactsGivenUp);
}

void BuildView::addSiblings(View& view, const Build& build)
{
    std::vector<View> siblings;
    if (!build.submissionGroup.empty()) {
        BuildQuery query;
        query.submissionGroup = build.submissionGroup;
        query.limit = kMaxSiblings;
        for (const auto& other : context_.store.list(query)) {
            if (other.id == build.id)
                continue;
            const auto state = words::of(other.state);
            View sibling;
            sibling.text("siblingId", other.id).text("siblingArchitecture", other.architecture);
            sibling.text("siblingWord", state.word).text("siblingTone", state.tone);
            siblings.push_back(std::move(sibling));
        }
    }
    view.flag("hasSiblings", !siblings.empty()).list("siblings", std::move(siblings));
}

void BuildView::addAttempts(View& view, const Build& build)
{
    std::vector<View> attempts;
    if (admin_)
        for (const auto& attempt : context_.store.attempts(build.id)) {
            View item;
            item.number("attempt", attempt.number).text("attemptServer", attempt.server);
            item.text("outcome", attempt.outcome.empty() ? "under way" : attempt.outcome);
            words::addTime(item, "attempted", attempt.startedAt);
            attempts.push_back(std::move(item));
        }
    view.flag("hasAttempts", !attempts.empty()).list("attempts", std::move(attempts));
}

bool BuildView::mayCancel(const Build& build) const
{
    if (!viewer_ || isFinal(build.state) || build.state == BuildState::Cancelling)
        return false;
    return admin_ || build.owner == viewer_->id;
}

} // namespace apbfarm::api
