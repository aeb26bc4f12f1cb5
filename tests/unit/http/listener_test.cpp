// SPDX-License-Identifier: MIT
#include "http/listener.h"

#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <set>
#include <system_error>

using namespace apbfarm;

namespace {

std::string textOf(const sockaddr* address)
{
    char text[INET6_ADDRSTRLEN] = "";
    if (address->sa_family == AF_INET6)
        ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text, sizeof text);
    else
        ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
    return text;
}

/// The machine may have been started without IPv6, or a name may stand for addresses that are elsewhere.
bool isOurs(const sockaddr* address, socklen_t length)
{
    const util::UniqueFd socket(::socket(address->sa_family, SOCK_STREAM, 0));
    return socket && ::bind(socket.get(), address, length) == 0;
}

std::set<std::string> ownAddresses(const std::string& name)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    BOOST_TEST_REQUIRE(::getaddrinfo(name.c_str(), nullptr, &hints, &found) == 0);
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
    std::set<std::string> texts;
    for (const auto* address = found; address; address = address->ai_next)
        if (isOurs(address->ai_addr, address->ai_addrlen))
            texts.insert(textOf(address->ai_addr));
    return texts;
}

std::set<std::string> loopback()
{
    auto both = ownAddresses("127.0.0.1");
    both.merge(ownAddresses("::1"));
    return both;
}

/// Somebody takes a connection there. Nobody reads it, so no answer is waited for.
bool isConnectable(const std::string& address, std::uint16_t port)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST;
    addrinfo* found = nullptr;
    BOOST_TEST_REQUIRE(::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) == 0);
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    const util::UniqueFd socket(::socket(found->ai_family, SOCK_STREAM, 0));
    return socket && ::connect(socket.get(), found->ai_addr, found->ai_addrlen) == 0;
}

void checkReachable(const std::set<std::string>& addresses, const std::vector<util::UniqueFd>& listeners)
{
    const auto port = http::boundPort(listeners.front().get());
    for (const auto& address : addresses)
        BOOST_TEST(isConnectable(address, port), address);
}

} // namespace

BOOST_AUTO_TEST_SUITE(Listener)

BOOST_AUTO_TEST_CASE(a_name_is_listened_on_at_every_address_that_it_stands_for)
{
    const auto addresses = ownAddresses("localhost");
    const auto listeners = http::listenOn("localhost", 0, true);
    BOOST_TEST(listeners.size() == addresses.size());
    checkReachable(addresses, listeners);
}

BOOST_AUTO_TEST_CASE(no_name_stands_for_both_families_of_addresses)
{
    const auto listeners = http::listenOn("", 0, true);
    BOOST_TEST(listeners.size() == loopback().size());
    checkReachable(loopback(), listeners);
}

BOOST_AUTO_TEST_CASE(further_sockets_of_the_process_share_every_address)
{
    const auto first = http::listenOn("", 0, true);
    const auto port = http::boundPort(first.front().get());
    const auto second = http::listenOn("", port, false);
    BOOST_TEST(second.size() == first.size());
    for (const auto& socket : second)
        BOOST_TEST(http::boundPort(socket.get()) == port);
}

BOOST_AUTO_TEST_CASE(a_port_that_is_taken_at_one_of_the_addresses_is_refused)
{
    for (const auto& address : loopback()) {
        const auto other = http::listenOn(address, 0, true);
        const auto port = http::boundPort(other.front().get());
        BOOST_CHECK_EXCEPTION(http::listenOn("", port, true), std::system_error,
                              [](const auto& error) { return error.code().value() == EADDRINUSE; });
    }
}

BOOST_AUTO_TEST_SUITE_END()
