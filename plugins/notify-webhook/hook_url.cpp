// SPDX-License-Identifier: MIT
#include "hook_url.h"

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <algorithm>
#include <stdexcept>

namespace webhook {

namespace {

[[noreturn]] void refuse(const char* why)
{
    throw std::invalid_argument(why);
}

Poco::URI parsed(const std::string& text)
{
    try {
        return Poco::URI(text);
    } catch (const Poco::Exception&) {
        refuse("it is not a URL");
    }
}

std::string pathOf(const std::string& text)
{
    const auto end = text.find_first_of("/?", text.find("://") + 3);
    const auto path = end == std::string::npos ? "" : text.substr(end);
    return path.starts_with('/') ? path : "/" + path;
}

} // namespace

HookUrl parseHookUrl(const std::string& text)
{
    if (std::ranges::any_of(text, [](unsigned char c) { return c <= 0x20 || c >= 0x7f || c == '\\'; }))
        refuse("blanks and special characters are not allowed in it");
    const auto uri = parsed(text);
    const auto& scheme = uri.getScheme();
    if (scheme != "http" && scheme != "https")
        refuse("it must begin with https:// or http://");
    if (!uri.getUserInfo().empty() || uri.getAuthority().find('@') != std::string::npos)
        refuse("a user name or password is not allowed in it");
    if (uri.getHost().empty() || uri.getPort() == 0)
        refuse("host or port is missing");
    if (text.find('#') != std::string::npos)
        refuse("it must not contain '#'");
    HookUrl url{scheme == "https", uri.getHost(), uri.getPort(), "", pathOf(text)};
    url.authority = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
    if (url.port != (url.secure ? 443 : 80))
        url.authority += ":" + std::to_string(url.port);
    return url;
}

} // namespace webhook
