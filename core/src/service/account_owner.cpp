// SPDX-License-Identifier: MIT
#include "service/account_owner.h"

#include "util/secrets.h"

namespace apbfarm::service {

std::string ownerMark(std::string_view authenticator, std::string_view subject)
{
    return std::string(kNoPassword) + std::string(authenticator) + "$" + util::sha256Hex(subject);
}

bool livesElsewhere(std::string_view stored)
{
    return stored.starts_with(kNoPassword);
}

std::string_view ownerOf(std::string_view stored)
{
    const auto end = stored.find('$');
    return livesElsewhere(stored) && end != stored.npos ? stored.substr(kNoPassword.size(), end - kNoPassword.size())
                                                        : std::string_view();
}

} // namespace apbfarm::service
