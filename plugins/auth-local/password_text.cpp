// SPDX-License-Identifier: MIT
#include "password_text.h"

#include <utf8proc.h>

#include <string.h>

#include <cstdlib>

namespace local {

std::string composed(std::string_view password)
{
    utf8proc_uint8_t* text = nullptr;
    const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(password.data()),
                                   static_cast<utf8proc_ssize_t>(password.size()), &text,
                                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    if (size < 0)
        return std::string(password);
    std::string result(reinterpret_cast<char*>(text), static_cast<std::size_t>(size));
    ::explicit_bzero(text, static_cast<std::size_t>(size));
    std::free(text);
    return result;
}

} // namespace local
