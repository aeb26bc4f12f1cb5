// SPDX-License-Identifier: MIT
#include "proofs/slow/slow.h"

#include "proofs/slow/crowd.h"
#include "proofs/slow/honest.h"
#include "proofs/slow/viewers.h"
#include "support/fake_build_server.h"
#include "support/farm_process.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <sys/resource.h>

#include <algorithm>

namespace apbfarm::proofs {

using namespace std::chrono_literals;

namespace {

constexpr double kGoal = 50;          // ms, 99th percentile
constexpr int kSpare = 1000;          // descriptors for everything else

/// The figures of the threat model and their quick form.
struct Sizes {
    std::size_t heads = 10'000, bodies = 2'000, unread = 2'000, viewers = 5'000, logins = 500, flood = 1'000;
    std::chrono::seconds time{60};
    bool timed = true;   ///< the goal is judged
};

/// As many descriptors as the machine gives; the farm inherits the limit. Scales what does not fit.
void fit(Sizes& sizes, Tally& tally)
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    const auto wanted = sizes.heads + sizes.bodies + sizes.unread + kSpare;
    if (limit.rlim_max >= wanted)
        return;
    const double share = static_cast<double>(limit.rlim_max - kSpare) / static_cast<double>(wanted);
    for (auto* size : {&sizes.heads, &sizes.bodies, &sizes.unread, &sizes.viewers})
        *size = static_cast<std::size_t>(static_cast<double>(*size) * share);
    tally.say("this machine allows " + std::to_string(limit.rlim_max) + " open files: all crowds are made smaller");
}

/// An address of this machine for which limits per address count; empty when there is none.
std::string ownAddress()
{
    std::string found;
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0)
        return found;
    for (const auto* entry = list; entry; entry = entry->ifa_next) {
        if (!entry->ifa_addr || entry->ifa_addr->sa_family != AF_INET)
            continue;
        char text[INET_ADDRSTRLEN] = {};
        ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(entry->ifa_addr)->sin_addr, text, sizeof text);
        if (!std::string_view(text).starts_with("127."))
            found = text;
    }
    ::freeifaddrs(list);
    return found;
}

sockaddr_in addressOf(const std::string& host, std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
    return address;
}

std::string post(const std::string& target, std::size_t length, const std::string& body)
{
    return "POST " + target + " HTTP/1.1\r\nHost: farm\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(length) + "\r\n\r\n" + body;
}

class Slow {
public:
    Slow(const Sizes& sizes, Tally& tally) : sizes_(sizes), tally_(tally)
    {
        farm_.start();
        here_ = addressOf("127.0.0.1", farm_.port());
        honest_.emplace(farm_.port());
    }

    void run()
    {
        measure("nobody else", std::min(sizes_.time, 5s));
        quiet_ = last_.at(0.99);
        limit_ = std::max(kGoal, 2 * quiet_);
        if (limit_ > kGoal)
            tally_.say("this machine is too busy for the goal: without any crowd the p99 is " + std::to_string(quiet_) +
                       " ms, so that twice as much is allowed");
        hold();
        watchOneLog();
        logIn();
        flood();
        tally_.expect(farm_.stop() == 0, "the farm did not end well");
    }

private:
    /// Unfinished heads, crawling bodies and unread answers, all at the same time.
    void hold()
    {
        const Crowd heads(sizes_.heads, here_, {.first = "GET / HTTP/1.1\r\nHost: farm\r\nX-Slow: ", .drip = "a", .pace = 2s});
        const Crowd bodies(sizes_.bodies, here_, {.first = post("/auth/login", 4000, "{"), .drip = " ", .pace = 500ms});
        const Crowd unread(sizes_.unread, here_,
                           {.first = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: farm\r\n\r\n", .reads = false});
        const auto all = sizes_.heads + sizes_.bodies + sizes_.unread;
        const auto held = [&] { return heads.held() + bodies.held() + unread.held(); };
        test::eventually([&] { return held() >= all * 99 / 100; }, 60s);
        tally_.expect(held() >= all * 9 / 10, "only " + std::to_string(held()) + " of " + std::to_string(all) + " connections are held");
        judge(std::to_string(heads.held()) + " unfinished heads, " + std::to_string(bodies.held()) + " crawling bodies, " +
              std::to_string(unread.held()) + " unread answers");
        judgeTime();
        tally_.say("held at the end " + std::to_string(held()) + "; hung up on by the farm " +
                   std::to_string(heads.ended()) + ", " + std::to_string(bodies.ended()) + " and " +
                   std::to_string(unread.ended()) + " times");
        // Whoever is slow has a limit (H13): without it these connections would be there for ever.
        if (sizes_.time >= 12s)
            tally_.expect(heads.ended() > 0, "nobody who does not finish a head is hung up on");
    }

    void watchOneLog()
    {
        const auto outcome = watchLog({farm_, server_, sizes_.viewers, std::min(sizes_.time, 20s), here_, tally_});
        last_ = honest_->times();
        judgeLast(outcome);
    }

    void logIn()
    {
        const std::string body = R"({"username":"nobody","password":"wrong wrong"})";
        const auto request = post("/auth/login", body.size(), body);
        std::atomic<std::uint64_t> answers = 0;
        const Crowd guests(sizes_.logins, here_,
                           {.first = request, .drip = request, .piece = request.size(), .pace = 500ms,
                            .read = [&](std::size_t, std::string_view) { ++answers; }});
        judge(std::to_string(sizes_.logins) + " guests who try to log in without pause");
        tally_.expect(answers > 0, "no log-in was answered");
        tally_.say(std::to_string(answers) + " answers to log-ins");
    }

    void flood()
    {
        const auto own = ownAddress();
        if (own.empty())
            return tally_.say("flood from one address: left out, this machine has only loopback addresses");
        const Crowd crowd(sizes_.flood, addressOf(own, farm_.port()),
                          {.first = "GET /health HTTP/1.1\r\nHost: farm\r\nX-Slow: ", .source = own});
        judge(std::to_string(sizes_.flood) + " connections at a time from one address");
        tally_.expect(crowd.held() <= 256 + 1024, "one address holds " + std::to_string(crowd.held()) + " connections");
        tally_.say(std::to_string(crowd.ended()) + " of them were turned away or timed out");
    }

    void measure(const std::string& what, std::chrono::seconds time)
    {
        honest_->times();
        ::poll(nullptr, 0, static_cast<int>(std::chrono::milliseconds(time).count()));
        last_ = honest_->times();
        tally_.say(what + ": " + last_.text());
    }

    void judge(const std::string& what)
    {
        measure(what, sizes_.time);
        judgeLast({});
    }

    void judgeLast(const std::string& what)
    {
        if (!what.empty())
            tally_.say(what + ": " + last_.text());
        tally_.expect(last_.failures == 0, std::to_string(last_.failures) + " honest requests were not answered with 200");
    }

    /// A quick run is part of a test run, which other work must not be able to fail.
    void judgeTime()
    {
        if (sizes_.timed)
            tally_.expect(last_.at(0.99) <= limit_, "the p99 of honest requests is " + std::to_string(last_.at(0.99)) +
                                                        " ms, more than " + std::to_string(limit_) + " ms");
    }

    const Sizes sizes_;
    Tally& tally_;
    test::FakeBuildServer server_{"x86_64", 3};
    test::FarmProcess farm_{{{"x86_64", server_.url()}},
                            {{"http.host", "0.0.0.0"}, {"http.maxStreams", "6000"}, {"follow.logInterval", "1s"}}};
    sockaddr_in here_{};
    std::optional<Honest> honest_;
    Times last_;
    double quiet_ = 0, limit_ = kGoal;
};

}

void slow(const Options& options, Tally& tally)
{
    Sizes sizes;
    if (options.quick)
        sizes = {.heads = 2'000, .bodies = 400, .unread = 400, .viewers = 500, .logins = 100, .flood = 600, .time = 15s, .timed = false};
    if (options.count)
        sizes.heads = *options.count;
    sizes.time = options.time.value_or(sizes.time);
    fit(sizes, tally);
    Slow(sizes, tally).run();
}

}
