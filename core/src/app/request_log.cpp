// SPDX-License-Identifier: MIT
#include "app/request_log.h"

#include <Poco/Message.h>

#include <initializer_list>
#include <utility>

namespace apbfarm::app {

void logRequest(Poco::Logger& logger, const http::RequestRecord& record)
{
    if (!logger.debug())
        return;
    const auto number = [](auto value) { return std::to_string(value); };
    const std::initializer_list<std::pair<const char*, std::string>> fields{
        {"request_id", std::string(record.requestId)}, {"client", std::string(record.clientAddress)},
        {"user", std::string(record.user)},            {"method", std::string(record.method)},
        {"path", std::string(record.target)},          {"status", number(record.status)},
        {"bytes", number(record.bytes)},               {"duration_us", number(record.duration.count())}};
    std::string line;
    for (const auto& [name, value] : fields)
        if (!value.empty())
            line += (line.empty() ? "" : " ") + value;
    Poco::Message message(logger.name(), line + "us", Poco::Message::PRIO_DEBUG);
    for (const auto& [name, value] : fields)
        message.set(name, value);
    logger.log(message);
}

void logFailure(Poco::Logger& logger, std::string_view requestId, const std::string& what)
{
    Poco::Message message(logger.name(), std::string(requestId) + " " + what, Poco::Message::PRIO_ERROR);
    message.set("request_id", std::string(requestId));
    logger.log(message);
}

} // namespace apbfarm::app
