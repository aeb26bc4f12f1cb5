// SPDX-License-Identifier: MIT
#pragma once

#include <Poco/Net/IPAddress.h>

namespace webhook {

enum class AddressKind {
    Public,
    Private,   ///< this machine, the own network, what is not routed on the Internet
    Never      ///< link-local, multicast, unspecified, and where clouds keep the secrets of their machines
};

/// Of an address as the resolver gave it; one IPv4 address in the clothes of IPv6 is what it stands for (M5).
AddressKind kindOf(const Poco::Net::IPAddress& address);

inline bool mayContact(const Poco::Net::IPAddress& address, bool allowPrivate)
{
    const auto kind = kindOf(address);
    return kind == AddressKind::Public || (kind == AddressKind::Private && allowPrivate);
}

} // namespace webhook
