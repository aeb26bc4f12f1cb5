// SPDX-License-Identifier: MIT
#include "proofs/powerloss/look.h"

#include "files/artifact_store.h"
#include "files/log_store.h"
#include "files/payload_spool.h"
#include "proofs/powerloss/run.h"
#include "storage/sqlite_connection.h"
#include "storage/sqlite_storage.h"
#include "support/child_process.h"
#include "util/secrets.h"
#include "util/sha256_list.h"

#include <sstream>

namespace apbfarm::proofs::power {

namespace {

struct Wrong : std::runtime_error {
    using std::runtime_error::runtime_error;
};

void must(bool good, const std::string& what)
{
    if (!good)
        throw Wrong(what);
}

/// One image, opened as the farm opens its state when it starts.
class Look {
public:
    Look(const std::filesystem::path& image, const Told& told)
        : image_(image), told_(told), storage_(storage::openSqlite({.file = image / "farm.db", .readers = 1})),
          spool_(image / "payloads"), artifacts_(image / "artifacts"), logs_(image / "logs")
    {
        spool_.sweepTemporaries();
        artifacts_.sweepTemporaries();
    }

    void all()
    {
        checkDatabase();
        for (const auto& [id, digest] : told_.accepted)
            checkBuild(id, digest);
        for (const auto& name : told_.accounts)
            must(storage_->users().findByName(name).has_value(), "D1: the account " + name + " is gone");
        checkStored();
        checkNames(image_ / "payloads", util::sha256ListHex);
        checkNames(image_ / "artifacts", util::sha256Hex);
    }

private:
    void checkDatabase()
    {
        storage::SqliteConnection connection(image_ / "farm.db", storage::SqliteConnection::Use::Read);
        auto verdict = connection.select("PRAGMA integrity_check");
        must(verdict.next() && verdict->string(0) == "ok", "the database is damaged");
        must(!connection.select("PRAGMA foreign_key_check").next(), "a foreign key points nowhere");
        must(!connection.select("SELECT 1 FROM builds GROUP BY sequence HAVING count(*) > 1").next(), "a place in the queue is taken twice");
    }

    void checkBuild(const std::string& id, const std::string& digest)
    {
        const auto build = storage_->builds().find(id);
        must(build.has_value(), "D3: build " + id + " was acknowledged and is gone");
        const auto state = build->state;
        if (told_.cancelled.contains(id))
            must(state == BuildState::Cancelling || state == BuildState::Cancelled, "D5: the cancel of build " + id + " is forgotten");
        if (const auto ended = told_.ended.find(id); ended != told_.ended.end()) {
            must(toText(state) == ended->second, "D5: build " + id + " was " + ended->second + " and is " + std::string(toText(state)));
            must(isFinal(state), "D5: build " + id + " is not final any more");
        }
        must(build->payload == digest, "D1: build " + id + " has another tarball");
        if (!isFinal(state))
            must(hasPayload(digest), "D1: the tarball of build " + id + " is gone");
    }

    bool hasPayload(const std::string& digest)
    {
        if (const auto bytes = storage_->builds().inlinePayload(digest))
            return util::sha256ListHex(*bytes) == digest;
        return spool_.has(digest);
    }

    /// Also what nobody was told of yet is whole or not there.
    void checkStored()
    {
        std::map<std::string, int> groups;
        for (const auto& build : storage_->builds().list({.limit = 100000})) {
            ++groups[build.submissionGroup];
            checkFiles(build);
            checkLog(build);
            must(isFinal(build.state) || hasPayload(build.payload), "D1: the tarball of build " + build.id + " is not there");
        }
        for (const auto& [id, _] : told_.accepted)
            if (const auto build = storage_->builds().find(id))
                must(groups[build->submissionGroup] > 0, "D2: a submission is there in part");
    }

    void checkFiles(const Build& build)
    {
        for (const auto& artifact : storage_->builds().artifacts(build.id)) {
            must(artifacts_.has(artifact.sha256), "D7: " + artifact.filename + " of build " + build.id + " is not there");
            must(util::sha256Hex(test::readFile(artifacts_.pathOf(artifact.sha256))) == artifact.sha256, "D7: " + artifact.filename + " of build " + build.id + " is not whole");
        }
    }

    void checkLog(const Build& build)
    {
        const auto count = logs_.lineCount(build.id);
        const auto page = logs_.read(build.id, 0, 100000);
        must(page.lines.size() == count, "D8: the log of build " + build.id + " has lines that cannot be read");
        for (std::uint64_t line = 0; line < count; ++line)
            must(isLine(page.lines[line], build.id, line), "D8: line " + std::to_string(line) + " of the log of build " +
                                                               build.id + " is \"" + page.lines[line].substr(0, 60) + "\"");
    }

    /// The server begins and ends each log with a line of its own.
    static bool isLine(const std::string& text, const std::string& build, std::uint64_t number)
    {
        return number == 0 ? text.starts_with("Starting build for ")
                           : text == lineOf(build, number - 1) || text == "Build completed successfully" || text == "Build failed";
    }

    /// What has a name is what the name says.
    static void checkNames(const std::filesystem::path& folder, std::string digestOf(std::string_view))
    {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
            const auto name = entry.path().filename().string();
            if (entry.is_regular_file() && name.size() == 64)
                must(digestOf(test::readFile(entry.path())) == name, "D7: a file below " + folder.filename().string() + " has a name and not its content");
        }
    }

    std::filesystem::path image_;
    const Told& told_;
    std::unique_ptr<Storage> storage_;
    files::PayloadSpool spool_;
    files::ArtifactStore artifacts_;
    files::LogStore logs_;
};

}

void Told::hear(const Record& record)
{
    if (record.kind != Kind::Told)
        return;
    std::istringstream words(record.bytes);
    std::string first, next;
    words >> first;
    if (record.path == "accepted")
        while (words >> next)
            accepted[next] = first;
    else if (record.path == "cancelled")
        cancelled.insert(first);
    else if (record.path == "ended")
        words >> ended[first];
    else if (record.path == "account")
        accounts.push_back(first);
}

std::string look(const std::filesystem::path& image, const Told& told)
{
    try {
        Look(image, told).all();
        return {};
    } catch (const Wrong& wrong) {
        return wrong.what();
    } catch (const std::exception& error) {
        return std::string("it cannot be opened: ") + error.what();
    }
}

}
