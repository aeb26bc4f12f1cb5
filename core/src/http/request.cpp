// SPDX-License-Identifier: MIT
#include "http/request.h"

namespace apbfarm::http {

std::string_view Request::param(std::string_view name) const
{
    for (const auto& [key, value] : match.params)
        if (key == name)
            return value;
    return {};
}

std::optional<std::string_view> Request::query(std::string_view name) const
{
    for (const auto& [key, value] : parsed.query)
        if (key == name)
            return value;
    return {};
}

void Request::own(std::string_view bytes)
{
    bytes_.assign(bytes);
    head.rebase(bytes.data(), bytes_.data());
}

void Request::clear()
{
    head.clear();
    parsed.clear();
    match = {};
    caller.reset();
    content.text.clear();
    content.parts.clear();
    content.writers.clear();
    address.clear();
    bytes_.clear();
}

} // namespace apbfarm::http
