// SPDX-License-Identifier: MIT
#include "proofs/crash/crash.h"

#include "storage/sqlite_storage.h"
#include "support/farm_process.h"
#include "support/packages.h"
#include "util/durable_file.h"
#include "util/secrets.h"
#include "util/sha256_list.h"

#include <sys/resource.h>

#include <algorithm>
#include <iomanip>

namespace apbfarm::proofs {

using namespace std::chrono_literals;
using Milliseconds = std::chrono::duration<double, std::milli>;

namespace {

constexpr int kBuilds = 100'000, kWaiting = 1'000;
constexpr int kAtOnce = 1'000;
constexpr int kQuickStarts = 15, kStarts = 60;
constexpr auto kGoal = 500ms;

Build madeUp(int number)
{
    Build build;
    build.id = util::randomUuid();
    build.state = number >= kBuilds - kWaiting ? BuildState::Queued
                  : number % 7 == 0            ? BuildState::Failed
                                               : BuildState::Completed;
    build.pkgname = "package" + std::to_string(number % 5000);
    build.pkgver = "1.0";
    build.pkgrel = "1";
    build.architecture = "x86_64";
    build.pkgnames = {build.pkgname};
    build.pkgbuildArchitectures = {"x86_64"};
    build.submissionGroup = build.id;
    build.createdAt = fromEpoch(1.7e9 + number * 60.0);
    if (isFinal(build.state)) {
        build.startedAt = build.createdAt + 10s;
        build.endedAt = build.createdAt + 60s;
        build.server = "http://192.0.2.1:8000";
        build.reason = "The package could not be built";
        build.serverRecord = R"({"build_id":")" + build.id + R"(","status":"completed","packages":[],"logs":[]})";
    }
    return build;
}

/// Through the storage layer, so that the rows are what the farm writes.
void fill(const std::filesystem::path& database)
{
    const auto tarball = test::tarballOf(test::pkgbuild("package"));
    const auto digest = util::sha256ListHex(tarball);
    const auto storage = storage::openSqlite({.file = database});
    for (int first = 0; first < kBuilds; first += kAtOnce) {
        Submission submission{.builds = {}, .payloadDigest = digest, .inlinePayload = tarball, .idempotency = {}};
        for (int i = first; i < first + kAtOnce; ++i) {
            submission.builds.push_back(madeUp(i));
            submission.builds.back().payload = digest;
        }
        storage->builds().submit(submission);
    }
}

double processorTime()
{
    rusage usage{};
    ::getrusage(RUSAGE_CHILDREN, &usage);
    const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// From the start of the program until it has answered a request.
Milliseconds timeUntilReady(test::FarmProcess& farm)
{
    const auto begin = std::chrono::steady_clock::now();
    farm.launch();
    const auto port = farm.folder() / "port";
    while (!std::filesystem::exists(port) && farm.process().isRunning())
        ::poll(nullptr, 0, 1);
    farm.awaitPort();
    if (farm.guest().get("/health").status != 200)
        throw std::runtime_error("it is not healthy");
    return std::chrono::steady_clock::now() - begin;
}

double middleOf(std::vector<double>& values)
{
    std::ranges::sort(values);
    return values.at(values.size() / 2);
}

std::string oneDigit(double value)
{
    std::ostringstream text;
    text << std::fixed << std::setprecision(1) << value;
    return text.str();
}

}

void readyAgain(const Options& options, Tally& tally)
{
    test::FarmProcess farm(test::FarmProcess::Servers{{"x86_64", "http://127.0.0.1:9"}});
    util::makePrivateDirectory(farm.stateDirectory());
    fill(farm.stateDirectory() / "farm.db");
    farm.start();   // the first start makes more than the later ones
    farm.kill();
    std::vector<double> wall, processor;
    for (int i = 0; i < (options.quick ? kQuickStarts : kStarts); ++i) {
        const auto before = processorTime();
        wall.push_back(timeUntilReady(farm).count());
        farm.kill();
        processor.push_back((processorTime() - before) * 1000);
    }
    const auto middle = middleOf(wall);
    tally.say("ready again with " + std::to_string(kBuilds) + " builds, " + std::to_string(kWaiting) + " of them waiting: median " +
              oneDigit(middle) + " ms, worst " + oneDigit(wall.back()) + " ms of " + std::to_string(wall.size()) +
              " starts; processor time " + oneDigit(middleOf(processor)) + " ms");
    tally.expect(Milliseconds(middle) <= kGoal, "it takes " + oneDigit(middle) + " ms to be ready again, more than " +
                                                    std::to_string(kGoal.count()) + " ms");
}

}
