// SPDX-License-Identifier: MIT
#include "proofs/live/people.h"

#include "support/packages.h"
#include "util/text.h"

#include <Poco/JSON/Array.h>

#include <algorithm>

namespace apbfarm::proofs {

using namespace std::chrono_literals;

namespace {

constexpr auto kPatience = 5s;   // for one answer
constexpr int kPause = 20;       // ms between two rounds
constexpr int kLinesAtOnce = 1000;

std::vector<std::string> linesIn(const Poco::JSON::Object& page)
{
    std::vector<std::string> lines;
    const auto list = page.getArray("output");
    for (unsigned i = 0; i < list->size(); ++i)
        lines.push_back(list->getElement<std::string>(i));
    return lines;
}

}

Reader::Reader(const test::FarmProcess& farm, Book& book, Witnesses& witnesses, std::string token)
    : farm_(farm), book_(book), witnesses_(witnesses), token_(std::move(token)), thread_([this] { work(); })
{
}

Reader::~Reader()
{
    stopping_ = true;
    thread_.join();
}

void Reader::work()
{
    while (!stopping_) {
        for (const auto& build : book_.open())
            if (stopping_ || !look(build))
                break;
        ::poll(nullptr, 0, kPause);
    }
}

test::HttpClient Reader::client() const
{
    test::HttpClient client(farm_.port(), kPatience);
    client.always("Authorization", "Bearer " + token_);
    return client;
}

bool Reader::look(const BuildId& build)
{
    try {
        const auto client = this->client();
        Poco::JSON::Object::Ptr details;
        const auto status = lookAtStatus(client, build, details);
        if (!status.empty() && lookAtLog(client, build) && test::isFinal(status))
            lookAtEnd(client, build, *details);
        return true;
    } catch (const std::exception&) {
        return false;   // killed while it answered
    }
}

std::string Reader::lookAtStatus(const test::HttpClient& client, const BuildId& build, Poco::JSON::Object::Ptr& details)
{
    const auto answer = client.get("/build/" + build + "/status-api");
    if (answer.status == 404) {
        book_.complain(build, "is lost: the farm does not know it any more");
        book_.close(build);
    }
    if (answer.status != 200)
        return {};
    details = test::json(answer);
    const auto status = details->getValue<std::string>("status");
    book_.seen(build, status);
    return status;
}

bool Reader::lookAtLog(const test::HttpClient& client, const BuildId& build)
{
    const auto from = book_.linesOf(build);
    const auto answer = client.get("/build/" + build + "/output?start_index=" + std::to_string(from) +
                                   "&limit=" + std::to_string(kLinesAtOnce));
    if (answer.status != 200)
        return false;
    const auto page = test::json(answer);
    if (page->getValue<std::uint64_t>("total_lines") < from)
        book_.complain(build, "has lost lines of its log that were read before");
    book_.read(build, from, linesIn(*page));
    return true;
}

void Reader::lookAtEnd(const test::HttpClient& client, const BuildId& build, const Poco::JSON::Object& details)
{
    const auto status = details.getValue<std::string>("status");
    const auto plan = witnesses_.planOf(book_.nameOf(build));
    const auto held = book_.logOf(build), log = witnesses_.logOf(build);
    if (status == "cancelled") {
        if (!book_.cancelWasTried(build))
            book_.complain(build, "is cancelled and nobody asked for that");
        if (held.size() > log.size() || !std::equal(held.begin(), held.end(), log.begin()))
            book_.complain(build, "has another log than its server");
    } else {
        if (status != toText(plan.verdict))
            book_.complain(build, "is " + status + " and its server said " + std::string(toText(plan.verdict)));
        if (held != log)
            book_.complain(build, "has " + std::to_string(held.size()) + " lines of log, its server " +
                                      std::to_string(log.size()) + ", or others");
        lookAtLogFile(client, build, log);
        if (status == "completed")
            lookAtPackage(client, build, details, plan);
    }
    witnesses_.forget(build);
    book_.close(build);
}

void Reader::lookAtLogFile(const test::HttpClient& client, const BuildId& build, const std::vector<std::string>& log)
{
    const auto file = client.get("/build/" + build + "/download/build.log");
    if (file.status != 200 || file.body != util::join(log, "\n") + "\n")
        book_.complain(build, "has a log to download that is not the one of its server: status " +
                                  std::to_string(file.status) + ", " + std::to_string(file.body.size()) + " bytes");
}

void Reader::lookAtPackage(const test::HttpClient& client, const BuildId& build, const Poco::JSON::Object& details,
                           const Plan& plan)
{
    const auto packages = details.getArray("packages");
    if (packages->size() != 1)
        return book_.complain(build, "is completed with " + std::to_string(packages->size()) + " packages");
    const auto file = client.get(packages->getObject(0)->getValue<std::string>("download_url"));
    if (file.status != 200 || file.body != plan.package)
        book_.complain(build, "has a package that is not whole: status " + std::to_string(file.status) + ", " +
                                  std::to_string(file.body.size()) + " bytes of " + std::to_string(plan.package.size()));
}

void Reader::recheck(const BuildId& build)
{
    try {
        Poco::JSON::Object::Ptr details;
        lookAtStatus(client(), build, details);
    } catch (const std::exception&) {
        // Killed meanwhile; the end of the proof looks at all of them.
    }
}

}
