// SPDX-License-Identifier: MIT
#include "secret_door.h"

#include "util/secrets.h"
#include "util/text.h"

namespace apbfarm::server {

namespace {

constexpr std::size_t kMostSecrets = 2;
constexpr std::string_view kScheme = "Bearer ";

} // namespace

SecretDoor::SecretDoor(const std::filesystem::path& file, const Report& report)
{
    if (file.empty())
        return;
    secrets_ = std::make_unique<util::FollowedFile<Secrets>>(file, readSecrets, [report](const std::string& trouble) {
        report(trouble.empty() ? "The secret file was read again" : "The secrets stay as they were: " + trouble);
    });
}

std::optional<Principal> SecretDoor::identify(std::string_view authorization, std::string_view, std::string_view)
{
    if (!secrets_ || !util::equalsIgnoringCase(authorization.substr(0, kScheme.size()), kScheme))
        return std::nullopt;
    const auto given = authorization.substr(kScheme.size());
    const auto secrets = secrets_->current();
    bool known = false;
    for (const auto& secret : *secrets)
        known = util::sameSecret(secret, given) || known;
    return known ? std::optional(Principal{.id = 1, .username = "farm"}) : std::nullopt;
}

bool SecretDoor::admits(const HttpRequest& request)
{
    return !wantsSecret() || identify(request.header("Authorization").value_or(""), "", "");
}

SecretDoor::Secrets readSecrets(const std::filesystem::path& file)
{
    const auto refuse = [&](const std::string& why) { throw InvalidInput("'" + file.string() + "' " + why); };
    SecretDoor::Secrets secrets;
    for (const auto& line : util::splitList(util::readSecretFile(file), '\n')) {
        if (line.empty() || line.starts_with('#'))
            continue;
        if (const auto fault = util::faultOfSharedSecret(line); !fault.empty())
            refuse("has a line that is no secret: " + fault);
        secrets.push_back(line);
    }
    if (secrets.empty())
        refuse("holds no secret; write one on a line of its own, for example what 'openssl rand -hex 32' prints");
    if (secrets.size() > kMostSecrets)
        refuse("holds more than two secrets; two are enough while farm and server change over");
    return secrets;
}

void GuardedRoutes::add(Route route)
{
    if (door_.wantsSecret() && route.pattern != "/health")
        route.access = Access::User;
    routes_.add(std::move(route));
}

} // namespace apbfarm::server
