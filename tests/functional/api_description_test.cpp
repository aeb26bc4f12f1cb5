// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "support/farm_process.h"
#include "support/packages.h"

#include <boost/test/unit_test.hpp>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Parser.h>

#include <fstream>
#include <regex>
#include <set>

using namespace apbfarm;
using namespace apbfarm::test;
using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;

namespace {

/// Compares a value with a schema in both directions: what is there is described, what is described is there.
class Comparison {
public:
    void compare(const Var& value, const Object::Ptr& schema, const std::string& place)
    {
        const auto types = typesOf(schema);
        if (types.empty())
            return;
        if (!types.contains(typeOf(value)) && !(typeOf(value) == "integer" && types.contains("number")))
            return complain(place + " is " + typeOf(value));
        if (schema->has("enum") && !contains(schema->getArray("enum"), value))
            complain(place + " is " + value.toString());
        if (value.type() == typeid(Object::Ptr))
            compareObject(value.extract<Object::Ptr>(), schema, place);
        if (value.type() == typeid(Array::Ptr))
            for (std::size_t i = 0; i < value.extract<Array::Ptr>()->size(); ++i)
                compare(value.extract<Array::Ptr>()->get(static_cast<unsigned>(i)), schema->getObject("items"), place + "[]");
    }

    const std::set<std::string>& complaints() const { return complaints_; }

private:
    void compareObject(const Object::Ptr& value, const Object::Ptr& schema, const std::string& place)
    {
        const auto known = schema->getObject("properties");
        if (!known)
            return;
        for (const auto& [name, content] : *value)
            if (known->has(name))
                compare(content, known->getObject(name), place + "." + name);
            else
                complain(place + "." + name + " is not described");
        const auto required = schema->getArray("required");
        for (std::size_t i = 0; required && i < required->size(); ++i)
            if (const auto name = required->getElement<std::string>(static_cast<unsigned>(i)); !value->has(name))
                complain(place + "." + name + " is described, but absent");
    }

    static std::set<std::string> typesOf(const Object::Ptr& schema)
    {
        std::set<std::string> types;
        const auto type = schema->get("type");
        if (type.isString())
            types.insert(type.extract<std::string>());
        else if (!type.isEmpty())
            for (const auto& one : *type.extract<Array::Ptr>())
                types.insert(one.extract<std::string>());
        return types;
    }
    static std::string typeOf(const Var& value)
    {
        return value.isEmpty()                            ? "null"
               : value.type() == typeid(Object::Ptr)      ? "object"
               : value.type() == typeid(Array::Ptr)       ? "array"
               : value.isBoolean()                        ? "boolean"
               : value.isString()                         ? "string"
               : value.isInteger()                        ? "integer"
                                                          : "number";
    }
    static bool contains(const Array::Ptr& words, const Var& value)
    {
        for (const auto& word : *words)
            if (word == value)
                return true;
        return false;
    }
    void complain(std::string what) { complaints_.insert(std::move(what)); }

    std::set<std::string> complaints_;
};

Var parsed(const std::string& text)
{
    return text == "null" ? Var() : Poco::JSON::Parser().parse(text);
}

/// A farm with a build that completed, one that waits, and a second account.
struct DescribedFarm {
    DescribedFarm()
    {
        server.finishAtOnce(BuildStatus::Completed);
        farm.start();
        admin = farm.admin();
        done = member(submit(admin, "done"), "build_id");
        BOOST_TEST_REQUIRE(eventually([&] { return statusOf(admin, done) == "completed"; }));
        document = json(farm.guest().get("/openapi.json"));
    }

    Object::Ptr operation(const std::string& method, const std::string& pattern) const
    {
        const auto path = document->getObject("paths")->getObject(pattern);
        BOOST_TEST_REQUIRE(path, pattern);
        return path->getObject(method);
    }
    /// Complaints about an answer compared with its description.
    void check(const std::string& method, const std::string& pattern, const HttpAnswer& answer)
    {
        seen.insert(method + " " + pattern);
        BOOST_TEST_CONTEXT(method << " " << pattern << ": " << answer.status << " " << answer.body)
        {
            BOOST_TEST(answer.status == 200);
            const auto content = operation(method, pattern)->getObject("responses")->getObject("200")->getObject("content");
            Comparison comparison;
            comparison.compare(parsed(answer.body), content->getObject("application/json")->getObject("schema"), "answer");
            for (const auto& complaint : comparison.complaints())
                BOOST_ERROR(complaint);
        }
    }
    void get(const std::string& pattern, const std::string& target) { check("get", pattern, admin.get(target)); }
    void put(const std::string& pattern, const std::string& target, const std::string& body)
    {
        check("put", pattern, admin.request("PUT", target, body, {{"Content-Type", "application/json"}}));
    }

    std::string saved()
    {
        const auto file = farm.folder() / "openapi.json";
        std::ofstream(file) << farm.guest().get("/openapi.json").body;
        return file;
    }

    FakeBuildServer server;
    FarmProcess farm{{{"x86_64", server.url()}}};
    HttpClient admin{0};
    std::string done;
    Object::Ptr document;
    std::set<std::string> seen;
};

std::string outputOf(const std::vector<std::string>& command, const std::filesystem::path& file)
{
    ChildProcess child(command, file);
    BOOST_TEST_REQUIRE(child.wait().value_or(-1) == 0, child.output());
    return child.output();
}

} // namespace

BOOST_AUTO_TEST_SUITE(ApiDescription)

BOOST_FIXTURE_TEST_CASE(is_a_valid_openapi_document, DescribedFarm)
{
    const auto lint = (sourceDirectory() / "tests/openapi/lint.py").string();
    outputOf({lint, saved()}, farm.folder() / "lint.log");
}

BOOST_FIXTURE_TEST_CASE(every_route_says_under_which_heading_it_belongs, DescribedFarm)
{
    for (const auto& [path, item] : *document->getObject("paths"))
        for (const auto& [method, operation] : *item.extract<Object::Ptr>())
            BOOST_TEST(operation.extract<Object::Ptr>()->getArray("tags")->getElement<std::string>(0) != "Other",
                       method << " " << path);
}

BOOST_FIXTURE_TEST_CASE(answers_have_the_described_fields_and_no_others, DescribedFarm)
{
    check("post", "/auth/login", farm.guest().postJson("/auth/login", R"({"username":"admin","password":"admin123"})"));
    check("post", "/auth/users", admin.postJson("/auth/users", R"({"username":"alice","password":"correct horse 1"})"));
    const auto users = parsed(admin.get("/auth/users").body).extract<Array::Ptr>();
    const auto id = users->getObject(1)->getValue<std::string>("id");
    get("/auth/users", "/auth/users");
    get("/auth/me", "/auth/me");
    put("/auth/users/{user_id}/role", "/auth/users/" + id + "/role", R"({"role":"user"})");
    put("/auth/users/{user_id}/email", "/auth/users/" + id + "/email", R"({"email":"alice@example.org"})");
    put("/auth/users/{user_id}/email-notifications", "/auth/users/" + id + "/email-notifications", R"({"enabled":false})");
    put("/auth/my/email", "/auth/my/email", R"({"email":"admin@example.org"})");
    put("/auth/my/email-notifications", "/auth/my/email-notifications", R"({"enabled":true})");
    get("/auth/users/{user_id}/builds", "/auth/users/1/builds");
    check("post", "/auth/users/{user_id}/revoke-tokens", admin.post("/auth/users/" + id + "/revoke-tokens"));
    check("delete", "/auth/users/{user_id}", admin.request("DELETE", "/auth/users/" + id, ""));
    check("post", "/admin/smtp", admin.postJson("/admin/smtp", R"({"server":"mail.example.org"})"));
    get("/admin/smtp", "/admin/smtp");
    check("delete", "/admin/smtp", admin.request("DELETE", "/admin/smtp", ""));
    get("/admin/smtp", "/admin/smtp");
    get("/admin/tasks", "/admin/tasks");
    get("/admin/audit", "/admin/audit");
    check("post", "/auth/logout", farm.guest().post("/auth/logout"));
}

BOOST_FIXTURE_TEST_CASE(answers_about_builds_have_the_described_fields_and_no_others, DescribedFarm)
{
    server.finishAtOnce(std::nullopt);
    server.setSlots(1);
    const auto running = submit(admin, "running");
    check("post", "/build", running);
    BOOST_TEST_REQUIRE(eventually([&] { return statusOf(admin, member(running, "build_id")) == "building"; }));
    const auto waiting = member(submit(admin, "waiting"), "build_id");
    for (const auto& build : {done, member(running, "build_id"), waiting})
        get("/build/{id}/status-api", "/build/" + build + "/status-api");
    get("/build/{id}/output", "/build/" + done + "/output");
    get("/builds/latest", "/builds/latest");
    get("/my/builds", "/my/builds");
    get("/farm", "/farm");
    check("get", "/farm", farm.guest().get("/farm"));
    get("/health", "/health");
    get("/ready", "/ready");
    check("post", "/build/{id}/cancel", admin.post("/build/" + waiting + "/cancel"));
    check("post", "/build/{id}/cancel", admin.post("/build/" + member(running, "build_id") + "/cancel"));
}

BOOST_FIXTURE_TEST_CASE(errors_have_the_described_fields_and_no_others, DescribedFarm)
{
    const auto schema = document->getObject("components")->getObject("schemas")->getObject("Error");
    Comparison comparison;
    for (const auto& answer : {admin.get("/build/none/status-api"), admin.get("/nothing"), farm.guest().get("/my/builds"),
                               admin.get("/builds/latest?limit=0"), admin.postJson("/auth/users", "{}")})
        comparison.compare(parsed(answer.body), schema, "error " + std::to_string(answer.status));
    for (const auto& complaint : comparison.complaints())
        BOOST_ERROR(complaint);
}

// What a handler takes from the query or a header and from nowhere else is in its own source file.
BOOST_FIXTURE_TEST_CASE(every_query_parameter_that_a_handler_reads_is_described, DescribedFarm)
{
    std::set<std::string> described{"v"};   // a browser's cache key, not for programs
    for (const auto& [path, item] : *document->getObject("paths"))
        for (const auto& [method, operation] : *item.extract<Object::Ptr>())
            for (const auto& parameter : *operation.extract<Object::Ptr>()->getArray("parameters"))
                described.insert(parameter.extract<Object::Ptr>()->getValue<std::string>("name"));
    const std::regex reads(R"re((?:request\.query\(|(?:number|text|time)From\(request, )"([a-z_]+)")re");
    for (const auto& entry : std::filesystem::directory_iterator(sourceDirectory() / "core/src/api")) {
        const auto text = readFile(entry.path());
        for (std::sregex_iterator at(text.begin(), text.end(), reads), end; at != end; ++at)
            BOOST_TEST(described.contains((*at)[1]), entry.path().filename() << " reads " << (*at)[1]);
    }
}

BOOST_FIXTURE_TEST_CASE(the_printed_reference_is_what_the_route_table_says, DescribedFarm)
{
    const auto script = (sourceDirectory() / "scripts/http-api-doc").string();
    const auto properties = (sourceDirectory() / "etc/apb-farm.properties").string();
    const auto fresh = outputOf({script, saved(), properties}, farm.folder() / "http-api.md");
    BOOST_TEST((fresh == readFile(sourceDirectory() / "docs/http-api.md")),
               "docs/http-api.md is outdated; its first lines say how to make it anew");
}

BOOST_FIXTURE_TEST_CASE(the_page_for_people_needs_nothing_from_elsewhere, DescribedFarm)
{
    const auto page = farm.guest().get("/docs");
    BOOST_TEST(page.status == 200);
    BOOST_TEST(page.header("Content-Security-Policy").find("script-src 'self';") != std::string::npos);
    BOOST_TEST(page.header("Content-Security-Policy").find("unsafe") == std::string::npos);
    const std::regex links(R"re((?:src|href)="([^"]+)")re");
    for (std::sregex_iterator at(page.body.begin(), page.body.end(), links), end; at != end; ++at)
        BOOST_TEST(farm.guest().get((*at)[1]).status == 200, (*at)[1]);
    BOOST_TEST(page.body.find("<style") == std::string::npos);
    BOOST_TEST(!std::regex_search(page.body, std::regex(R"(<script(?![^>]*\ssrc=))")));
    BOOST_TEST(farm.guest().get("/docs/README.md").status == 404);
}

BOOST_AUTO_TEST_CASE(vendored_files_are_those_that_the_readme_names)
{
    const auto folder = sourceDirectory() / "web/static/vendor/swagger-ui";
    const auto readme = readFile(folder / "README.md");
    const std::regex row(R"re(\| `([^`]+)` \| `([0-9a-f]{64})` \|)re");
    TempDir place;
    std::set<std::string> named{"README.md"};
    for (std::sregex_iterator at(readme.begin(), readme.end(), row), end; at != end; ++at) {
        const std::string name = (*at)[1];
        named.insert(name);
        const auto sum = outputOf({"sha256sum", (folder / name).string()}, place / name);
        BOOST_TEST(sum.substr(0, 64) == (*at)[2].str(), name);
    }
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        BOOST_TEST(named.contains(entry.path().filename().string()), entry.path().filename());
}

BOOST_AUTO_TEST_SUITE_END()
