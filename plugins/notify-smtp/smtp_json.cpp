// SPDX-License-Identifier: MIT
#include "smtp_json.h"

#include "mail_address.h"

#include <apbfarm/errors.h>

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sstream>
#include <vector>

namespace smtp {

using apbfarm::FieldError;
using apbfarm::InvalidInput;
using Poco::JSON::Object;

namespace {

constexpr std::size_t kTextLimit = 254;
constexpr std::size_t kPasswordLimit = 1024;

Object::Ptr parse(std::string_view body)
{
    try {
        Poco::JSON::Parser parser;
        return parser.parse(std::string(body)).extract<Object::Ptr>();
    } catch (const Poco::Exception&) {
        throw InvalidInput("The body is not a JSON object", "invalid_json");
    }
}

/// Takes fields out of an object and remembers what is wrong with them.
class Fields {
public:
    explicit Fields(std::string_view body) : object_(parse(body)) {}

    std::optional<std::string> text(const std::string& name)
    {
        if (!object_->has(name) || object_->isNull(name))
            return std::nullopt;
        const auto value = object_->get(name);
        if (value.isString())
            return value.extract<std::string>();
        complain(name, name + " must be a string");
        return std::nullopt;
    }

    int port(int fallback)
    {
        if (!object_->has("port") || object_->isNull("port"))
            return fallback;
        const auto value = object_->get("port");
        if (value.isInteger() && !value.isBoolean()) {
            try {
                if (const auto number = value.convert<std::int64_t>(); number >= 1 && number <= 65535)
                    return static_cast<int>(number);
            } catch (const Poco::Exception&) {
                // out of range: told below like all others
            }
        }
        complain("port", "port must be a whole number from 1 to 65535");
        return fallback;
    }

    bool flag(const std::string& name, bool fallback)
    {
        if (!object_->has(name) || object_->isNull(name))
            return fallback;
        if (const auto value = object_->get(name); value.isBoolean())
            return value.extract<bool>();
        complain(name, name + " must be true or false");
        return fallback;
    }

    void complain(const std::string& field, const std::string& message) { errors_.push_back({field, message}); }

    void throwIfWrong() const
    {
        if (!errors_.empty())
            throw InvalidInput(errors_.front().message, "invalid_smtp_settings", errors_);
    }

private:
    Object::Ptr object_;
    std::vector<FieldError> errors_;
};

void put(Object& object, const std::string& name, const std::string& text)
{
    object.set(name, text.empty() ? Poco::Dynamic::Var() : Poco::Dynamic::Var(text));
}

} // namespace

SmtpInput readSmtpInput(std::string_view body)
{
    Fields fields(body);
    SmtpInput input;
    auto& config = input.config;
    config.server = fields.text("server").value_or("");
    config.port = fields.port(config.port);
    config.username = fields.text("username").value_or("");
    config.useTls = fields.flag("use_tls", true);
    config.fromEmail = fields.text("from_email").value_or("");
    config.fromName = fields.text("from_name").value_or("");
    input.password = fields.text("password");

    if (!isHostName(config.server))
        fields.complain("server", "server must be the name or the address of a mail server");
    if (!isOneLine(config.username, kTextLimit))
        fields.complain("username", "username must be one line of at most 254 bytes");
    if (input.password && !isOneLine(*input.password, kPasswordLimit))
        fields.complain("password", "password must be one line of at most 1024 bytes");
    if (!config.fromEmail.empty() && !isMailAddress(config.fromEmail))
        fields.complain("from_email", "Invalid from_email format");
    if (!isOneLine(config.fromName, kTextLimit))
        fields.complain("from_name", "from_name must be one line of at most 254 bytes");
    fields.throwIfWrong();
    return input;
}

std::string readTestAddress(std::string_view body)
{
    Fields fields(body);
    const auto address = fields.text("test_email").value_or("");
    if (!isMailAddress(address))
        fields.complain("test_email", "test_email must be an e-mail address");
    fields.throwIfWrong();
    return address;
}

std::string toJson(const SmtpConfig& config)
{
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("id", config.id);
    object.set("server", config.server);
    object.set("port", config.port);
    put(object, "username", config.username);
    object.set("use_tls", config.useTls);
    put(object, "from_email", config.fromEmail);
    put(object, "from_name", config.fromName);
    object.set("created_at", config.createdAt);
    object.set("updated_at", config.updatedAt);
    std::ostringstream out;
    object.stringify(out);
    return out.str();
}

} // namespace smtp
