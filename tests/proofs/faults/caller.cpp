// SPDX-License-Identifier: MIT
#include "proofs/faults/caller.h"

#include "support/packages.h"
#include "util/secrets.h"
#include "util/text.h"

#include <Poco/JSON/Array.h>

#include <algorithm>

namespace apbfarm::proofs::failing {

using namespace std::chrono_literals;

namespace {

constexpr auto kPatience = 5s;         // for one answer
constexpr auto kPatienceInTrouble = 500ms;
constexpr auto kTrouble = 400ms;       // of trying in vain, before the farm is healed
constexpr auto kTooLong = 20s;
constexpr auto kHealthTime = 3s;
constexpr int kPause = 10;             // ms between two tries

}

test::HttpClient Caller::client() const
{
    test::HttpClient client(patient_.farm().port(), patient_.isHarmed() ? std::chrono::milliseconds(kPatienceInTrouble)
                                                                        : std::chrono::milliseconds(kPatience));
    if (!token_.empty())
        client.always("Authorization", "Bearer " + token_);
    return client;
}

bool Caller::attemptOnce(const std::string& what, const Try& attempt)
{
    const bool harmed = patient_.isHarmed();
    try {
        return attempt(client());
    } catch (const std::exception& error) {
        if (!harmed && std::string_view(error.what()) == "no answer in time")
            complain_(what + ": no answer in time");
        last_ = error.what();
        return false;
    }
}

void Caller::persist(const std::string& what, const Try& attempt, std::chrono::milliseconds limit)
{
    const auto begin = std::chrono::steady_clock::now();
    for (;;) {
        patient_.revive();
        if (attemptOnce(what, attempt))
            return;
        const auto taken = std::chrono::steady_clock::now() - begin;
        if (taken > kTrouble)
            patient_.heal();
        if (taken > limit) {
            complain_(what + " does not work any more, at last: " + last_);
            throw Stuck(what);
        }
        ::poll(nullptr, 0, kPause);
    }
}

void Caller::logIn()
{
    persist("logging in", [&](const test::HttpClient& client) {
        const auto answer = client.postJson("/auth/login", R"({"username":"admin","password":"admin123"})");
        if (answer.status == 200)
            token_ = test::member(answer, "token");
        return !token_.empty();
    }, kTooLong);
}

BuildId Caller::submit(const std::string& package, const std::string& tarball)
{
    BuildId build;
    digests_[package] = util::sha256Hex(tarball);
    persist("submitting " + package, [&](const test::HttpClient& client) {
        const auto answer = test::submitTarball(client, tarball, "", {{"Idempotency-Key", package}});
        if (answer.status / 100 == 4 && answer.status != 429)
            complain_("submitting " + package + " was refused: " + answer.body);
        if (answer.status != 200)
            return false;
        build = test::json(answer)->getArray("builds")->getObject(0)->getValue<std::string>("build_id");
        return true;
    }, kTooLong);
    book_.accepted(package, {build});
    return build;
}

void Caller::cancel(const BuildId& build)
{
    book_.cancelTried(build);
    persist("cancelling", [&](const test::HttpClient& client) {
        const auto answer = client.post("/build/" + build + "/cancel");
        if (answer.status == 200 && test::member(answer, "success") == "true")
            book_.cancelled(build);
        return answer.status == 200;
    }, kTooLong);
}

void Caller::follow(const std::vector<BuildId>& builds)
{
    for (const auto& build : builds)
        persist("following " + book_.nameOf(build),
                [&](const test::HttpClient& client) { return look(client, build); }, kTooLong);
}

void Caller::checkSources() const
{
    for (const auto& server : witnesses_.servers())
        for (const auto& sent : server.submissions())
            if (sent.accepted && sent.payloadDigest != digests_.at(book_.nameOf(sent.build)))
                book_.complain(sent.build, "was built from other sources than were submitted");
}

void Caller::seeThatItAnswers()
{
    persist("asking for its health", [](const test::HttpClient& client) { return client.get("/health").status == 200; },
            kHealthTime);
}

test::HttpAnswer Caller::get(const test::HttpClient& client, const std::string& target)
{
    auto answer = client.get(target);
    if (answer.status / 100 == 4 && answer.status != 429)
        complain_("answered " + std::to_string(answer.status) + " to " + target + ": " + answer.body);
    return answer;
}

/// \return whether it has ended
bool Caller::look(const test::HttpClient& client, const BuildId& build)
{
    const auto status = get(client, "/build/" + build + "/status-api");
    get(client, "/build/" + build + "/status");
    get(client, "/dashboard");
    lookAtLog(client, build);
    last_ = status.body;
    if (status.status != 200)
        return false;
    book_.seen(build, test::member(status, "status"));
    if (!test::isFinal(test::member(status, "status")))
        return false;
    lookAtFiles(client, build, status);
    return true;
}

void Caller::lookAtLog(const test::HttpClient& client, const BuildId& build)
{
    const auto answer = get(client, "/build/" + build + "/output?start_index=0&limit=1000");
    if (answer.status != 200)
        return;
    const auto list = test::json(answer)->getArray("output");
    const auto log = witnesses_.logOf(build);
    bool same = list->size() <= log.size();
    for (unsigned i = 0; same && i < list->size(); ++i)
        same = list->getElement<std::string>(i) == log[i];
    if (!same)
        book_.complain(build, "shows lines of log that its server did not write");
}

void Caller::lookAtFiles(const test::HttpClient& client, const BuildId& build, const test::HttpAnswer& status)
{
    if (test::member(status, "status") == "cancelled")
        return;
    const auto log = client.get("/build/" + build + "/download/build.log");
    if (log.status == 200 && log.body != util::join(witnesses_.logOf(build), "\n") + "\n")
        book_.complain(build, "has a log to download that is not the one of its server");
    const auto packages = test::json(status)->getArray("packages");
    for (unsigned i = 0; packages && i < packages->size(); ++i) {
        const auto file = client.get(packages->getObject(i)->getValue<std::string>("download_url"));
        if (file.status == 200 && file.body != witnesses_.planOf(book_.nameOf(build)).package)
            book_.complain(build, "has a package with wrong bytes");
    }
}

}
