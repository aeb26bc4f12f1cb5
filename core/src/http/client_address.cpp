// SPDX-License-Identifier: MIT
#include "http/client_address.h"

#include "util/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace apbfarm::http {

namespace {

std::string textOf(int family, const void* bytes)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    return inet_ntop(family, bytes, text.data(), text.size()) ? text.data() : "";
}

std::string textOf(const in6_addr& address)
{
    return IN6_IS_ADDR_V4MAPPED(&address) ? textOf(AF_INET, &address.s6_addr[12]) : textOf(AF_INET6, &address);
}

/// One spelling for each address; empty when it is none.
std::string normalised(const std::string& text)
{
    in_addr v4;
    in6_addr v6;
    if (inet_pton(AF_INET, text.c_str(), &v4) == 1)
        return textOf(AF_INET, &v4);
    return inet_pton(AF_INET6, text.c_str(), &v6) == 1 ? textOf(v6) : "";
}

/// An address with or without brackets, quotes and port, as proxies write it.
std::string hopAddress(std::string_view hop)
{
    hop = util::trim(hop);
    if (hop.size() >= 2 && hop.front() == '"' && hop.back() == '"')
        hop = hop.substr(1, hop.size() - 2);
    if (!hop.empty() && hop.front() == '[')
        hop = hop.substr(1, std::min(hop.find(']'), hop.size()) - 1);
    else if (std::count(hop.begin(), hop.end(), ':') == 1)
        hop = hop.substr(0, hop.find(':'));
    return normalised(std::string(hop));
}

/// The `for` of one element of a Forwarded header; empty when it has none.
std::string_view forwardedFor(std::string_view element)
{
    while (!element.empty()) {
        const auto pair = util::trim(element.substr(0, std::min(element.find(';'), element.size())));
        element.remove_prefix(std::min(element.find(';'), element.size() - 1) + 1);
        if (pair.size() > 4 && util::equalsIgnoringCase(pair.substr(0, 4), "for="))
            return pair.substr(4);
    }
    return {};
}

/// All values of that header, in order.
std::vector<std::string> listOf(const RequestHead& head, std::string_view name)
{
    std::vector<std::string> items;
    for (const auto& field : head.fields)
        if (util::equalsIgnoringCase(field.name, name))
            for (auto& item : util::splitList(field.value, ','))
                items.push_back(std::move(item));
    return items;
}

} // namespace

std::string addressText(const sockaddr_storage& address)
{
    if (address.ss_family == AF_INET)
        return textOf(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr);
    if (address.ss_family == AF_INET6)
        return textOf(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
    return {};
}

TrustedProxies::TrustedProxies(const std::vector<std::string>& addresses)
{
    for (const auto& address : addresses) {
        auto text = normalised(address);
        if (text.empty())
            throw std::invalid_argument("trusted proxy is no IP address: " + address);
        addresses_.insert(std::move(text));
    }
}

std::string TrustedProxies::clientOf(const std::string& peer, const RequestHead& head) const
{
    if (addresses_.empty() || !has(peer))
        return peer;
    auto hops = listOf(head, "X-Forwarded-For");
    if (hops.empty())
        for (const auto& element : listOf(head, "Forwarded"))
            hops.emplace_back(forwardedFor(element));
    // What stands left of the first hop that we do not trust was written by anybody.
    std::string client = peer;
    for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
        auto address = hopAddress(*hop);
        if (address.empty())
            break;
        client = std::move(address);
        if (!has(client))
            break;
    }
    return client;
}

} // namespace apbfarm::http
