// SPDX-License-Identifier: MIT
#include "proofs/slow/viewers.h"

#include "proofs/slow/crowd.h"
#include "support/packages.h"

#include <algorithm>
#include <functional>

namespace apbfarm::proofs {

using namespace std::chrono_literals;

namespace {

constexpr auto kLine = 50ms;             // between two lines of the log
constexpr auto kLogInterval = 1s;        // of the farm

std::string lineText(std::uint64_t number)
{
    return "line " + std::to_string(number) + " of a log that very many people watch";
}

/// Of a line after all that came before.
std::uint64_t mixed(std::uint64_t before, std::string_view line)
{
    return (before * 31) ^ std::hash<std::string_view>{}(line);
}

/// What one of them has seen. The stream of an HTTP/1.0 client is the events and nothing else.
struct Viewer {
    std::string rest;
    std::uint64_t id = 0;
    std::uint64_t lines = 0, text = 0;
    bool wrong = false, complete = false;

    void take(std::string_view bytes)
    {
        rest.append(bytes);
        for (std::size_t end; (end = rest.find('\n')) != std::string::npos; rest.erase(0, end + 1))
            takeLine(std::string_view(rest).substr(0, end));
    }

    void takeLine(std::string_view line)
    {
        if (line.starts_with("id: "))
            id = std::stoull(std::string(line.substr(4)));
        else if (line.starts_with("event: complete"))
            complete = true;
        else if (line.starts_with("data: ") && !complete) {
            wrong = ++lines != id || wrong;
            text = mixed(text, line.substr(6));
        }
    }
};

class Log {
public:
    explicit Log(const Audience& audience) : audience_(audience), viewers_(audience.viewers)
    {
        build_ = test::member(test::submit(audience.farm.admin(), "watched"), "build_id");
        if (!audience.server.waitForAccepted(build_))
            throw std::runtime_error("the build did not reach its server");
    }

    std::string run()
    {
        const Crowd crowd(viewers_.size(), audience_.address,
                          {.first = "GET /build/" + build_ + "/stream HTTP/1.0\r\nHost: farm\r\n\r\n", .comesBack = false,
                           .read = [this](std::size_t member, std::string_view bytes) { viewers_[member].take(bytes); }});
        test::eventually([&] { return crowd.held() == viewers_.size(); }, 60s);
        const auto held = crowd.held();
        const auto asked = asks();
        const auto begin = std::chrono::steady_clock::now();
        for (lines_ = 1; std::chrono::steady_clock::now() - begin < audience_.time; ++lines_) {
            audience_.server.appendLog(build_, lineText(lines_));
            ::poll(nullptr, 0, static_cast<int>(kLine.count()));
        }
        audience_.server.finish(build_, BuildStatus::Completed);
        test::eventually([&] { return crowd.ended() >= held; }, 60s);
        return judge(held, asks() - asked, std::chrono::steady_clock::now() - begin);
    }

private:
    /// How often any reader asked the server for lines.
    std::size_t asks() const
    {
        const auto requests = audience_.server.requests();
        if (std::ranges::any_of(requests, [](const auto& line) { return line.find("/stream") != std::string::npos; }))
            audience_.tally.failed("the farm holds a stream of the server");
        return static_cast<std::size_t>(
            std::ranges::count_if(requests, [](const auto& line) { return line.find("/output") != std::string::npos; }));
    }

    std::string judge(std::size_t held, std::size_t asked, std::chrono::steady_clock::duration time)
    {
        const auto log = audience_.server.logOf(build_);
        const auto total = log.size();
        std::uint64_t text = 0;
        for (const auto& line : log)
            text = mixed(text, line);
        std::size_t whole = 0;
        for (const auto& viewer : viewers_)
            whole += viewer.complete && !viewer.wrong && viewer.lines == total && viewer.text == text ? 1 : 0;
        auto& tally = audience_.tally;
        tally.expect(whole == viewers_.size(), std::to_string(viewers_.size() - whole) + " of " +
                                                   std::to_string(viewers_.size()) + " viewers missed lines of " + std::to_string(total));
        const auto allowed = static_cast<std::size_t>(time / kLogInterval) + 20;
        tally.expect(asked <= allowed, "the server was asked for lines " + std::to_string(asked) + " times");
        return std::to_string(held) + " viewers of one log, " + std::to_string(whole) + " saw all of its " +
               std::to_string(total) + " lines once, the server was asked " + std::to_string(asked) + " times";
    }

    const Audience& audience_;
    BuildId build_;
    std::vector<Viewer> viewers_;
    std::uint64_t lines_ = 0;
};

}

std::string watchLog(const Audience& audience)
{
    return Log(audience).run();
}

}
