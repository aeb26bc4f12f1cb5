// SPDX-License-Identifier: MIT
#pragma once

#include "http/http_server.h"

#include <Poco/Logger.h>

#include <string>
#include <string_view>

namespace apbfarm::app {

/// One line per request, at DEBUG; its parts are fields of a JSON log. Of a query, only what the route takes is shown.
void logRequest(Poco::Logger& logger, const http::RequestRecord& record);

/// Why a request was answered with 500 or above.
void logFailure(Poco::Logger& logger, std::string_view requestId, const std::string& what);

} // namespace apbfarm::app
