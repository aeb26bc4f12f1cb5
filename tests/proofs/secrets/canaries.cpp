// SPDX-License-Identifier: MIT
#include "proofs/secrets/canaries.h"

#include "util/secrets.h"

#include <algorithm>
#include <cctype>

namespace apbfarm::proofs {

namespace {

std::string base64(std::string_view bytes, bool forAddresses)
{
    const std::string letters = std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        + (forAddresses ? "-_" : "+/");
    std::string text;
    unsigned bits = 0, count = 0;
    for (const unsigned char byte : bytes) {
        bits = bits << 8 | byte;
        for (count += 8; count >= 6; count -= 6)
            text += letters[bits >> (count - 6) & 63];
    }
    return text;
}

/// What of it does not depend on the bytes before and behind, when `before` of them stand before it in its group of three.
std::string within(std::string_view value, std::size_t before, bool forAddresses)
{
    const auto text = base64(std::string(before, 'x') + std::string(value), forAddresses);
    return text.substr(before == 0 ? 0 : before + 1);
}

std::string escaped(std::string_view value)
{
    constexpr auto digits = "0123456789ABCDEF";
    std::string text;
    for (const unsigned char byte : value)
        if (std::isalnum(byte) || byte == '-' || byte == '_' || byte == '.' || byte == '~')
            text += static_cast<char>(byte);
        else
            text += {'%', digits[byte >> 4], digits[byte & 15]};
    return text;
}

}

std::string Canaries::make(const std::string& name)
{
    const auto value = "Cny=" + util::toHex(util::randomBytes(12)) + "+z";
    add(name, value);
    return value;
}

void Canaries::add(const std::string& name, const std::string& value)
{
    std::set<std::string> forms{value, util::toHex(value), escaped(value)};
    auto upper = util::toHex(value);
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
    forms.insert(upper);
    for (std::size_t before = 0; before < 3; ++before)
        for (const bool forAddresses : {false, true})
            forms.insert(within(value, before, forAddresses));
    // What lies between the marks is unbroken also where these are escaped in a way of somebody's own.
    if (value.starts_with("Cny="))
        forms.insert(value.substr(4, 24));
    canaries_.push_back({name, {forms.begin(), forms.end()}});
}

std::vector<std::string> Canaries::in(std::string_view text, const std::set<std::string>& allowed) const
{
    std::vector<std::string> found;
    for (const auto& [name, forms] : canaries_)
        if (!allowed.contains(name) && std::ranges::any_of(forms, [&](const auto& form) { return text.find(form) != text.npos; }))
            found.push_back(name);
    return found;
}

}
