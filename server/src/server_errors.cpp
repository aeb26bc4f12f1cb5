// SPDX-License-Identifier: MIT
#include "server_errors.h"

#include "http/error_mapping.h"
#include "util/json_writer.h"

namespace apbfarm::server {

namespace {

std::string nested(const std::string& title, const std::string& detail)
{
    util::JsonWriter json;
    json.beginObject().key("detail").beginObject().member("error", title).member("detail", detail).endObject().endObject();
    return json.take();
}

std::string simple(const std::string& detail)
{
    return util::JsonWriter().beginObject().member("detail", detail).endObject().take();
}

std::string unwrapped(const std::string& title, const std::string& detail, const std::string& type)
{
    return util::JsonWriter()
        .beginObject()
        .member("error", title)
        .member("detail", detail)
        .member("type", type)
        .endObject()
        .take();
}

std::string list(const BadValue& error)
{
    util::JsonWriter json;
    json.beginObject().key("detail").beginArray().beginObject();
    json.key("loc").beginArray();
    json.value(error.in() == BadValue::In::Body ? "body" : "query").value(error.field()).endArray();
    json.member("msg", error.what()).member("type", error.code());
    return json.endObject().endArray().endObject().take();
}

} // namespace

NotFound buildNotFound()
{
    return NotFound("Build not found");
}

void renderError(const std::exception& error, const HttpRequest&, HttpResponse& response)
{
    if (const auto* refusal = dynamic_cast<const Refusal*>(&error))
        return response.json(refusal->status(), nested(refusal->title(), refusal->what()));
    if (const auto* value = dynamic_cast<const BadValue*>(&error))
        return response.json(422, list(*value));
    if (const auto* missing = dynamic_cast<const NotFound*>(&error))
        return response.json(404, simple(missing->what()));
    if (dynamic_cast<const Unauthenticated*>(&error)) {
        response.header("WWW-Authenticate", "Bearer realm=\"apb-server\"");
        return response.json(401, unwrapped("Secret required", "This build server answers only to requests with one of "
                                            "its secrets in Authorization: Bearer", "secret_required"));
    }
    const auto* known = dynamic_cast<const Error*>(&error);
    if (!known)
        return response.json(500, unwrapped("Internal server error", "The request could not be completed",
                                            "internal_error"));
    const int status = http::statusFor(error);
    switch (status) {
    case 404: return response.json(404, simple("Not Found"));
    case 405: return response.json(405, simple("Method Not Allowed"));
    case 413: return response.json(413, nested("File too large", known->what()));
    case 507: return response.json(500, nested("Insufficient storage", known->what()));
    default: return response.json(status, unwrapped(known->title(), known->what(), known->code()));
    }
}

} // namespace apbfarm::server
