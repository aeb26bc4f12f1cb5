// SPDX-License-Identifier: MIT
#pragma once

#include "http/http_server.h"
#include "util/secret_file.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace apbfarm::server {

/// Who may use this build server: everybody who reaches it, or with a secret file whoever sends one of its secrets as
/// `Authorization: Bearer` (V7). A change of the file counts from the next request on. Thread-safe.
class SecretDoor final : public http::Gatekeeper {
public:
    using Secrets = std::vector<std::string>;
    using Report = std::function<void(const std::string&)>;

    /// An empty `file`: no secret is wanted. Throws as `readSecrets` does.
    SecretDoor(const std::filesystem::path& file, const Report& report);

    /// A caller when the secret is right.
    std::optional<Principal> identify(std::string_view authorization, std::string_view cookie,
                                      std::string_view clientAddress) override;

    bool wantsSecret() const { return secrets_ != nullptr; }
    /// Whether this request may be told anything at all.
    bool admits(const HttpRequest& request);

private:
    std::unique_ptr<util::FollowedFile<Secrets>> secrets_;   // null: none is wanted
};

/// One secret per line, at most two, so that both count while farm and server change over; empty lines and those that
/// begin with `#` are left out. Throws `InvalidInput` naming the file and never its content.
SecretDoor::Secrets readSecrets(const std::filesystem::path& file);

/// Declares routes that want the secret, but for `/health`, which load balancers and monitoring ask.
class GuardedRoutes final : public RouteTable {
public:
    GuardedRoutes(RouteTable& routes, const SecretDoor& door) : routes_(routes), door_(door) {}

    void add(Route route) override;

private:
    RouteTable& routes_;
    const SecretDoor& door_;
};

} // namespace apbfarm::server
