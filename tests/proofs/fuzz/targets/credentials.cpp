// SPDX-License-Identifier: MIT
#include "property.h"

#include "api/session_gate.h"
#include "util/text.h"

namespace apbfarm::fuzz {

namespace {

void checkBearer(std::string_view header)
{
    const auto token = api::bearerToken(header);
    if (!token)
        return;
    require(util::toLower(util::trim(header)).starts_with("bearer "), "no other scheme counts");
    require(util::trim(header).ends_with(*token) && util::trim(*token) == *token, "a token is the end of its header");
}

void checkCookie(std::string_view header)
{
    const auto token = api::sessionTokenOf(header);
    require(token.find(';') == token.npos && header.find(token) != header.npos, "a token is within one cookie");
    require(token.empty() || header.find("apb_session=") != header.npos || header.find("authToken=") != header.npos,
            "only known cookies hold tokens");
    const auto first = "__Host-apb_session=first; " + std::string(header);
    require(api::sessionTokenOf(first) == "first", "the first cookie of the safest name counts (U8)");
}

}

void tryInput(std::string_view bytes)
{
    checkBearer(bytes);
    checkBearer("Bearer " + std::string(bytes));
    checkCookie(bytes);
    require(api::csrfTokenFor(bytes).size() == 64, "a page's token has its length");
}

}
