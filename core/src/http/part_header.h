// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace apbfarm::http {

/// What the header of a form part says.
struct PartHeader {
    std::string name;
    std::string filename;
    bool isFile = false;
};

/// `lines`: each with its line end. Throws ProtocolError (400) for anything unclear: no name, a name twice, folded
/// lines, a transfer encoding that would have to be undone (H18).
PartHeader parsePartHeader(std::string_view lines);

/// A parameter of a header value such as `multipart/form-data; boundary="x"`, unquoted; empty when absent.
/// Throws ProtocolError (400) when the parameters are malformed or one is given twice.
std::string headerParameter(std::string_view value, std::string_view name);

} // namespace apbfarm::http
