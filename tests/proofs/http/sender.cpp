// SPDX-License-Identifier: MIT
#include "proofs/http/sender.h"

#include "util/unique_fd.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>

namespace apbfarm::proofs {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kAtOnce = 48;

class Sent {
public:
    Sent(std::uint16_t port, const Sending& sending, std::chrono::milliseconds silence, std::string& answer)
        : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), bytes_(sending.bytes), silence_(silence),
          answer_(answer)
    {
        sockaddr_in from{}, to{};
        from.sin_family = to.sin_family = AF_INET;
        from.sin_addr.s_addr = htonl(sending.source);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        to.sin_port = htons(port);
        if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&from), sizeof from) != 0
            || ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
            throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
        ::fcntl(socket_.get(), F_SETFL, O_NONBLOCK);
    }

    pollfd waitsFor() const { return {socket_.get(), short(bytes_.empty() ? POLLIN : POLLIN | POLLOUT), 0}; }

    /// False when it is over.
    bool go(short events)
    {
        if (events & POLLOUT)
            write();
        if (events & (POLLIN | POLLHUP | POLLERR))
            return read();
        if (Clock::now() - last_ < silence_ * (halfClosed_ ? 3 : 1))
            return true;
        if (halfClosed_)
            return false;
        halfClosed_ = true;
        bytes_.clear();
        last_ = Clock::now();
        ::shutdown(socket_.get(), SHUT_WR);
        return true;
    }

private:
    void write()
    {
        const auto sent = ::send(socket_.get(), bytes_.data(), bytes_.size(), MSG_NOSIGNAL);
        if (sent > 0)
            bytes_.erase(0, static_cast<std::size_t>(sent));
        else if (errno != EAGAIN)
            bytes_.clear();   // refused; its answer may be waiting
        last_ = Clock::now();
    }
    bool read()
    {
        char buffer[65536];
        const auto got = ::recv(socket_.get(), buffer, sizeof buffer, 0);
        if (got < 0 && errno == EAGAIN)
            return true;
        if (got <= 0)
            return false;
        answer_.append(buffer, static_cast<std::size_t>(got));
        last_ = Clock::now();
        return true;
    }

    util::UniqueFd socket_;
    std::string bytes_;
    std::chrono::milliseconds silence_;
    std::string& answer_;
    bool halfClosed_ = false;
    Clock::time_point last_ = Clock::now();
};

}

std::string addressText(std::uint32_t source)
{
    char text[INET_ADDRSTRLEN];
    const in_addr address{htonl(source)};
    return ::inet_ntop(AF_INET, &address, text, sizeof text);
}

std::vector<std::string> sendAll(std::uint16_t port, const std::vector<Sending>& list, std::chrono::milliseconds silence)
{
    std::vector<std::string> answers(list.size());
    std::vector<Sent> open;
    std::size_t next = 0;
    while (next < list.size() || !open.empty()) {
        for (; open.size() < kAtOnce && next < list.size(); ++next)
            open.emplace_back(port, list[next], silence, answers[next]);
        std::vector<pollfd> waits;
        for (const auto& sent : open)
            waits.push_back(sent.waitsFor());
        ::poll(waits.data(), waits.size(), 20);
        std::vector<Sent> still;
        for (std::size_t i = 0; i < open.size(); ++i)
            if (open[i].go(waits[i].revents))
                still.push_back(std::move(open[i]));
        open = std::move(still);
    }
    return answers;
}

}
