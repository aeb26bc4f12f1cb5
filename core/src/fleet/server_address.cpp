// SPDX-License-Identifier: MIT
#include "fleet/server_address.h"

#include "util/guarded.h"
#include "util/worker.h"

#include <apbfarm/errors.h>

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <system_error>
#include <thread>

namespace apbfarm::fleet {

using Poco::Net::IPAddress;
using Poco::Net::SocketAddress;

namespace {

using Bytes4 = std::array<unsigned char, 4>;
using Bytes16 = std::array<unsigned char, 16>;

[[noreturn]] void refuseUrl(const std::string& url, const std::string& why)
{
    throw InvalidInput("The build server address '" + url + "' is not usable: " + why, "invalid_server_url");
}

bool isForbidden(const Bytes4& a)
{
    constexpr Bytes4 metadata[] = {{100, 100, 100, 200}, {192, 0, 0, 192}};
    const bool linkLocal = a[0] == 169 && a[1] == 254;
    const bool multicastOrReserved = a[0] >= 224;
    return a[0] == 0 || linkLocal || multicastOrReserved || std::ranges::count(metadata, a) > 0;
}

bool startsWith(const Bytes16& a, std::initializer_list<unsigned char> prefix)
{
    return std::equal(prefix.begin(), prefix.end(), a.begin());
}

bool isForbidden(const Bytes16& a)
{
    constexpr Bytes16 loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    constexpr Bytes16 metadata[] = {{0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54},
                                    {0xfd, 0x20, 0x00, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54}};
    if (a == loopback)
        return false;
    if (a[0] == 0xff || (a[0] == 0xfe && (a[1] & 0xc0) == 0x80) || std::ranges::count(metadata, a) > 0)
        return true;
    const Bytes4 last{a[12], a[13], a[14], a[15]};
    if (startsWith(a, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}) ||
        startsWith(a, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) ||
        startsWith(a, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0}))
        return isForbidden(last);
    return startsWith(a, {0x20, 0x02}) && isForbidden(Bytes4{a[2], a[3], a[4], a[5]});
}

struct AddressList {
    std::vector<IPAddress> addresses;
    std::string error;
};

AddressList askSystem(const std::string& host)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    if (const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); code != 0)
        return {{}, ::gai_strerror(code)};
    AddressList list;
    for (const auto* entry = found; entry; entry = entry->ai_next)
        if (entry->ai_family == AF_INET || entry->ai_family == AF_INET6)
            list.addresses.push_back(SocketAddress(entry->ai_addr, entry->ai_addrlen).host());
    ::freeaddrinfo(found);
    return list;
}

} // namespace

ServerUrl parseServerUrl(const std::string& text)
{
    try {
        const Poco::URI uri(text);
        const auto& scheme = uri.getScheme();
        if (scheme != "http" && scheme != "https")
            refuseUrl(text, "it must begin with http:// or https://");
        if (!uri.getUserInfo().empty())
            refuseUrl(text, "a user name or password is not allowed in it");
        if (uri.getHost().empty() || uri.getPort() == 0)
            refuseUrl(text, "host or port is missing");
        if (text.find_first_of("?#") != std::string::npos)
            refuseUrl(text, "it must not contain '?' or '#'");
        if (std::ranges::any_of(text, [](unsigned char c) { return c <= 0x20 || c >= 0x7f; }))
            refuseUrl(text, "blanks and special characters are not allowed");
        ServerUrl url{scheme == "https", uri.getHost(), uri.getPort(), {}, {}};
        Poco::URI::encode(uri.getPath(), "?#", url.prefix);
        while (url.prefix.ends_with('/'))
            url.prefix.pop_back();
        url.authority = url.host.find(':') == std::string::npos ? url.host : '[' + url.host + ']';
        if (url.port != (url.secure ? 443 : 80))
            url.authority += ':' + std::to_string(url.port);
        return url;
    } catch (const Poco::Exception& error) {
        refuseUrl(text, error.message().empty() ? error.name() : error.message());
    }
}

bool isForbiddenAddress(const IPAddress& address)
{
    if (address.family() == IPAddress::IPv4) {
        Bytes4 bytes;
        std::memcpy(bytes.data(), address.addr(), bytes.size());
        return isForbidden(bytes);
    }
    Bytes16 bytes;
    std::memcpy(bytes.data(), address.addr(), bytes.size());
    return isForbidden(bytes);
}

struct NameResolver::Lookup {
    util::UniqueFd done{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    util::Guarded<AddressList> result;
};

NameResolver::NameResolver() = default;
NameResolver::~NameResolver() = default;

std::vector<IPAddress> NameResolver::lookUp(const std::string& host, Instant until, const AbortSignal& abort)
{
    if (!running_) {
        running_ = std::make_shared<Lookup>();
        // getaddrinfo can neither be timed nor cancelled; its thread owns all that it touches and may outlive us.
        std::thread([host, lookup = running_] {
            util::nameThread("name-lookup");
            auto list = askSystem(host);
            lookup->result.with([&](auto& result) { result = std::move(list); });
            ::eventfd_write(lookup->done.get(), 1);
        }).detach();
    }
    waitFor(running_->done.get(), POLLIN, until, abort);
    const auto list = std::exchange(running_, nullptr)->result.copy();
    if (list.addresses.empty())
        throw ExchangeBroken(Break::Unreachable, "the host name '" + host + "' is not known: " + list.error);
    return list.addresses;
}

std::vector<SocketAddress> NameResolver::resolve(const ServerUrl& url, Instant until, const AbortSignal& abort)
{
    IPAddress literal;
    const auto addresses =
        IPAddress::tryParse(url.host, literal) ? std::vector{literal} : lookUp(url.host, until, abort);
    std::vector<SocketAddress> allowed;
    for (const auto& address : addresses)
        if (!isForbiddenAddress(address))
            allowed.emplace_back(address, url.port);
    if (allowed.empty())
        throw ExchangeBroken(Break::Unreachable,
                             "addresses such as " + addresses.front().toString() + " are never contacted");
    return allowed;
}

} // namespace apbfarm::fleet
