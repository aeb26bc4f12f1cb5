// SPDX-License-Identifier: MIT
#pragma once

#include "util/text.h"
#include "util/unique_fd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace apbfarm::test {

/// One answer as it came, the body with its chunked coding taken off.
struct RawAnswer {
    int status = 0; ///< 0: the connection ended without an answer
    std::string body;
    std::map<std::string, std::string> headers; ///< names in lower case

    std::string header(const std::string& name) const
    {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string() : found->second;
    }
};

/// A socket that says exactly what a test wants it to say. Reads give up after ten seconds.
class RawClient {
public:
    explicit RawClient(std::uint16_t port, int receiveBuffer = 0) : socket_(::socket(AF_INET, SOCK_STREAM, 0))
    {
        const timeval limit{10, 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        if (receiveBuffer > 0)
            ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receiveBuffer, sizeof receiveBuffer);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("cannot connect");
    }

    /// Does not mind when the server has hung up already.
    void send(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    /// The server sees the end of the input.
    void endInput() { ::shutdown(socket_.get(), SHUT_WR); }
    /// Also while another thread sends.
    void breakOff() { ::shutdown(socket_.get(), SHUT_RDWR); }
    void hangUp() { socket_.reset(); }

    /// The next answer. `headOnly`: it has no body, whatever it says.
    RawAnswer receive(bool headOnly = false)
    {
        auto answer = receiveHead();
        if (answer.status == 0 || headOnly || answer.status == 204 || answer.status == 304 || answer.status == 100)
            return answer;
        if (answer.header("transfer-encoding") == "chunked")
            answer.body = takeChunked();
        else if (const auto length = answer.header("content-length"); !length.empty())
            answer.body = take(std::strtoull(length.c_str(), nullptr, 10));
        return answer;
    }
    RawAnswer receiveHead()
    {
        RawAnswer answer;
        const auto head = receiveUntil("\r\n\r\n");
        if (head.size() < 12)
            return answer;
        answer.status = std::atoi(head.substr(9, 3).c_str());
        for (const auto& line : util::splitList(std::string_view(head).substr(head.find('\n')), '\n'))
            if (const auto colon = line.find(':'); colon != std::string::npos)
                answer.headers[util::toLower(line.substr(0, colon))] = util::trim(std::string_view(line).substr(colon + 1));
        return answer;
    }
    RawAnswer ask(std::string_view request, bool headOnly = false)
    {
        send(request);
        return receive(headOnly);
    }
    /// Up to and with `text`, or what there was when the connection ended.
    std::string receiveUntil(std::string_view text)
    {
        for (std::size_t from = 0;;) {
            if (const auto at = buffer_.find(text, from); at != std::string::npos)
                return take(at + text.size());
            from = buffer_.size() < text.size() ? 0 : buffer_.size() - text.size();
            if (!more())
                return take(buffer_.size());
        }
    }
    /// All that is still to come until the server hangs up.
    std::string receiveRest()
    {
        while (more()) {
        }
        return take(buffer_.size());
    }
    /// Whether the server hangs up within the time limit without a further word.
    bool isClosed() { return receiveRest().empty() && !timedOut_; }
    /// Whether there is nothing to read for that long.
    bool isSilentFor(int milliseconds)
    {
        pollfd waiting{socket_.get(), POLLIN, 0};
        return buffer_.empty() && ::poll(&waiting, 1, milliseconds) == 0;
    }
    std::string take(std::size_t count)
    {
        while (buffer_.size() < count && more()) {
        }
        auto text = buffer_.substr(0, count);
        buffer_.erase(0, count);
        return text;
    }
    /// The content of the next chunk; empty for the last one.
    std::string takeChunk()
    {
        const auto size = std::strtoull(receiveUntil("\r\n").c_str(), nullptr, 16);
        auto content = take(size);
        take(2);
        return content;
    }

private:
    std::string takeChunked()
    {
        std::string body;
        for (auto chunk = takeChunk(); !chunk.empty(); chunk = takeChunk())
            body += chunk;
        return body;
    }
    bool more()
    {
        std::array<char, 65536> bytes;
        const auto got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
        if (got > 0)
            buffer_.append(bytes.data(), static_cast<std::size_t>(got));
        timedOut_ = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
        return got > 0;
    }

    util::UniqueFd socket_;
    std::string buffer_;
    bool timedOut_ = false;
};

} // namespace apbfarm::test
