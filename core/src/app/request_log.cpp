// SPDX-License-Identifier: MIT
#include "app/request_log.h"

#include <Poco/Message.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace apbfarm::app {

namespace {

bool takes(const Route* route, std::string_view name)
{
    return route && std::ranges::any_of(route->notes.parameters, [&](const ApiField& field) { return field.name == name; });
}

/// The target without what nobody asked for: somebody may have put a token or a password into the address (C2).
std::string shownTarget(std::string_view target, const Route* route)
{
    const auto question = std::min(target.find('?'), target.size());
    std::string shown(target.substr(0, question));
    auto query = target.substr(std::min(question + 1, target.size()));
    for (char mark = '?'; !query.empty(); mark = '&') {
        const auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        const auto name = pair.substr(0, pair.find('='));
        shown += mark;
        if (takes(route, name))
            shown += pair;
        else
            shown += (name.size() < pair.size() ? std::string(name) + "=" : "") + "***";
    }
    return shown;
}

} // namespace

void logRequest(Poco::Logger& logger, const http::RequestRecord& record)
{
    if (!logger.debug())
        return;
    const auto number = [](auto value) { return std::to_string(value); };
    const std::initializer_list<std::pair<const char*, std::string>> fields{
        {"request_id", std::string(record.requestId)}, {"client", std::string(record.clientAddress)},
        {"user", std::string(record.user)},            {"method", std::string(record.method)},
        {"path", shownTarget(record.target, record.route)},          {"status", number(record.status)},
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
