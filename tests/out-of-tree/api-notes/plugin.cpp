// SPDX-License-Identifier: MIT
#include <apbfarm/plugin.h>

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sstream>

using namespace apbfarm;

namespace {

std::string jsonOf(const Poco::JSON::Object& object)
{
    std::ostringstream text;
    object.stringify(text);
    return text.str();
}

/// What people have to say about a package.
class Notes final : public HttpModule {
public:
    explicit Notes(ModuleTables& tables) : tables_(tables)
    {
        tables_.migrate("notes", {{1, "CREATE TABLE notes_entries (id INTEGER PRIMARY KEY, package TEXT NOT NULL, "
                                      "author TEXT NOT NULL, text TEXT NOT NULL);"},
                                  {2, "CREATE INDEX notes_by_package ON notes_entries (package);"}});
    }

    std::string mountPoint() const override { return "/notes"; }

    void declare(RouteTable& routes) override
    {
        routes.get("/notes/{package}", Access::Guest, [this](auto& request, auto& response) { list(request, response); });
        routes.post("/notes/{package}", Access::User, BodyKind::Json,
                    [this](auto& request, auto& response) { add(request, response); });
        routes.remove("/notes/{package}/{id}", Access::Admin,
                      [this](auto& request, auto& response) { remove(request, response); });
    }

private:
    void list(const HttpRequest& request, HttpResponse& response)
    {
        Poco::JSON::Array notes;
        for (const auto& row : tables_.query("SELECT id, author, text FROM notes_entries WHERE package = $1 ORDER BY id",
                                             {std::string(request.param("package"))})) {
            Poco::JSON::Object note;
            note.set("id", std::stoll(*row[0])).set("author", *row[1]).set("text", *row[2]);
            notes.add(note);
        }
        Poco::JSON::Object answer;
        answer.set("notes", notes);
        response.json(200, jsonOf(answer));
    }

    void add(const HttpRequest& request, HttpResponse& response)
    {
        const auto body = Poco::JSON::Parser().parse(std::string(request.body())).extract<Poco::JSON::Object::Ptr>();
        const auto value = body->get("text");
        const auto text = value.isString() ? value.extract<std::string>() : "";
        if (text.empty() || text.size() > 2000)
            throw InvalidInput("A note is a text of 1 to 2000 bytes", "invalid_note", {{"text", "must be a text of 1 to 2000 bytes"}});
        tables_.execute({{"INSERT INTO notes_entries (package, author, text) VALUES ($1, $2, $3)",
                          {std::string(request.param("package")), request.principal()->username, text}}});
        response.json(201, "{\"success\": true}");
    }

    void remove(const HttpRequest& request, HttpResponse& response)
    {
        if (tables_.execute({{"DELETE FROM notes_entries WHERE package = $1 AND id = $2",
                              {std::string(request.param("package")), std::string(request.param("id"))}}}) == 0)
            throw NotFound("There is no such note", "note_not_found");
        response.json(200, "{\"success\": true}");
    }

    ModuleTables& tables_;
};

} // namespace

APB_FARM_PLUGIN("api-notes", "1.0.0")
{
    registry.add(Provider<HttpModule>{
        .name = "notes",
        .summary = "The routes /notes: what people have to say about a package",
        .options = {},
        .create = [](ExtensionContext& context) { return std::make_unique<Notes>(context.storage().tables()); },
    });
}
