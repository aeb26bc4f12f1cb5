// SPDX-License-Identifier: MIT
#pragma once

#include <Poco/Net/IPAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Timespan.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shared {

using Deadline = std::chrono::steady_clock::time_point;

/// What is left until then, divided by `parts`; at least a millisecond, for Poco takes nothing for no limit.
Poco::Timespan timeLeft(Deadline deadline, std::size_t parts = 1);

/// Empty when the host is a name.
std::optional<Poco::Net::IPAddress> literalAddress(const std::string& host);

/// The addresses of a host, one at least, as the machine's resolver orders them, who has no limit of time here. Throws
/// Poco::Exception when there are none. Any thread.
std::vector<Poco::Net::IPAddress> addressesOf(const std::string& host);

/// Connected to the first of the addresses that answers; there is at least one. Each has an equal share of the time that
/// is left, so that one that is silent leaves some for those behind it. Throws the Poco::Exception of the last one.
Poco::Net::StreamSocket connectTo(const std::vector<Poco::Net::IPAddress>& addresses, std::uint16_t port, Deadline deadline);

} // namespace shared
