// SPDX-License-Identifier: MIT
#include "package/plain_text.h"

#include "package/pkgbuild_reader.h"

namespace apbfarm::package {

std::string plainText(std::string_view bytes, const std::string& what, const std::string& code)
{
    if (bytes.size() > kMaxPkgbuild)
        throw TooLarge(what + " is larger than 1 MiB");
    if (bytes.find('\0') != bytes.npos)
        throw InvalidInput(what + " is not a text file", code);
    if (bytes.starts_with("\xef\xbb\xbf"))
        bytes.remove_prefix(3);

    std::string text;
    text.reserve(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i)
        if (bytes[i] != '\r' || i + 1 == bytes.size() || bytes[i + 1] != '\n')
            text += bytes[i];
    return text;
}

} // namespace apbfarm::package
