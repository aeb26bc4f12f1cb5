// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string_view>

namespace apbfarm::server {

/// A name that may be stored and asked for: no folder, nothing hidden, nothing that looks like an option.
inline bool isPlainName(std::string_view name)
{
    const auto allowed = [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
               || std::string_view("@._+:-~").find(static_cast<char>(c)) != std::string_view::npos;
    };
    return !name.empty() && name.size() <= 255 && name.front() != '.' && name.front() != '-'
           && std::all_of(name.begin(), name.end(), allowed);
}

inline bool isPackageName(std::string_view name)
{
    return isPlainName(name) && name.find(".pkg.tar") != std::string_view::npos && !name.ends_with(".sig");
}

} // namespace apbfarm::server
