// SPDX-License-Identifier: MIT
#include "address_rules.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

namespace webhook {

using Poco::Net::IPAddress;

namespace {

struct Range {
    const char* prefix;
    unsigned bits;
    AddressKind kind;
};

using enum AddressKind;

// The first that contains the address counts.
constexpr Range kRanges[] = {
    {"100.100.100.200", 32, Never}, {"192.0.0.192", 32, Never}, {"169.254.0.0", 16, Never}, {"0.0.0.0", 8, Never},
    {"224.0.0.0", 3, Never},        {"10.0.0.0", 8, Private},   {"100.64.0.0", 10, Private}, {"127.0.0.0", 8, Private},
    {"172.16.0.0", 12, Private},    {"192.0.0.0", 24, Private}, {"192.168.0.0", 16, Private}, {"198.18.0.0", 15, Private},
    {"fd00:ec2::254", 128, Never},  {"fd20:ce::254", 128, Never}, {"fe80::", 10, Never},      {"ff00::", 8, Never},
    {"::", 128, Never},             {"::1", 128, Private},      {"fc00::", 7, Private},      {"fec0::", 10, Private},
    {"100::", 64, Private},         {"2001::", 32, Private},    {"2001:db8::", 32, Private},
};

/// Prefix and place of the four bytes of IPv4 in it: mapped, compatible, NAT64 (well-known and local), 6to4.
struct Wrapping {
    const char* prefix;
    unsigned bits;
    unsigned place;
};
constexpr Wrapping kWrappings[] = {{"::ffff:0:0", 96, 12}, {"::", 96, 12}, {"64:ff9b::", 96, 12}, {"64:ff9b:1::", 48, 12},
                                   {"2002::", 16, 2}};

bool startsWith(const IPAddress& address, const char* prefix, unsigned bits)
{
    const IPAddress wanted(prefix);
    if (address.family() != wanted.family())
        return false;
    const auto* have = static_cast<const unsigned char*>(address.addr());
    const auto* want = static_cast<const unsigned char*>(wanted.addr());
    if (!std::equal(want, want + bits / 8, have))
        return false;
    const auto mask = static_cast<unsigned char>(0xff00 >> bits % 8);
    return bits % 8 == 0 || (have[bits / 8] & mask) == (want[bits / 8] & mask);
}

IPAddress unwrapped(const IPAddress& address)
{
    if (address.family() == IPAddress::IPv4 || startsWith(address, "::1", 128) || startsWith(address, "::", 128))
        return address;
    for (const auto& [prefix, bits, place] : kWrappings)
        if (startsWith(address, prefix, bits))
            return IPAddress(static_cast<const unsigned char*>(address.addr()) + place, 4);
    return address;
}

} // namespace

AddressKind kindOf(const IPAddress& address)
{
    const auto plain = unwrapped(address);
    for (const auto& [prefix, bits, kind] : kRanges)
        if (startsWith(plain, prefix, bits))
            return kind;
    return Public;
}

} // namespace webhook
