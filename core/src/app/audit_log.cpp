// SPDX-License-Identifier: MIT
#include "app/audit_log.h"

#include "util/json_writer.h"
#include "util/text.h"

#include <Poco/Logger.h>

namespace apbfarm::app {

namespace {

constexpr std::size_t kLongest = 200;   // of one value

std::string lineOf(const AuditEvent& event)
{
    util::JsonWriter json;
    json.beginObject();
    for (const auto& [name, value] : {std::pair("action", &event.action),
                                      {"actor", &event.actor},
                                      {"target", &event.target},
                                      {"address", &event.address},
                                      {"result", &event.result},
                                      {"request_id", &event.requestId}})
        if (!value->empty())
            json.member(name, util::oneLine(*value, kLongest));
    return "audit " + json.endObject().take();
}

} // namespace

void AuditLog::append(const AuditEvent& event)
{
    logger_.information(lineOf(event));
    store_.append(event);
}

} // namespace apbfarm::app
