// SPDX-License-Identifier: MIT
#include "fleet/server_verdict.h"

#include "fleet/json_fields.h"
#include "util/json_reader.h"
#include "util/text.h"

#include <apbfarm/errors.h>

#include <Poco/DateTime.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>
#include <Poco/Timestamp.h>

#include <algorithm>

namespace apbfarm::fleet {

using Poco::JSON::Object;

namespace {

// util::oneLine may add one escaped character to its limit.
constexpr std::size_t kMaxText = 2048 - 16;
constexpr std::chrono::seconds kLongestRetry{3600};

Object::Ptr documentOf(const HttpAnswer& answer)
{
    if (!answer.bodyWhole)
        return nullptr;
    try {
        return util::parseJsonObject(answer.body, {.bytes = 1 << 20, .depth = 32});
    } catch (const Error&) {
        return nullptr;
    }
}

/// `{"error", "detail"}`, at the top or inside `detail`.
std::string titledText(const Object& object)
{
    const auto title = jsonText(object, "error").value_or("");
    const auto detail = jsonText(object, "detail").value_or("");
    return title.empty() || detail.empty() ? title + detail : title + ": " + detail;
}

/// Calls `visit(location, message)` for each entry of a validation error.
template <class Visit> void forEachComplaint(const Object& document, const Visit& visit)
{
    const auto list = jsonArray(document, "detail");
    for (std::size_t i = 0; list && i < std::min<std::size_t>(list->size(), 20); ++i) {
        const auto entry = jsonObjectAt(*list, i);
        if (!entry)
            continue;
        std::vector<std::string> location;
        const auto loc = jsonArray(*entry, "loc");
        for (std::size_t k = 0; loc && k < std::min<std::size_t>(loc->size(), 10); ++k)
            if (const auto part = loc->get(static_cast<unsigned>(k)); part.isString())
                location.push_back(part.extract<std::string>());
        visit(location, jsonText(*entry, "msg").value_or(""));
    }
}

std::string documentText(const Object& document)
{
    if (const auto nested = jsonObject(document, "detail"))
        return titledText(*nested);
    std::string text;
    forEachComplaint(document, [&](const auto& location, const auto& message) {
        text += (text.empty() ? "" : "; ") + util::join(location, ".") + ": " + message;
    });
    return text.empty() ? titledText(document) : text;
}

bool asksForFiles(const Object& document)
{
    bool found = false;
    forEachComplaint(document, [&](const auto& location, const auto&) {
        found = found || std::ranges::count(location, std::string("pkgbuild")) > 0;
    });
    return found;
}

/// Only the headline counts: an explanation may quote a tool that found some file in its way.
bool saysIdExists(const Object& document)
{
    const auto nested = jsonObject(document, "detail");
    const auto title = jsonText(nested ? *nested : document, "error");
    const auto headline = title ? *title : jsonText(document, "detail").value_or("");
    return util::toLower(headline).find("already exists") != std::string::npos;
}

/// The record it claims to have made must be the one that was asked for; something in between may say 200 to anything.
bool confirms(const Object& document, const BuildId& build)
{
    return jsonText(document, "build_id") == build;
}

Verdict blameOf(const HttpAnswer& answer, const Object& document, SubmissionForm form)
{
    if (answer.head.status == 422 && form == SubmissionForm::Tarball && asksForFiles(document))
        return Verdict::NeedsFiles;
    return saysIdExists(document) ? Verdict::Accepted : Verdict::Rejected;
}

Verdict decide(const HttpAnswer& answer, const BuildId& build, SubmissionForm form)
{
    const int status = answer.head.status;
    switch (status) {
    case 401:
    case 403: return Verdict::Forbidden;
    case 413: return Verdict::TooLarge;
    case 429:
    case 503: return Verdict::NotTaken;
    // A proxy gave up on a server that may have taken it (protocol 5.3): only the server can tell.
    case 502:
    case 504: return Verdict::Unclear;
    default: break;
    }
    // What follows needs a server's own words; a proxy's page proves nothing about the build.
    const auto document = documentOf(answer);
    if (!document)
        return Verdict::Unclear;
    if (status >= 200 && status < 300)
        return answer.requestWhole && confirms(*document, build) ? Verdict::Accepted : Verdict::Unclear;
    if (status == 400 || status == 422)
        return blameOf(answer, *document, form);
    return status == 409 && saysIdExists(*document) ? Verdict::Accepted : Verdict::Unclear;
}

Failure failureOf(int status)
{
    switch (status) {
    case 401:
    case 403: return Failure::Refused;
    case 408:
    case 429:
    case 502:
    case 503:
    case 504: return Failure::Busy;
    default: return Failure::Unclear;
    }
}

} // namespace

HandOverResult verdictOf(const HttpAnswer& answer, const BuildId& build, SubmissionForm form)
{
    return {decide(answer, build, form), explanationOf(answer), retryAfterOf(answer.head)};
}

CallError errorOf(const HttpAnswer& answer)
{
    const int status = answer.head.status;
    auto text = explanationOf(answer);
    if (status >= 300 && status < 400)
        text = "HTTP " + std::to_string(status) + ": redirects are not followed";
    return {failureOf(status), status, std::move(text), retryAfterOf(answer.head)};
}

bool isKnownMissing(const HttpAnswer& answer)
{
    const auto document = answer.head.status == 404 ? documentOf(answer) : nullptr;
    // "Not Found" is what the server's framework says about paths that it does not have.
    const auto detail = document ? jsonText(*document, "detail") : std::nullopt;
    return detail && *detail != "Not Found";
}

std::string explanationOf(const HttpAnswer& answer)
{
    auto text = "HTTP " + std::to_string(answer.head.status);
    const auto type = util::toLower(answer.head.find("content-type").value_or(""));
    std::string words;
    if (const auto document = documentOf(answer))
        words = documentText(*document);
    else if (type.starts_with("text/plain"))
        words = util::trim(answer.body);
    if (!words.empty())
        text += ": " + words;
    if (answer.head.status == 401)
        text += answer.secretSent ? " (the farm's secret for it, of server.secretsFile, is not the server's)"
                                  : " (the farm has no secret for it, see server.secretsFile)";
    return util::oneLine(text, kMaxText);
}

std::optional<std::chrono::seconds> retryAfterOf(const HttpHead& head)
{
    const auto value = head.find("retry-after");
    if (!value || value->empty() || value->size() > 100)
        return std::nullopt;
    if (value->find_first_not_of("0123456789") == std::string::npos) {
        const auto seconds = util::parseUnsigned(*value).value_or(UINT64_MAX);
        return std::chrono::seconds(std::min<std::uint64_t>(seconds, static_cast<std::uint64_t>(kLongestRetry.count())));
    }
    // The parser below takes almost anything; "Sun, 06 Nov 1994 08:49:37 GMT" is the only form in use.
    if (value->size() != 29 || !value->ends_with(" GMT"))
        return std::nullopt;
    Poco::DateTime date;
    int zone = 0;
    if (!Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::HTTP_FORMAT, *value, date, zone))
        return std::nullopt;
    const std::chrono::seconds wait((date.timestamp() - Poco::Timestamp()) / Poco::Timestamp::resolution());
    return std::clamp(wait, std::chrono::seconds(0), kLongestRetry);
}

} // namespace apbfarm::fleet
