// SPDX-License-Identifier: MIT
#include "service/cache_adoption.h"

#include <Poco/Logger.h>

#include <algorithm>

namespace apbfarm::service {

namespace {

using std::chrono::milliseconds;

constexpr std::chrono::minutes kPauseOnFullDisk{1};

} // namespace

CacheAdoption::CacheAdoption(Parts parts, const std::filesystem::path& folder, std::uint64_t reserve)
    : parts_(parts), reserve_(reserve)
{
    find(folder);
    if (!order_.empty())
        worker_ = std::make_unique<util::Worker>("adoption", [this] { return step(); },
                                                 [this](const std::string& what) { parts_.logger.error(what); });
}

void CacheAdoption::find(const std::filesystem::path& folder)
{
    const auto isEnded = [this](const BuildId& id) {
        const auto build = parts_.builds.find(id);
        return build && isFinal(build->state);
    };
    auto files = findForeignFiles(parts_.records.list(), folder, isEnded);
    for (const auto& problem : files.unusable)
        parts_.logger.warning("Of the older farm's cache is not adopted: " + problem);
    if (!files.missing.empty())
        parts_.logger.warning(std::to_string(files.missing.size()) +
                              " files that an older farm had cached are no longer there, for example " +
                              files.missing.front());
    if (files.found.empty())
        return;
    builds_.with([&](Builds& builds) {
        for (auto& found : files.found) {
            auto& waiting = builds[found.file.build];
            if (!waiting) {
                waiting = std::make_shared<Waiting>();
                order_.push_back(found.file.build);
            }
            waiting->files.push_back(std::move(found));
        }
    });
    std::ranges::reverse(order_);
    parts_.logger.information("Adopting " + std::to_string(files.found.size()) + " files of " +
                              std::to_string(order_.size()) + " builds from the cache of an older farm");
}

std::size_t CacheAdoption::waiting() const
{
    return builds_.with([](const Builds& builds) { return builds.size(); });
}

std::optional<milliseconds> CacheAdoption::step()
{
    if (order_.empty())
        return std::nullopt;
    const auto build = order_.back();
    adopt(build);
    if (builds_.with([&](const Builds& builds) { return builds.contains(build); }))
        return kPauseOnFullDisk;
    order_.pop_back();
    if (order_.empty())
        parts_.logger.information("Adopted " + std::to_string(adopted_) + " files of an older farm" +
                                  (refused_ > 0 ? ", " + std::to_string(refused_) + " could not be" : ""));
    return milliseconds(0);
}

void CacheAdoption::adopt(const BuildId& build) noexcept
try {
    const auto waiting = builds_.with([&](const Builds& builds) {
        const auto found = builds.find(build);
        return found == builds.end() ? nullptr : found->second;
    });
    if (!waiting)
        return;
    const std::lock_guard oneAtATime(waiting->turn);
    adoptWaiting(*waiting);
    builds_.with([&](Builds& builds) { builds.erase(build); });
} catch (const std::exception& error) {
    parts_.logger.error("Files of build " + build + " are not adopted yet: " + error.what());
}

void CacheAdoption::adoptWaiting(Waiting& waiting)
{
    while (!waiting.files.empty()) {
        try {
            adoptFile(waiting.files.back());
            ++adopted_;
        } catch (const StorageFull&) {
            throw;
        } catch (const Unavailable&) {
            throw;
        } catch (const Error& error) {
            ++refused_;
            parts_.logger.warning("Of the older farm's cache is not adopted: " + std::string(error.what()));
        }
        waiting.files.pop_back();
    }
}

void CacheAdoption::adoptFile(const FoundFile& found)
{
    const auto& file = found.file;
    const auto stored = parts_.artifacts.takeOver(found.place, static_cast<std::uint64_t>(file.size), reserve_);
    parts_.records.adopt(file, {file.build, file.filename, file.size, stored.sha256,
                                files::contentTypeOf(file.filename), file.cachedAt});
}

} // namespace apbfarm::service
