// SPDX-License-Identifier: MIT
// apb-farm backup and restore, with the real daemon.
#include "functional/farm_commands.h"
#include "support/filled_farm.h"

#include <atomic>
#include <random>
#include <thread>

using namespace apbfarm;
using namespace apbfarm::test;
namespace fs = std::filesystem;

namespace {

/// A farm, and a second place to restore to.
struct TwoPlaces : FilledFarm {
    TwoPlaces() { elsewhere.writeProperties(); }

    CommandResult backUp(const std::string& name, std::vector<std::string> more = {})
    {
        more.insert(more.begin(), {"backup", (place / name).string()});
        return runCommand(farm, more);
    }
    CommandResult restore(const fs::path& backup, std::vector<std::string> more = {})
    {
        more.insert(more.begin(), {"restore", backup.string()});
        return runCommand(elsewhere, more);
    }
    std::string download(const FarmProcess& from) const
    {
        return from.guest().get("/build/" + finished + "/download/finished-1.0-1-x86_64.pkg.tar.zst").body;
    }
    void checkRestored()
    {
        elsewhere.start();
        BOOST_TEST(test::statusOf(elsewhere.guest(), finished) == "completed");
        BOOST_TEST(test::statusOf(elsewhere.guest(), waiting) == "queued");
        BOOST_TEST(download(elsewhere) == "the bytes of a package");
        BOOST_TEST(has(elsewhere.guest().get("/build/" + finished + "/output").body, "a line of the log"));
        other.setSlots(3);
        BOOST_TEST(other.waitForAccepted(waiting));
        BOOST_TEST(other.acceptedCount()[finished] == 0);
    }

    FakeBuildServer other{"x86_64", 0};
    FarmProcess elsewhere{{{"x86_64", other.url()}}};
    TempDir place;
};

} // namespace

BOOST_AUTO_TEST_SUITE(Backup)

BOOST_FIXTURE_TEST_CASE(D14_a_backup_made_while_submissions_run_restores_elsewhere_with_the_same_builds, TwoPlaces)
{
    auto client = farm.admin();
    std::atomic<bool> enough{false};
    std::vector<std::string> before, during;
    for (int i = 0; i < 10; ++i)
        before.push_back(member(submit(client, "before" + std::to_string(i)), "build_id"));
    std::thread busy([&] {
        for (int i = 0; !enough; ++i)
            during.push_back(member(submit(client, "during" + std::to_string(i)), "build_id"));
    });
    const auto made = backUp("whole");
    enough = true;
    busy.join();
    BOOST_TEST_REQUIRE(made.code == 0, made.output);
    BOOST_TEST(during.size() > 0u);
    farm.kill();

    const auto restored = restore(place / "whole");
    BOOST_TEST_REQUIRE(restored.code == 0, restored.output);
    elsewhere.start();
    for (const auto& build : before)
        BOOST_TEST(test::statusOf(elsewhere.guest(), build) == "queued", build);
    // Of those that came meanwhile the first so many are there, each whole.
    bool ended = false;
    for (const auto& build : during) {
        const auto status = test::statusOf(elsewhere.guest(), build);
        BOOST_TEST((status == "queued" || status.empty()), status);
        BOOST_TEST(!(ended && !status.empty()));
        ended = ended || status.empty();
    }
    elsewhere.stop();
    checkRestored();
    const auto health = runCommand(elsewhere, {"doctor", "--deep"});
    BOOST_TEST(has(health.output, "ok  packages: 2 read and compared"), health.output);
    BOOST_TEST(!has(health.output, "fail  "), health.output);
}

BOOST_FIXTURE_TEST_CASE(D14_one_file_of_any_kind_restores_as_well, TwoPlaces)
{
    for (const auto* name : {"whole.tar", "whole.tar.gz", "whole.tar.zst"})
        BOOST_TEST_REQUIRE(backUp(name).code == 0, name);
    farm.kill();
    for (const auto* name : {"whole.tar", "whole.tar.gz"}) {
        const auto restored = restore(place / name, {"--force"});
        BOOST_TEST_REQUIRE(restored.code == 0, restored.output);
    }
    BOOST_TEST_REQUIRE(restore(place / "whole.tar.zst", {"--force"}).code == 0);
    checkRestored();
    BOOST_TEST(filesBelow(place.path()).size() == 3u);
    BOOST_TEST(!fs::exists(farm.stateDirectory() / "restore.under-way"));
}

BOOST_FIXTURE_TEST_CASE(files_that_never_change_are_there_twice_without_needing_room, TwoPlaces)
{
    BOOST_TEST_REQUIRE(backUp("whole").code == 0);
    std::size_t shared = 0;
    for (const auto& name : filesBelow(place / "whole/state"))
        if (name.starts_with("artifacts/") || name.starts_with("payloads/")) {
            BOOST_TEST(fs::equivalent(place / "whole/state" / name, farm.stateDirectory() / name), name);
            ++shared;
        }
    BOOST_TEST(shared >= 2u);
    for (const auto& entry : fs::recursive_directory_iterator(place / "whole"))
        BOOST_TEST(((entry.status().permissions() & fs::perms(077)) == fs::perms::none), entry.path());
}

BOOST_FIXTURE_TEST_CASE(only_a_backup_with_secrets_holds_the_key_C1, TwoPlaces)
{
    const auto without = backUp("without"), with = backUp("with", {"--with-secrets"});
    BOOST_TEST(has(without.output, "It holds no key"));
    BOOST_TEST(!fs::exists(place / "without/secrets"));
    BOOST_TEST(readFile(place / "with/secrets/secret.key") == readFile(farm.stateDirectory() / "secret.key"));
    for (const auto& name : filesBelow(place / "without"))
        BOOST_TEST(readFile(place / "without" / name).find(readFile(farm.stateDirectory() / "secret.key")) ==
                   std::string::npos);
    BOOST_TEST_REQUIRE(restore(place / "with").code == 0);
    BOOST_TEST(readFile(elsewhere.stateDirectory() / "secret.key") == readFile(farm.stateDirectory() / "secret.key"));
}

BOOST_FIXTURE_TEST_CASE(a_damaged_backup_is_refused_and_leaves_nothing, TwoPlaces)
{
    BOOST_TEST_REQUIRE(backUp("whole").code == 0);
    BOOST_TEST_REQUIRE(backUp("whole.tar.gz").code == 0);
    const auto refused = [&](const fs::path& backup, const std::string& what) {
        const auto said = restore(backup, {"--force"});
        BOOST_TEST(said.code != 0, what);
        BOOST_TEST(has(said.output, "damaged"), what << ": " << said.output);
        BOOST_TEST(!fs::exists(elsewhere.stateDirectory()), what);
    };
    for (const auto& name : filesBelow(place / "whole")) {
        fs::copy(place / "whole", place / "flipped", fs::copy_options::recursive);
        flipByte(place / "flipped" / name, fs::file_size(place / "flipped" / name) / 2);
        refused(place / "flipped", "flipped " + name);
        fs::remove(place / "flipped" / name);
        refused(place / "flipped", "without " + name);
        fs::remove_all(place / "flipped");
    }
    const auto size = fs::file_size(place / "whole.tar.gz");
    for (const auto at : {size / 7, size / 2, size - 6}) {
        fs::copy_file(place / "whole.tar.gz", place / "flipped.tar.gz");
        // What is flipped in the last bytes, a sum of gzip's own, changes none of ours.
        if (at < size - 8) {
            flipByte(place / "flipped.tar.gz", at);
            refused(place / "flipped.tar.gz", "flipped archive");
        }
        fs::resize_file(place / "flipped.tar.gz", at);
        refused(place / "flipped.tar.gz", "cut archive");
        fs::remove(place / "flipped.tar.gz");
    }
}

BOOST_FIXTURE_TEST_CASE(a_restore_refuses_a_running_farm_and_state_that_is_there, TwoPlaces)
{
    BOOST_TEST_REQUIRE(backUp("whole").code == 0);
    const auto running = runCommand(farm, {"restore", (place / "whole").string(), "--force"});
    BOOST_TEST(running.code != 0);
    BOOST_TEST(has(running.output, "Another farm is running"), running.output);
    BOOST_TEST(test::statusOf(farm.guest(), finished) == "completed");
    farm.stop();

    const auto before = filesBelow(farm.stateDirectory());
    const auto there = runCommand(farm, {"restore", (place / "whole").string()});
    BOOST_TEST(there.code != 0);
    BOOST_TEST(has(there.output, "--force"), there.output);
    BOOST_TEST(filesBelow(farm.stateDirectory()) == before, boost::test_tools::per_element());

    const auto forced = runCommand(farm, {"restore", (place / "whole").string(), "--force"});
    BOOST_TEST_REQUIRE(forced.code == 0, forced.output);
    bool aside = false;
    for (const auto& name : filesBelow(farm.stateDirectory()))
        aside = aside || (name.starts_with("before-restore-") && name.ends_with("farm.db"));
    BOOST_TEST(aside);
    farm.start();
    BOOST_TEST(test::statusOf(farm.guest(), finished) == "completed");
}

/// Killed at any moment: the farm starts with the old state or the new one, or says that the restore must be completed.
BOOST_FIXTURE_TEST_CASE(D14_a_restore_that_is_killed_is_completed_by_the_next_one, TwoPlaces)
{
    BOOST_TEST_REQUIRE(backUp("whole").code == 0);
    farm.kill();
    std::mt19937 random(static_cast<unsigned>(::getpid()));
    const auto mark = elsewhere.stateDirectory() / "restore.under-way";
    int interrupted = 0;
    for (int round = 0; round < 15; ++round) {
        const TempDir folder;
        ChildProcess program(commandLine(elsewhere, {"restore", (place / "whole").string(), "--force"}),
                             folder / "output");
        // Most of its time it copies; from the mark on it counts.
        while (round % 3 != 0 && !fs::exists(mark) && program.isRunning()) {
        }
        const auto moment = std::chrono::steady_clock::now() + std::chrono::microseconds(random() % 4000);
        while (std::chrono::steady_clock::now() < moment) {
        }
        program.kill();
        if (fs::exists(mark)) {
            ++interrupted;
            BOOST_TEST(runCommand(elsewhere, {"--port", "0"}).code == 69);
        }
        const auto again = restore(place / "whole", {"--force"});
        BOOST_TEST_REQUIRE(again.code == 0, again.output);
    }
    BOOST_TEST_MESSAGE("interrupted half-way: " << interrupted);
    BOOST_TEST(interrupted > 0);
    checkRestored();
}

BOOST_FIXTURE_TEST_CASE(no_farm_starts_on_a_half_restored_state, TwoPlaces)
{
    fs::create_directories(elsewhere.stateDirectory());
    std::ofstream(elsewhere.stateDirectory() / "restore.under-way") << "\n";
    const auto start = runCommand(elsewhere, {"--port", "0"});
    BOOST_TEST(start.code == 69);
    BOOST_TEST(has(start.output, "Run the same apb-farm restore again"), start.output);
    BOOST_TEST(!fs::exists(elsewhere.stateDirectory() / "farm.db"));
}

BOOST_FIXTURE_TEST_CASE(a_backup_replaces_nothing_and_needs_a_folder, TwoPlaces)
{
    std::ofstream(place / "taken.tar") << "precious";
    BOOST_TEST(backUp("taken.tar").code != 0);
    BOOST_TEST(readFile(place / "taken.tar") == "precious");
    const auto nowhere = backUp("no/such/folder");
    BOOST_TEST(nowhere.code != 0);
    BOOST_TEST(has(nowhere.output, "make it first"), nowhere.output);
    // In a folder that exists it gets a name of its own.
    BOOST_TEST_REQUIRE(runCommand(farm, {"backup", place.path().string()}).code == 0);
    std::size_t made = 0;
    for (const auto& entry : fs::directory_iterator(place.path()))
        made += entry.path().filename().string().starts_with("apb-farm-2");
    BOOST_TEST(made == 1u);
    for (const auto& entry : fs::directory_iterator(farm.stateDirectory()))
        BOOST_TEST(!entry.path().filename().string().starts_with(".backup"), entry.path());
}

BOOST_FIXTURE_TEST_CASE(what_the_farm_itself_has_lost_is_said_and_the_rest_is_backed_up, TwoPlaces)
{
    farm.stop();
    const auto kept = filesBelow(farm.stateDirectory() / "artifacts");
    for (const auto& name : kept)
        if (readFile(farm.stateDirectory() / "artifacts" / name) == "the bytes of a package")
            flipByte(farm.stateDirectory() / "artifacts" / name, 3);
    const auto made = backUp("gaps");
    BOOST_TEST(made.code == 1);
    BOOST_TEST(has(made.output, "finished-1.0-1-x86_64.pkg.tar.zst of build " + finished + " is damaged"), made.output);
    BOOST_TEST_REQUIRE(restore(place / "gaps").code == 0);
    elsewhere.start();
    BOOST_TEST(test::statusOf(elsewhere.guest(), finished) == "completed");
}

BOOST_AUTO_TEST_SUITE_END()
