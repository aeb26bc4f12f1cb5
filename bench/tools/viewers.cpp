// SPDX-License-Identifier: MIT
// bench-viewers PORT PATH COUNT LINES SECONDS: that many viewers of one event stream. Prints "ready" when all have an
// answer, then waits for the stream's last event, SECONDS at most. Lines are "bench NUMBER PRODUCED FETCHED" with times
// of the monotonic clock in nanoseconds. Prints viewers that saw the end, lines lost, lines out of order, and the
// percentiles 50, 99 and 100 in milliseconds since a line was fetched and since it was produced.
#include "client.h"
#include "event_parser.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <exception>
#include <memory>
#include <vector>

namespace apbfarm::bench {

namespace {

std::int64_t nanoseconds()
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count();
}

struct Viewer {
    explicit Viewer(std::uint16_t port) : client(port) {}

    Client client;
    EventParser parser;
    std::uint64_t next = 0;     ///< the line that is due
    bool answered = false;
    bool ended = false;
};

class Audience {
public:
    Audience(std::uint16_t port, const std::string& path, std::size_t count, std::uint64_t lines)
        : poller_(::epoll_create1(EPOLL_CLOEXEC)), expected_(lines), buffer_(256 << 10)
    {
        sinceFetched_.reserve(count * lines);
        sinceProduced_.reserve(count * lines);
        for (std::size_t i = 0; i < count; ++i) {
            add(port, path);
            if (viewers_.size() % kArriveTogether == 0 || viewers_.size() == count)
                waitForAnswers();
        }
        std::printf("ready\n");
        std::fflush(stdout);
    }
    ~Audience() { ::close(poller_); }
    Audience(const Audience&) = delete;
    Audience& operator=(const Audience&) = delete;

    void watchUntilEnd(Clock::time_point end)
    {
        while (open_ > 0 && Clock::now() < end)
            round();
    }

    void report()
    {
        std::uint64_t lost = 0, ended = 0;
        for (const auto& viewer : viewers_) {
            lost += expected_ - std::min(expected_, viewer->next);
            ended += viewer->ended;
        }
        std::printf("%llu %llu %llu", static_cast<unsigned long long>(ended),
                    static_cast<unsigned long long>(lost + skipped_), static_cast<unsigned long long>(repeated_));
        for (auto* times : {&sinceFetched_, &sinceProduced_})
            for (const double part : {0.5, 0.99, 1.0})
                std::printf(" %.3f", percentile(*times, part));
        std::printf("\n");
    }

private:
    static constexpr std::size_t kArriveTogether = 50;   // a farm that is asked by all at once may say that it is busy

    void round()
    {
        std::array<epoll_event, 256> events;
        const auto count = ::epoll_wait(poller_, events.data(), static_cast<int>(events.size()), 100);
        for (int i = 0; i < count; ++i)
            read(*static_cast<Viewer*>(events[static_cast<std::size_t>(i)].data.ptr));
    }

    void waitForAnswers()
    {
        const auto end = Clock::now() + std::chrono::seconds(30);
        while (answered_ < viewers_.size()) {
            if (Clock::now() > end)
                throw std::runtime_error("a viewer got no answer");
            round();
        }
    }

    void add(std::uint16_t port, const std::string& path)
    {
        auto& viewer = *viewers_.emplace_back(std::make_unique<Viewer>(port));
        viewer.client.send("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n");
        const int socket = viewer.client.descriptor();
        ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &viewer;
        if (::epoll_ctl(poller_, EPOLL_CTL_ADD, socket, &event) != 0)
            throw std::system_error(errno, std::generic_category(), "epoll_ctl");
        ++open_;
    }

    void read(Viewer& viewer)
    {
        const int socket = viewer.client.descriptor();
        const auto got = ::recv(socket, buffer_.data(), buffer_.size(), 0);
        if (got < 0 && errno == EAGAIN)
            return;
        const auto now = nanoseconds();
        const bool fine = got > 0 && viewer.parser.feed({buffer_.data(), static_cast<std::size_t>(got)},
                                                        [&](std::string_view line) { take(viewer, line, now); });
        if (!viewer.answered && !fine)
            throw std::runtime_error("a viewer was refused");
        if (!viewer.answered && viewer.parser.hasHead()) {
            viewer.answered = true;
            ++answered_;
        }
        if (fine && !viewer.ended)
            return;
        ::epoll_ctl(poller_, EPOLL_CTL_DEL, socket, nullptr);
        --open_;
    }

    void take(Viewer& viewer, std::string_view line, std::int64_t now)
    {
        viewer.ended = viewer.ended || line == "event: complete";
        constexpr std::string_view kPrefix = "data: bench ";
        if (!line.starts_with(kPrefix))
            return;
        line.remove_prefix(kPrefix.size());
        std::array<std::int64_t, 3> numbers{};
        for (auto& number : numbers) {
            const auto end = std::from_chars(line.data(), line.data() + line.size(), number).ptr;
            line.remove_prefix(std::min(line.size(), static_cast<std::size_t>(end - line.data()) + 1));
        }
        const auto number = static_cast<std::uint64_t>(numbers[0]);
        if (number < viewer.next) {
            ++repeated_;
            return;
        }
        skipped_ += number - viewer.next;
        viewer.next = number + 1;
        sinceProduced_.push_back(static_cast<float>(now - numbers[1]) / 1e6f);
        sinceFetched_.push_back(static_cast<float>(now - numbers[2]) / 1e6f);
    }

    static double percentile(std::vector<float>& times, double part)
    {
        if (times.empty())
            return 0;
        const auto place = static_cast<std::size_t>(part * static_cast<double>(times.size() - 1));
        std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(place), times.end());
        return times[place];
    }

    int poller_;
    const std::uint64_t expected_;
    std::vector<char> buffer_;
    std::vector<std::unique_ptr<Viewer>> viewers_;
    std::size_t answered_ = 0;
    std::size_t open_ = 0;
    std::uint64_t skipped_ = 0;
    std::uint64_t repeated_ = 0;
    std::vector<float> sinceFetched_, sinceProduced_;   // milliseconds
};

} // namespace

} // namespace apbfarm::bench

int main(int argc, char** argv)
{
    using namespace apbfarm::bench;
    if (argc != 6) {
        std::fprintf(stderr, "bench-viewers PORT PATH COUNT LINES SECONDS\n");
        return 2;
    }
    try {
        Audience audience(static_cast<std::uint16_t>(std::atoi(argv[1])), argv[2],
                          static_cast<std::size_t>(std::atoi(argv[3])), static_cast<std::uint64_t>(std::atoi(argv[4])));
        audience.watchUntilEnd(Clock::now() + std::chrono::seconds(std::atoi(argv[5])));
        audience.report();
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench-viewers: %s\n", error.what());
        return 1;
    }
}
