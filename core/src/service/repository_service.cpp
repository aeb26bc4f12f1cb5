// SPDX-License-Identifier: MIT
#include "service/repository_service.h"

#include "package/package_rules.h"
#include "service/user_service_rules.h"
#include "util/json_writer.h"
#include "util/text.h"

#include <algorithm>

namespace apbfarm::service {

namespace {

constexpr std::size_t kLongestDescription = 500;

bool isKeyId(const std::string& text)
{
    const auto digits = text.starts_with("0x") ? text.substr(2) : text;
    return digits.size() >= 8 && digits.size() <= 40 && std::ranges::all_of(digits, [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    });
}

CustomRepository checked(const RepositoryWish& wish)
{
    Complaints complaints;
    CustomRepository repository;
    repository.name = util::trim(wish.name);
    repository.url = util::trim(wish.url);
    repository.gpgKeyId = util::trim(wish.gpgKeyId);
    repository.description = util::trim(wish.description);
    repository.active = wish.active;
    while (repository.url.ends_with('/'))
        repository.url.pop_back();
    if (!package::isRepositoryName(repository.name))
        complaints.add("name", "must be a plain name of letters, digits and @._+-");
    if (!package::isRepositoryUrl(repository.url))
        complaints.add("url", "must begin with http:// or https:// and contain no spaces");
    if (!isKeyId(repository.gpgKeyId))
        complaints.add("gpg_key_id", "must be 8 to 40 hexadecimal digits");
    if (repository.description.size() > kLongestDescription)
        complaints.add("description", "must have at most 500 characters");
    complaints.raise();
    return repository;
}

/// "http://x/" and "http://x" are one place.
bool isFor(const CustomRepository& repository, std::string_view entry)
{
    const auto colons = entry.find("::");
    auto url = entry.substr(colons + 2);
    while (url.ends_with('/'))
        url.remove_suffix(1);
    auto known = std::string_view(repository.url);   // an older farm may have stored it with a slash
    while (known.ends_with('/'))
        known.remove_suffix(1);
    return repository.active && entry.substr(0, colons) == repository.name && url == known;
}

} // namespace

UnknownRepositories::UnknownRepositories(std::vector<std::string> list, std::string name)
    : InvalidInput("The following custom repositories are not configured by an admin: " + util::join(list, ", "),
                   "invalid_repositories"),
      entries(std::move(list)), pkgname(std::move(name))
{
}

CustomRepository RepositoryService::find(std::int64_t id)
{
    if (auto repository = store_.find(id))
        return *repository;
    throw NotFound("There is no repository with id " + std::to_string(id), "repository_not_found",
                   "Repository not found");
}

CustomRepository RepositoryService::create(const RepositoryWish& wish, const Caller& caller)
{
    auto repository = checked(wish);
    repository.createdAt = clock_.wall();
    repository.createdBy = caller.who.id;
    repository = store_.create(repository);
    audit_.record("repository_created", repository.name + " " + repository.url, "ok", caller);
    return repository;
}

CustomRepository RepositoryService::update(std::int64_t id, const RepositoryWish& wish, const Caller& caller)
{
    const auto before = find(id);
    auto repository = checked(wish);
    repository.id = id;
    repository.createdAt = before.createdAt;
    repository.createdBy = before.createdBy;
    store_.update(repository);
    audit_.record("repository_changed", repository.name + " " + repository.url, "ok", caller);
    return repository;
}

void RepositoryService::remove(std::int64_t id, const Caller& caller)
{
    const auto repository = find(id);
    if (store_.remove(id))
        audit_.record("repository_removed", repository.name + " " + repository.url, "ok", caller);
}

std::string RepositoryService::forServers(const std::vector<std::string>& entries, const std::string& pkgname)
{
    if (entries.empty())
        return {};
    const auto known = store_.list();
    std::vector<std::string> unknown;
    util::JsonWriter json;
    json.beginArray();
    for (const auto& entry : entries) {
        const auto repository = std::ranges::find_if(known, [&](const auto& each) { return isFor(each, entry); });
        if (repository == known.end())
            unknown.push_back(entry);
        else
            json.beginObject().member("name", repository->name).member("url", repository->url)
                .member("gpg_key_id", repository->gpgKeyId).endObject();
    }
    if (!unknown.empty())
        throw UnknownRepositories(std::move(unknown), pkgname);
    return json.endArray().take();
}

} // namespace apbfarm::service
