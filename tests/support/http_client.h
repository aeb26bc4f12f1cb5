// SPDX-License-Identifier: MIT
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace apbfarm::test {

inline bool sameHeaderName(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpAnswer {
    int status = 0;
    HttpHeaders headers;
    std::string body;                ///< de-chunked

    /// The first of that name, or empty.
    std::string header(std::string_view name) const
    {
        for (const auto& [key, value] : headers)
            if (sameHeaderName(key, name))
                return value;
        return {};
    }
};

/// One part of a multipart/form-data body; a file when `filename` is set.
struct HttpPart {
    std::string name;
    std::string content;
    std::optional<std::string> filename = {};
    std::string contentType = {};
};

/// One TCP connection to 127.0.0.1 that throws instead of waiting longer than its limit.
class TcpConnection {
public:
    explicit TcpConnection(std::uint16_t port, std::chrono::milliseconds limit = std::chrono::seconds(30))
        : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), limit_(limit)
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            ::close(socket_);
            throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
        }
    }
    ~TcpConnection() { ::close(socket_); }
    TcpConnection(const TcpConnection&) = delete;
    TcpConnection& operator=(const TcpConnection&) = delete;

    int descriptor() const { return socket_; }

    /// Stops early, without an error, when the peer has closed: its answer may be waiting to be read.
    void write(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0 && errno == EINTR)
                continue;
            if (sent < 0)
                return;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    /// At least one byte; empty at the end of the stream.
    std::string read(std::size_t most = 65536)
    {
        if (!buffer_.empty()) {
            auto bytes = buffer_.substr(0, most);
            buffer_.erase(0, bytes.size());
            return bytes;
        }
        return receive(most);
    }

    /// Up to and with `delimiter`. Throws when the stream ends before it.
    std::string readUntil(std::string_view delimiter)
    {
        std::size_t place;
        while ((place = buffer_.find(delimiter)) == std::string::npos) {
            auto more = receive(65536);
            if (more.empty())
                throw std::runtime_error("the peer closed the connection");
            buffer_ += more;
        }
        auto bytes = buffer_.substr(0, place + delimiter.size());
        buffer_.erase(0, bytes.size());
        return bytes;
    }

    std::string readExactly(std::size_t count)
    {
        std::string bytes;
        while (bytes.size() < count) {
            auto more = read(count - bytes.size());
            if (more.empty())
                throw std::runtime_error("the body is shorter than announced");
            bytes += more;
        }
        return bytes;
    }

    std::string readToEnd()
    {
        std::string bytes;
        for (auto more = read(); !more.empty(); more = read())
            bytes += more;
        return bytes;
    }

private:
    std::string receive(std::size_t most)
    {
        pollfd wait{socket_, POLLIN, 0};
        if (::poll(&wait, 1, static_cast<int>(limit_.count())) == 0)
            throw std::runtime_error("no answer in time");
        std::string bytes(most, '\0');
        const auto got = ::recv(socket_, bytes.data(), bytes.size(), 0);
        bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return bytes;
    }

    int socket_;
    std::chrono::milliseconds limit_;
    std::string buffer_;
};

/// A plain blocking HTTP/1.1 client for tests: one connection per request, nothing is followed or retried.
class HttpClient {
public:
    explicit HttpClient(std::uint16_t port, std::chrono::milliseconds limit = std::chrono::seconds(30))
        : port_(port), limit_(limit) {}

    std::uint16_t port() const { return port_; }
    /// A header of every request from now on, for example Authorization; an empty value takes it away.
    void always(const std::string& name, const std::string& value)
    {
        std::erase_if(always_, [&](const auto& header) { return sameHeaderName(header.first, name); });
        if (!value.empty())
            always_.emplace_back(name, value);
    }

    HttpAnswer get(const std::string& target, const HttpHeaders& headers = {}) const
    {
        return request("GET", target, {}, headers);
    }
    HttpAnswer head(const std::string& target, const HttpHeaders& headers = {}) const
    {
        return request("HEAD", target, {}, headers);
    }
    HttpAnswer post(const std::string& target, const std::string& body = {}, HttpHeaders headers = {}) const
    {
        return request("POST", target, body, headers);
    }
    HttpAnswer postJson(const std::string& target, const std::string& json, HttpHeaders headers = {}) const
    {
        headers.emplace_back("Content-Type", "application/json");
        return request("POST", target, json, headers);
    }
    HttpAnswer multipart(const std::string& target, const std::vector<HttpPart>& parts, HttpHeaders headers = {}) const
    {
        headers.emplace_back("Content-Type", std::string("multipart/form-data; boundary=") + kBoundary);
        return request("POST", target, multipartBody(parts), headers);
    }

    /// Any method, with Content-Length when there is a body or the method is POST or PUT.
    HttpAnswer request(const std::string& method, const std::string& target, const std::string& body,
                       const HttpHeaders& headers = {}) const
    {
        TcpConnection connection(port_, limit_);
        auto head = requestHead(method, target, headers);
        if (!body.empty() || method == "POST" || method == "PUT")
            head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        connection.write(head + "Connection: close\r\n\r\n");
        connection.write(body);
        return readAnswer(connection, method != "HEAD");
    }

    /// Request line and headers, without the empty line that ends them.
    std::string requestHead(const std::string& method, const std::string& target, const HttpHeaders& headers = {}) const
    {
        auto text = method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) + "\r\n";
        for (const auto* list : {&always_, &headers})
            for (const auto& [name, value] : *list)
                text += name + ": " + value + "\r\n";
        return text;
    }

    static constexpr auto kBoundary = "----apb-farm-test-8b1d0c5e";

    static std::string multipartBody(const std::vector<HttpPart>& parts)
    {
        std::string body;
        for (const auto& part : parts) {
            body += std::string("--") + kBoundary + "\r\nContent-Disposition: form-data; name=\"" + part.name + "\"";
            if (part.filename)
                body += "; filename=\"" + *part.filename + "\"";
            body += "\r\n";
            if (!part.contentType.empty())
                body += "Content-Type: " + part.contentType + "\r\n";
            body += "\r\n" + part.content + "\r\n";
        }
        return body + "--" + kBoundary + "--\r\n";
    }

    /// Only status and headers; what follows is still in the connection.
    static HttpAnswer readHead(TcpConnection& connection)
    {
        HttpAnswer answer;
        auto head = connection.readUntil("\r\n\r\n");
        answer.status = std::stoi(head.substr(head.find(' ') + 1, 3));
        for (auto start = head.find("\r\n") + 2; start + 2 < head.size();) {
            const auto end = head.find("\r\n", start);
            const auto line = head.substr(start, end - start);
            const auto colon = line.find(':');
            const auto value = line.find_first_not_of(' ', colon + 1);
            answer.headers.emplace_back(line.substr(0, colon), value == std::string::npos ? "" : line.substr(value));
            start = end + 2;
        }
        return answer;
    }

    /// A whole answer; interim answers (1xx) are passed over.
    static HttpAnswer readAnswer(TcpConnection& connection, bool hasBody = true)
    {
        auto answer = readHead(connection);
        while (answer.status / 100 == 1)
            answer = readHead(connection);
        if (!hasBody || answer.status == 204 || answer.status == 304)
            return answer;
        if (const auto length = answer.header("Content-Length"); !length.empty())
            answer.body = connection.readExactly(std::stoull(length));
        else if (answer.header("Transfer-Encoding") == "chunked")
            for (auto chunk = readChunk(connection); !chunk.empty(); chunk = readChunk(connection))
                answer.body += chunk;
        else
            answer.body = connection.readToEnd();
        return answer;
    }

    /// One chunk of a chunked body; empty at its end.
    static std::string readChunk(TcpConnection& connection)
    {
        const auto size = std::stoull(connection.readUntil("\r\n"), nullptr, 16);
        auto bytes = connection.readExactly(size);
        connection.readExactly(2);
        return bytes;
    }

private:
    std::uint16_t port_;
    std::chrono::milliseconds limit_;
    HttpHeaders always_;
};

/// A held event stream, read event by event.
class EventStreamClient {
public:
    EventStreamClient(const HttpClient& client, const std::string& target, const HttpHeaders& headers = {},
                      std::chrono::milliseconds limit = std::chrono::seconds(30))
        : connection_(client.port(), limit)
    {
        connection_.write(client.requestHead("GET", target, headers) + "\r\n");
        head_ = HttpClient::readHead(connection_);
        chunked_ = head_.header("Transfer-Encoding") == "chunked";
    }

    struct Event {
        std::string type, data, id;
    };

    const HttpAnswer& head() const { return head_; }

    /// The next event; comments are skipped, several data lines joined. Empty at the end of the stream.
    std::optional<Event> next()
    {
        Event event;
        bool any = false;
        while (auto line = nextLine()) {
            if (line->empty() && any)
                return event;
            any = take(*line, event) || any;
        }
        return std::nullopt;
    }

private:
    static bool take(const std::string& line, Event& event)
    {
        const auto colon = line.find(": ");
        if (colon == std::string::npos || colon == 0)
            return false;
        const auto name = line.substr(0, colon);
        const auto value = line.substr(colon + 2);
        if (name == "event")
            event.type = value;
        else if (name == "id")
            event.id = value;
        else if (name == "data")
            event.data += (event.data.empty() ? "" : "\n") + value;
        return true;
    }

    std::optional<std::string> nextLine()
    {
        std::size_t place;
        while ((place = text_.find('\n')) == std::string::npos) {
            auto more = chunked_ ? HttpClient::readChunk(connection_) : connection_.read();
            if (more.empty())
                return std::nullopt;
            text_ += more;
        }
        auto line = text_.substr(0, place);
        text_.erase(0, place + 1);
        return line;
    }

    TcpConnection connection_;
    HttpAnswer head_;
    bool chunked_ = false;
    std::string text_;
};

} // namespace apbfarm::test
