// SPDX-License-Identifier: MIT
// The catalogue of bad inputs (threat model 21) for every parameter of every route, made from the farm's route table:
// never an error of the farm, never a request that hangs, one shape of refusals, nothing changed by what is refused.
#include "bad_values.h"
#include "probed_farm.h"

#include <regex>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

bool isNumber(const std::string& text)
{
    static const std::regex number("-?[0-9]+(\\.[0-9]+)?");
    return text.size() < 20 && std::regex_match(text, number);
}

/// As they stand in a query or a header.
std::vector<BadValue> badTextsFor(const DeclaredValue& parameter)
{
    std::vector<BadValue> values;
    if (parameter.type == "integer")
        values = badNumbers(!parameter.highest);
    if (parameter.type == "number")
        for (const auto& value : badNumbers(true))
            values.push_back({value.text, !isNumber(value.text)});
    for (const auto& text : oddTexts())
        values.push_back({text, !parameter.words.empty() || parameter.type == "integer"});
    for (const auto& text : brokenTexts())
        values.push_back({text});
    return values;
}

std::string objectOf(const std::vector<DeclaredValue>& fields, const std::string& changed, const std::string* value)
{
    std::string text;
    for (const auto& field : fields) {
        if (field.name == changed && !value)
            continue;
        text += text.empty() ? "{\"" : ",\"";
        text += field.name + "\":" + (field.name == changed ? *value : goodValue(field));
    }
    return text.empty() ? "{}" : text + "}";
}

const HttpHeaders kJson{{"Content-Type", "application/json"}};

} // namespace

BOOST_AUTO_TEST_SUITE(BadInputMatrix)

BOOST_FIXTURE_TEST_CASE(bad_paths_of_every_route_are_refused_H14_H15, ProbedFarm)
{
    for (const auto& route : routes) {
        const auto path = route.pathWith(names);
        for (const auto& suffix : badSuffixes())
            probe(route, {path + suffix, {}, {}, !route.path.ends_with("}")});
        for (const auto& parameter : route.parameters)
            if (parameter.place == "path")
                for (const auto& bad : badSegments()) {
                    auto others = names;
                    others[parameter.name] = bad.text;
                    probe(route, {route.pathWith(others), {}, {}, bad.wrong});
                }
    }
}

BOOST_FIXTURE_TEST_CASE(bad_parameters_of_every_route_are_refused_H16, ProbedFarm)
{
    for (const auto& route : routes) {
        const auto path = route.pathWith(names);
        std::string many = "?";
        for (int i = 0; i < 65; ++i)
            many += "p" + std::to_string(i) + "=1&";
        for (const auto& query : {many, std::string("?a=1&a=1"), std::string("?a=%"), std::string("?a=%G1"),
                                  std::string("?%00=1"), "?a=" + std::string(9000, 'x')})
            probe(route, {path + query});
        for (const auto& parameter : route.parameters) {
            if (parameter.place == "query") {
                for (const auto& bad : badTextsFor(parameter))
                    probe(route, {path + "?" + parameter.name + "=" + percentEncoded(bad.text), {}, {}, bad.wrong});
                probe(route, {path + "?" + parameter.name + "=1&" + parameter.name + "=1"});
            } else if (parameter.place == "header") {
                for (const auto& bad : oddTexts())
                    probe(route, {path, {}, {{parameter.name, bad}}, false});
                probe(route, {path, {}, {{parameter.name, std::string("a\0b", 3)}}});
                probe(route, {path, {}, {{parameter.name, "a\x1b[31m"}}});
            }
        }
    }
}

BOOST_FIXTURE_TEST_CASE(bad_json_for_every_route_and_field_is_refused_H17, ProbedFarm)
{
    for (const auto& route : routes) {
        if (route.bodyKind != "json")
            continue;
        const auto path = route.pathWith(names);
        const auto good = objectOf(route.fields, "", nullptr);
        for (const auto& body : badJsonBodies(good))
            probe(route, {path, body, kJson});
        for (const auto* type :
             {"", "text/plain", "application/xml", "application/json; charset=utf-16", "application/jsonx"})
            probe(route, {path, good, {{"Content-Type", type}}});
        for (const auto& field : route.fields) {
            for (const auto& bad : badJsonValues(field))
                probe(route, {path, objectOf(route.fields, field.name, &bad.text), kJson, bad.wrong});
            if (field.required)
                probe(route, {path, objectOf(route.fields, field.name, nullptr), kJson});
        }
    }
}

BOOST_FIXTURE_TEST_CASE(bad_forms_for_every_route_and_field_are_refused_H18, ProbedFarm)
{
    const HttpHeaders type{{"Content-Type", std::string("multipart/form-data; boundary=") + HttpClient::kBoundary}};
    for (const auto& route : routes) {
        if (route.bodyKind != "form")
            continue;
        const auto path = route.pathWith(names);
        for (const auto& field : route.fields) {
            auto texts = oddTexts();
            for (const auto& more : brokenTexts())
                texts.push_back(more);
            for (const auto& number : badNumbers(false))
                texts.push_back(number.text);
            for (const auto& text : texts) {
                probe(route, {path, HttpClient::multipartBody({{field.name, text}}), type});
                probe(route, {path, HttpClient::multipartBody({{field.name, text, "a.txt"}}), type});
                if (text.find_first_of("\r\n\"") == std::string::npos)
                    probe(route, {path, HttpClient::multipartBody({{field.name, "x", text}}), type});
            }
        }
    }
}

BOOST_FIXTURE_TEST_CASE(bad_credentials_open_no_route, ProbedFarm)
{
    using namespace std::string_literals;
    const auto token = farm.tokenOf("admin", "admin123");
    const std::vector<HttpHeaders> bad{{{"Authorization", ""}}, {{"Authorization", "Bearer"}},
                                       {{"Authorization", "Bearer " + token + " " + token}},
                                       {{"Authorization", "Bearer " + token}, {"Authorization", "Bearer " + token}},
                                       {{"Authorization", "Bearer a\0b"s}},
                                       {{"Authorization", "Bearer " + std::string(40 << 10, 'A')}},
                                       {{"Authorization", "Bearer " + token + "="}},
                                       {{"Authorization", "Bearer \"" + token + "\""}},
                                       {{"Authorization", "Bearer\t" + token}}, {{"Authorization", "Basic " + token}},
                                       {{"Authorization", token}}, {{"Cookie", "token=" + token}},
                                       {{"Cookie", "apb_session=x; apb_session=" + token + "x"}},
                                       {{"X-Token", token}}};
    for (const auto& route : routes)
        for (const auto& headers : bad)
            if (route.access != "guest") {
                const auto answer = send(farm.guest(), route, {route.pathWith(names), {}, headers});
                ++cases;
                BOOST_TEST((answer.status >= 400 && answer.status < 500), route.title() << ": " << answer.status);
                checkRefusal(route, answer, route.title());
                ++refused;
            }
    BOOST_TEST((stateNow() == state));
}

BOOST_AUTO_TEST_SUITE_END()
