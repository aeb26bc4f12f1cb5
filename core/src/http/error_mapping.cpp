// SPDX-License-Identifier: MIT
#include "http/error_mapping.h"

#include "util/json_reader.h"
#include "util/json_writer.h"
#include "util/text.h"

#include <Poco/JSON/Object.h>

#include <chrono>

namespace apbfarm::http {

namespace {

void setRetryAfter(HttpResponse& response, std::chrono::seconds wait)
{
    response.header("Retry-After", std::to_string(wait.count()));
}

void setHeaders(const std::exception& error, HttpResponse& response)
{
    if (dynamic_cast<const Unauthenticated*>(&error))
        response.header("WWW-Authenticate", "Bearer realm=\"apb-farm\"");
    else if (const auto* many = dynamic_cast<const TooMany*>(&error))
        setRetryAfter(response, many->retryAfter());
    else if (const auto* away = dynamic_cast<const Unavailable*>(&error))
        setRetryAfter(response, away->retryAfter());
    else if (dynamic_cast<const StorageFull*>(&error))
        setRetryAfter(response, std::chrono::seconds(60));
}

void writeFields(util::JsonWriter& json, const std::vector<FieldError>& fields)
{
    json.key("fields").beginArray();
    for (const auto& field : fields)
        json.beginObject().member("field", field.field).member("message", field.message).endObject();
    json.endArray();
}

std::string now()
{
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return util::isoTime(std::chrono::duration<double>(since).count());
}

/// The members every error has, but for those in `except`.
void writeCommon(util::JsonWriter& json, const std::exception& error, const HttpRequest& request,
                 const Poco::JSON::Object* except = nullptr)
{
    const auto* known = dynamic_cast<const Error*>(&error);
    const auto member = [&](const char* name, std::string_view text) {
        if (!except || !except->has(name))
            json.key(name).value(text);
    };
    member("error", known ? std::string_view(known->title()) : "Internal server error");
    member("detail", known ? error.what() : "The request could not be completed. The request id names it in the log.");
    member("error_type", known ? std::string_view(known->code()) : "internal_error");
    member("timestamp", now());
    member("request_id", request.requestId());
}

std::string shapedBody(const ShapedError& error, const HttpRequest& request)
{
    const auto own = util::parseJsonObject(error.members(), {1 << 20, 32});
    util::JsonWriter missing;
    missing.beginObject();
    writeCommon(missing, error, request, own.get());
    missing.endObject();
    auto body = error.members().substr(0, error.members().rfind('}'));
    const auto rest = std::string_view(missing.text()).substr(1);
    if (own->size() > 0 && rest.size() > 1)
        body += ',';
    return body.append(rest);
}

std::string bodyOf(const std::exception& error, const HttpRequest& request)
{
    if (const auto* shaped = dynamic_cast<const ShapedError*>(&error))
        return shapedBody(*shaped, request);
    util::JsonWriter json;
    json.beginObject();
    writeCommon(json, error, request);
    const auto* invalid = dynamic_cast<const InvalidInput*>(&error);
    if (invalid && !invalid->fields().empty())
        writeFields(json, invalid->fields());
    return json.endObject().take();
}

} // namespace

int statusFor(const std::exception& error)
{
    const auto is = [&]<class Type>(const Type*) { return dynamic_cast<const Type*>(&error) != nullptr; };
    if (const auto* protocol = dynamic_cast<const ProtocolError*>(&error))
        return protocol->status();
    if (const auto* shaped = dynamic_cast<const ShapedError*>(&error))
        return shaped->status();
    return is(static_cast<InvalidInput*>(nullptr))      ? 400
           : is(static_cast<Unauthenticated*>(nullptr)) ? 401
           : is(static_cast<Forbidden*>(nullptr))       ? 403
           : is(static_cast<NotFound*>(nullptr))        ? 404
           : is(static_cast<Conflict*>(nullptr))        ? 409
           : is(static_cast<TooLarge*>(nullptr))        ? 413
           : is(static_cast<TooMany*>(nullptr))         ? 429
           : is(static_cast<Unavailable*>(nullptr))     ? 503
           : is(static_cast<StorageFull*>(nullptr))     ? 507
                                                        : 500;
}

void renderFarmError(const std::exception& error, const HttpRequest& request, HttpResponse& response)
{
    setHeaders(error, response);
    response.json(statusFor(error), bodyOf(error, request));
}

} // namespace apbfarm::http
