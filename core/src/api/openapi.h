// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/http.h>

#include <memory>
#include <string>
#include <vector>

namespace apbfarm::api {

/// The route table as an OpenAPI 3.1 document. Throws std::logic_error for a field whose type cannot be read, and for a
/// note about a path parameter that the pattern does not have.
std::string openApiDocument(const std::vector<std::unique_ptr<Route>>& routes, const std::string& version);

} // namespace apbfarm::api
