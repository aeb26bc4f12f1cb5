// SPDX-License-Identifier: MIT
#include "connect.h"

#include <Poco/Exception.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/HostEntry.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketAddress.h>

#include <algorithm>

namespace shared {

Poco::Timespan timeLeft(Deadline deadline, std::size_t parts)
{
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(deadline - std::chrono::steady_clock::now());
    return Poco::Timespan(std::max<std::int64_t>(left.count() / static_cast<std::int64_t>(parts), 1000));
}

std::optional<Poco::Net::IPAddress> literalAddress(const std::string& host)
{
    // tryParse takes "::" for no address.
    try {
        return Poco::Net::IPAddress(host);
    } catch (const Poco::Exception&) {
        return std::nullopt;
    }
}

std::vector<Poco::Net::IPAddress> addressesOf(const std::string& host)
{
    // Not DNS::resolve: that asks for the name of an address, through one buffer of all threads (Poco 1.11).
    if (const auto literal = literalAddress(host))
        return {*literal};
    auto addresses = Poco::Net::DNS::hostByName(host).addresses();
    if (addresses.empty())
        throw Poco::Net::NoAddressFoundException(host);
    return addresses;
}

Poco::Net::StreamSocket connectTo(const std::vector<Poco::Net::IPAddress>& addresses, std::uint16_t port, Deadline deadline)
{
    for (auto untried = addresses.size();; --untried)
        try {
            Poco::Net::StreamSocket socket;
            socket.connect({addresses.at(addresses.size() - untried), port}, timeLeft(deadline, untried));
            return socket;
        } catch (const Poco::Exception&) {
            if (untried <= 1)
                throw;
        }
}

} // namespace shared
