// SPDX-License-Identifier: MIT
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace apbfarm::bench {

using Clock = std::chrono::steady_clock;

inline double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Answer {
    int status = 0;
    bool keepAlive = true;
    std::uint64_t length = 0;   ///< of the body
};

/// A blocking connection to a program on this machine. Throws `std::runtime_error`; gives up after a minute of silence.
class Client {
public:
    explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (socket_ < 0 || ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw std::system_error(errno, std::generic_category(), "connect");
        const int on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const timeval minute{60, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &minute, sizeof minute);
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &minute, sizeof minute);
    }
    ~Client() { ::close(socket_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    int descriptor() const { return socket_; }

    void send(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0)
                throw std::system_error(errno, std::generic_category(), "send");
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    /// Reads head and body; `body` receives each piece of it. Only answers with Content-Length are understood.
    template <class Sink> Answer receive(Sink body)
    {
        char buffer[256 << 10];
        std::string head;
        std::size_t end = std::string::npos;
        while (end == std::string::npos) {
            head.append(buffer, more(buffer, sizeof buffer));
            end = head.find("\r\n\r\n");
        }
        auto answer = parse(std::string_view(head).substr(0, end + 2));
        std::string_view rest = std::string_view(head).substr(end + 4);
        body(rest);
        for (auto left = answer.length - rest.size(); left > 0;) {
            const auto got = more(buffer, sizeof buffer);
            body(std::string_view(buffer, got));
            left -= got;
        }
        return answer;
    }

private:
    std::size_t more(char* buffer, std::size_t size)
    {
        const auto got = ::recv(socket_, buffer, size, 0);
        if (got <= 0)
            throw std::runtime_error(got == 0 ? "the connection ended early" : "no answer within a minute");
        return static_cast<std::size_t>(got);
    }

    static Answer parse(std::string_view head)
    {
        Answer answer;
        answer.status = std::atoi(std::string(head.substr(head.find(' ') + 1, 3)).c_str());
        std::string lower(head);
        for (auto& c : lower)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        answer.keepAlive = lower.find("\r\nconnection: close\r\n") == std::string::npos;
        const auto length = lower.find("\r\ncontent-length: ");
        if (length == std::string::npos)
            throw std::runtime_error("an answer without Content-Length");
        answer.length = std::strtoull(lower.c_str() + length + 18, nullptr, 10);
        return answer;
    }

    int socket_;
};

} // namespace apbfarm::bench
