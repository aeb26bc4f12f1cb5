// SPDX-License-Identifier: MIT
#pragma once

#include "fleet/server_wait.h"

#include <Poco/Net/IPAddress.h>
#include <Poco/Net/SocketAddress.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace apbfarm::fleet {

/// The parts of a configured base URL.
struct ServerUrl {
    bool secure = false;
    std::string host;        ///< IPv6 without brackets
    std::uint16_t port = 80;
    std::string prefix;      ///< path before the server's own ones; no trailing slash, mostly empty
    std::string authority;   ///< for the Host field
};

/// Takes http and https only, without user, query and fragment (V1). Throws `InvalidInput`.
ServerUrl parseServerUrl(const std::string& url);

/// Link-local, multicast, unspecified, reserved, or a cloud's metadata service; also when wrapped in an IPv6 address.
bool isForbiddenAddress(const Poco::Net::IPAddress& address);

/// Turns a host name into addresses without waiting longer than allowed. One lookup runs at most; one that outlives
/// its caller's patience serves the next caller. Used by one thread at a time.
class NameResolver {
public:
    NameResolver();
    ~NameResolver();

    /// At least one address, forbidden ones left out. Throws `ExchangeBroken`.
    std::vector<Poco::Net::SocketAddress> resolve(const ServerUrl& url, Instant until, const AbortSignal& abort);

private:
    struct Lookup;
    std::vector<Poco::Net::IPAddress> lookUp(const std::string& host, Instant until, const AbortSignal& abort);

    std::shared_ptr<Lookup> running_;
};

} // namespace apbfarm::fleet
