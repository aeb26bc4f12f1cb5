// SPDX-License-Identifier: MIT
#include "proofs/live/book.h"

#include <utility>

namespace apbfarm::proofs {

namespace {

/// Where a word stands in the life of a build; 0: it is none.
int rankOf(const std::string& status)
{
    if (status == "queued")
        return 1;
    if (status == "building")
        return 2;
    return status == "completed" || status == "failed" || status == "cancelled" ? 3 : 0;
}

}

void Book::accepted(const std::string& name, const std::vector<BuildId>& builds)
{
    const std::lock_guard lock(mutex_);
    const auto [place, fresh] = names_.emplace(name, builds);
    if (!fresh && place->second != builds)
        complain_(name + " was submitted under one key and became two submissions");
    for (const auto& build : builds)
        if (entries_.emplace(build, Entry{.name = name, .status = {}, .log = {}}).second)
            open_.insert(build);
}

void Book::cancelTried(const BuildId& build)
{
    const std::lock_guard lock(mutex_);
    entries_.at(build).cancelTried = true;
}

void Book::cancelled(const BuildId& build)
{
    const std::lock_guard lock(mutex_);
    entries_.at(build).cancelled = true;
    ++cancels_;
}

void Book::seen(const BuildId& build, const std::string& status)
{
    const std::lock_guard lock(mutex_);
    auto& entry = entries_.at(build);
    const auto before = rankOf(entry.status), now = rankOf(status);
    if (now == 0)
        blame(build, entry, "has the status \"" + status + "\"");
    else if (now < before || (before == 3 && status != entry.status))
        blame(build, entry, "went from " + entry.status + " to " + status);
    else if (now == 3 && status != "cancelled" && entry.cancelled)
        blame(build, entry, "is " + status + " although its cancel was acknowledged");
    entry.status = status;
}

void Book::read(const BuildId& build, std::size_t from, const std::vector<std::string>& lines)
{
    const std::lock_guard lock(mutex_);
    auto& entry = entries_.at(build);
    if (from == entry.log.size())
        entry.log.insert(entry.log.end(), lines.begin(), lines.end());
}

void Book::close(const BuildId& build)
{
    const std::lock_guard lock(mutex_);
    open_.erase(build);
    entries_.at(build).log = {};
}

void Book::complain(const BuildId& build, const std::string& what)
{
    const std::lock_guard lock(mutex_);
    blame(build, entries_.at(build), what);
}

void Book::blame(const BuildId& build, Entry& entry, const std::string& what)
{
    if (!std::exchange(entry.blamed, true))
        complain_("build " + build + " (" + entry.name + ") " + what);
}

std::vector<BuildId> Book::open() const
{
    const std::lock_guard lock(mutex_);
    return {open_.begin(), open_.end()};
}

std::vector<BuildId> Book::closed() const
{
    const std::lock_guard lock(mutex_);
    std::vector<BuildId> list;
    for (const auto& [build, _] : entries_)
        if (!open_.contains(build))
            list.push_back(build);
    return list;
}

std::size_t Book::openCount() const
{
    const std::lock_guard lock(mutex_);
    return open_.size();
}

std::size_t Book::acceptedCount() const
{
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

std::size_t Book::linesOf(const BuildId& build) const
{
    const std::lock_guard lock(mutex_);
    return entry(build).log.size();
}

std::vector<std::string> Book::logOf(const BuildId& build) const
{
    const std::lock_guard lock(mutex_);
    return entry(build).log;
}

std::string Book::nameOf(const BuildId& build) const
{
    const std::lock_guard lock(mutex_);
    return entry(build).name;
}

std::string Book::statusOf(const BuildId& build) const
{
    const std::lock_guard lock(mutex_);
    return entry(build).status;
}

bool Book::cancelWasTried(const BuildId& build) const
{
    const std::lock_guard lock(mutex_);
    return entry(build).cancelTried;
}

std::map<std::string, std::size_t> Book::ends() const
{
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::size_t> counts;
    for (const auto& [_, entry] : entries_)
        ++counts[entry.status];
    return counts;
}

}
