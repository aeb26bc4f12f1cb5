// SPDX-License-Identifier: MIT
#include "fleet/public_report.h"

#include "fleet/address_veil.h"
#include "fleet/json_fields.h"
#include "util/json_reader.h"
#include "util/json_writer.h"
#include "util/text.h"

#include <initializer_list>

namespace apbfarm::fleet {

namespace {

using Poco::JSON::Object;

constexpr std::size_t kLongestText = 80;
constexpr util::JsonLimits kLimits{64 << 20, 64};   // it was parsed within its limits when it came

void numbers(util::JsonWriter& out, const char* name, const Object& from, std::initializer_list<const char*> members)
{
    const auto group = jsonObject(from, name);
    if (!group)
        return;
    out.key(name).beginObject();
    for (const auto* member : members)
        if (const auto whole = jsonInteger(*group, member, INT64_MIN, INT64_MAX))
            out.member(member, *whole);
        else if (const auto number = jsonNumber(*group, member))
            out.member(member, *number);
    out.endObject();
}

void system(util::JsonWriter& out, const Object& system, const ServerId& server)
{
    const auto text = [&](const char* name) {
        if (const auto value = jsonText(system, name))
            out.member(name, withoutAddresses(util::oneLine(*value, kLongestText), server));
    };
    out.key("system_info").beginObject();
    text("architecture");
    numbers(out, "cpu", system, {"cores", "usage_percent"});
    numbers(out, "memory", system, {"total", "used", "available", "percentage"});
    numbers(out, "disk", system, {"total", "used", "free", "percentage"});
    text("uptime");
    out.endObject();
}

} // namespace

std::string publicReport(const ServerInfo& info, const ServerId& server)
{
    const auto document = util::parseJsonObject(info.document, kLimits);
    util::JsonWriter out;
    out.beginObject();
    out.member("version", withoutAddresses(info.version, server)).member("supported_architecture", info.architecture);
    if (const auto found = jsonObject(*document, "system_info"))
        system(out, *found, server);
    out.key("queue_status").beginObject();
    out.member("current_builds_count", info.building).member("queued_builds", info.queued);
    out.member("max_concurrent_builds", info.slots);
    out.member("buildroot_recreation_count", info.buildrootRecreations);
    out.member("server_busy_with_buildroot", info.recreatingBuildroot);
    out.endObject().endObject();
    return out.take();
}

} // namespace apbfarm::fleet
