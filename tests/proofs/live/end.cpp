// SPDX-License-Identifier: MIT
#include "proofs/live/end.h"

#include "support/packages.h"

namespace apbfarm::proofs {

namespace {

void checkStates(const Ending& ending)
{
    const auto client = ending.farm.guest();
    for (const auto& build : ending.book.open())
        ending.book.complain(build, "did not end: it is " + test::statusOf(client, build) + ", in the database " +
                                        queried(ending.farm, "SELECT state, uncertain, attempt, ending, server_available, "
                                                             "reason FROM builds WHERE id = '" + build + "';"));
    for (const auto& build : ending.book.closed())
        ending.book.seen(build, test::statusOf(client, build));
}

void checkDatabase(const Ending& ending)
{
    const auto expect = [&](const std::string& what, const std::string& sql, const std::string& answer) {
        if (const auto found = queried(ending.farm, sql); found != answer + "\n")
            ending.complain(what + ": " + found);
    };
    expect("the database is damaged", "PRAGMA integrity_check; PRAGMA foreign_key_check;", "ok");
    expect("builds are left over",
           "SELECT count(*) FROM builds WHERE state NOT IN ('completed','failed','cancelled');", "0");
    expect("submissions are there in part (D2)",
           "SELECT count(*) FROM builds b WHERE (SELECT count(*) FROM builds c WHERE c.submission_group = "
           "b.submission_group) <> json_array_length(b.pkgbuild_arches);",
           "0");
    expect("builds are there that nobody was told of, or fewer than were", "SELECT count(*) FROM builds;",
           std::to_string(ending.book.acceptedCount()));
}

void checkFolders(const Ending& ending)
{
    for (const auto& entry : std::filesystem::recursive_directory_iterator(ending.farm.stateDirectory()))
        if (entry.path().extension() == ".tmp")
            ending.complain("left behind after a clean start: " + entry.path().filename().string());
}

}

void waitUntilSettled(const Book& book, std::chrono::milliseconds limit)
{
    test::eventually([&] { return book.openCount() == 0; }, limit);
}

void checkEnd(const Ending& ending)
{
    checkStates(ending);
    const auto sent = ending.witnesses.checkBuiltOnce(ending.complain);
    if (const auto code = ending.farm.stop(); code != 0)
        ending.complain("the farm ended with " + std::to_string(code));
    checkDatabase(ending);
    checkFolders(ending);
    if (!ending.tally)
        return;
    std::string ends;
    for (const auto& [status, count] : ending.book.ends())
        ends += ", " + std::to_string(count) + " " + status;
    ending.tally->say((ending.title.empty() ? "" : ending.title + ": ") + std::to_string(ending.book.acceptedCount()) + " builds acknowledged" + ends + "; " +
                     std::to_string(sent) + " accepted by servers, " + std::to_string(ending.book.cancelledCount()) +
                     " cancels acknowledged");
}

std::string queried(const test::FarmProcess& farm, const std::string& sql)
{
    const auto output = farm.folder() / "sqlite.out";
    test::ChildProcess shell({"sqlite3", (farm.stateDirectory() / "farm.db").string(), sql}, output);
    shell.wait();
    auto text = shell.output();
    std::filesystem::remove(output);
    return text;
}

}
