// SPDX-License-Identifier: MIT
#include "fleet/server_secrets.h"

#include "fleet/json_fields.h"
#include "util/json_reader.h"
#include "util/text.h"

#include <apbfarm/errors.h>

namespace apbfarm::fleet {

namespace {

constexpr util::JsonLimits kLimits{256 << 10, 2};

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why)
{
    throw InvalidInput("'" + file.string() + "' " + why, "server_secrets_refused");
}

Poco::JSON::Object::Ptr objectIn(const std::filesystem::path& file)
{
    const auto text = util::readSecretFile(file);
    try {
        return util::parseJsonObject(text, kLimits);
    } catch (const Error&) {
        // What the parser says may quote a secret.
        refuse(file, "is not a JSON object of server URLs, each once, and their secrets, as in "
                     "{\"http://server.example.com:8000\": \"...\"}");
    }
}

std::string urlOf(const std::filesystem::path& file, const std::string& key)
{
    // A secret in the place of the URL must not be shown.
    if (!key.starts_with("http://") && !key.starts_with("https://"))
        refuse(file, "has an entry that does not begin with the URL of a server, http://host:port");
    try {
        return plainUrl(parseServerUrl(key));
    } catch (const InvalidInput&) {
        refuse(file, "has an entry whose URL is none; write it as in apb.json, without user name and password");
    }
}

} // namespace

std::string plainUrl(const ServerUrl& url)
{
    const std::string scheme = url.secure ? "https://" : "http://";
    return scheme + util::toLower(url.host) + ':' + std::to_string(url.port) + url.prefix;
}

SecretsByUrl readServerSecrets(const std::filesystem::path& file)
{
    SecretsByUrl secrets;
    const auto object = objectIn(file);
    for (const auto& key : object->getNames()) {
        const auto url = urlOf(file, key);
        const auto secret = jsonText(*object, key);
        const auto fault = secret ? util::faultOfSharedSecret(*secret) : "it is not a text in quotes";
        if (!fault.empty())
            refuse(file, "has no usable secret for " + url + ": " + fault);
        if (!secrets.emplace(url, *secret).second)
            refuse(file, "has " + url + " twice, written in two ways");
    }
    return secrets;
}

ServerSecrets::ServerSecrets(const std::filesystem::path& file, std::function<void(const std::string&)> report)
    : file_(file, readServerSecrets, [report = std::move(report)](const std::string& trouble) {
          report(trouble.empty() ? "The secrets of build servers were read again"
                                 : "The secrets of build servers stay as they were: " + trouble);
      })
{
}

std::string ServerSecrets::of(const ServerUrl& url)
{
    const auto secrets = file_.current();
    const auto found = secrets->find(plainUrl(url));
    return found == secrets->end() ? "" : found->second;
}

} // namespace apbfarm::fleet
