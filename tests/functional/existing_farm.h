// SPDX-License-Identifier: MIT
#pragma once

#include "support/child_process.h"
#include "support/farm_process.h"
#include "support/old_farm.h"
#include "support/temp_dir.h"

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

namespace apbfarm::test {

/// The home folder of an existing farm as it lies there after the farm was stopped: database, cache, accounts with the
/// hashes and the token that the documents print.
struct ExistingFarm {
    static constexpr auto kCompleted = "11111111-1111-4111-8111-111111111111";
    static constexpr auto kFailed = "22222222-2222-4222-8222-222222222222";
    static constexpr auto kDead = "33333333-3333-4333-8333-333333333333";
    static constexpr auto kCancelled = "44444444-4444-4444-8444-444444444444";
    static constexpr auto kToken = "JrxijufbfB2IxDK9ZD1DRg8hEAgaSC7x3NtU5hOGyhg";
    static constexpr auto kAlicesPassword = "p\xC3\xA4ssw\xC3\xB6rd1";
    static constexpr auto kMailPassword = "hunter2-in-plain-text";
    static constexpr auto kPackage = "zlib-1.3-1-x86_64.pkg.tar.zst";

    explicit ExistingFarm(const std::filesystem::path& homeFolder) : home(homeFolder)
    {
        std::filesystem::create_directories(cache());
    }

    std::filesystem::path database() const { return home / ".apb/farm.db"; }
    std::filesystem::path cache() const { return home / ".apb/cache"; }

    static std::string packagePath() { return "/build/" + std::string(kCompleted) + "/download/" + kPackage; }

    using Generation = OldFarm& (OldFarm::*)();
    static std::vector<std::pair<std::string, Generation>> generations()
    {
        return {{"first", &OldFarm::firstRelease}, {"july", &OldFarm::july}, {"october", &OldFarm::october},
                {"grown", &OldFarm::grown}, {"last", &OldFarm::lastRelease}};
    }

    void make(Generation generation, bool withCache) const
    {
        OldFarm farm(database());
        (farm.*generation)();
        fill(farm);
        if (withCache)
            fillCache(farm);
    }

    void fillCache(OldFarm& farm) const
    {
        write(kCompleted, kPackage, "the bytes of a package");
        write(kCompleted, "build.log", "==> Making package\n==> Finished\n");
        write(kFailed, "build.log", "==> ERROR\n");          // without a row
        for (const auto* file : {kPackage, "build.log", "gone-1-1-any.pkg.tar.zst"})
            farm.sql("INSERT INTO cached_artifacts (build_id, filename, file_path, file_size, cached_at, "
                     "last_accessed) VALUES ('" + std::string(kCompleted) + "', '" + file + "', '" +
                     (cache() / kCompleted / file).string() + "', " +
                     std::to_string(readFile(cache() / kCompleted / file).size()) + ", 1700000000.5, 1700000000.5)");
    }

    std::string ask(const std::string& sql) const
    {
        storage::SqliteConnection connection(database(), storage::SqliteConnection::Use::Write);
        auto rows = connection.select(sql);
        return rows.next() ? rows->asText(0).value_or("NULL") : "nothing";
    }

    std::filesystem::path home;

private:
    void write(const std::string& build, const std::string& name, const std::string& bytes) const
    {
        std::filesystem::create_directories(cache() / build);
        std::ofstream(cache() / build / name, std::ios::binary) << bytes;
    }

    static std::string repeated(const std::string& piece, int times)
    {
        std::string text;
        while (times-- > 0)
            text += piece;
        return text;
    }

    void fill(OldFarm& farm) const
    {
        farm.sql("INSERT INTO users (username, password_hash, role, created_at, is_active) VALUES ('admin', '" +
                 repeated("0123456789abcdef", 4) +
                 ":4f38d0aa427361cc71940be34be4a9d7cd081aa5c885d6e51ad424bdeb22397d', 'admin', 1700000000.5, 1), "
                 "('alice', '" + repeated("ab", 32) +
                 ":ed6c27b5af852b5203a41368e843a3d509b32e131e197821d54e913abb80e814', 'user', 1700000001, 1), "
                 "('leaver', 'x:y', 'user', 1700000002, 0)");
        farm.sql("INSERT INTO tokens (token_hash, user_id, created_at, last_used_at, expires_at) VALUES "
                 "('7409c136ef313f89bd0dfde6e62e673364cb9311c860140aa442a8107ba3ae7e', 2, "
                 "strftime('%s', 'now') - 1000, strftime('%s', 'now') - 1000, strftime('%s', 'now') + 500000), ('expired', 2, 1, 1, 1)");
        const auto build = [&](const char* id, const char* server, const char* status, const char* times, int created) {
            farm.sql("INSERT INTO builds (id, server_url, server_arch, pkgname, status, start_time, end_time, "
                     "created_at, user_id) VALUES ('" + std::string(id) + "', " + server +
                     ", 'x86_64', 'zlib', '" + status + "', " + times + ", " + std::to_string(created) + ", 2)");
        };
        build(kCompleted, "'http://127.0.0.1:9'", "completed", "1700000010.5, 1700000020.5", 1700000010);
        build(kFailed, "'http://127.0.0.1:9'", "failed",
              "'2026-11-21T20:49:52.171154+00:00', '2026-11-21T20:50:52.5+00:00'", 1700000011);
        build(kDead, "NULL", "queued", "NULL, NULL", 1700000012);
        build(kCancelled, "'http://127.0.0.1:9'", "cancelled", "NULL, NULL", 1700000013);
        farm.sql("INSERT INTO smtp_config (server, port, username, password, created_at, updated_at) VALUES "
                 "('mail.example.org', 587, 'farm', 'older-plain-text', 1, 1), ('mail.example.org', 587, 'farm', '" +
                 std::string(kMailPassword) + "', 2, 2)");
    }
};

/// What the program of the existing farm does with a database; its output. Throws when it fails.
inline std::string olderFarm(const std::filesystem::path& database, const std::vector<std::string>& arguments)
{
    TempDir folder;
    std::vector<std::string> command{"python3", (sourceDirectory() / "tests/support/older_farm.py").string(),
                                     database.string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    ChildProcess program(command, folder / "output");
    if (program.wait() != 0)
        throw std::runtime_error("the older farm: " + program.output());
    auto output = program.output();
    while (output.ends_with('\n'))
        output.pop_back();
    return output;
}

/// `apb-farm` with the configuration of `farm`, run to its end.
inline std::pair<int, std::string> importCheck(const FarmProcess& farm, const std::filesystem::path& database)
{
    TempDir folder;
    ChildProcess check({(buildDirectory() / "bin/apb-farm").string(), "--import-check", "--config",
                        farm.folder() / "apb.json", "--properties", farm.folder() / "farm.properties", "--database",
                        database.string()},
                       folder / "output");
    const auto code = check.wait().value_or(-1);
    return {code, check.output()};
}

} // namespace apbfarm::test
