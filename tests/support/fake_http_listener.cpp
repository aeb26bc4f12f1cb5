// SPDX-License-Identifier: MIT
#include "support/fake_http_listener.h"

#include "util/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace apbfarm::test {

namespace {

std::string decoded(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

void readTarget(FakeRequest& request)
{
    const auto mark = std::min(request.target.find('?'), request.target.size());
    request.path = decoded(request.target.substr(0, mark));
    const auto query = std::string_view(request.target).substr(std::min(mark + 1, request.target.size()));
    for (const auto& pair : util::splitList(query, '&')) {
        const auto equals = std::min(pair.find('='), pair.size());
        request.query[decoded(pair.substr(0, equals))] = decoded(pair.substr(std::min(equals + 1, pair.size())));
    }
}

/// The text between `key="` and the next quote.
std::string attribute(std::string_view line, const std::string& key)
{
    const auto start = line.find(' ' + key + "=\"");
    if (start == std::string_view::npos)
        return {};
    const auto value = line.substr(start + key.size() + 3);
    return std::string(value.substr(0, value.find('"')));
}

FakePart readPart(std::string_view text)
{
    FakePart part;
    const auto end = text.find("\r\n\r\n");
    if (end == std::string_view::npos)
        return part;
    for (const auto& line : util::splitList(text.substr(0, end), '\n')) {
        if (util::toLower(line).starts_with("content-disposition:")) {
            part.name = attribute(line, "name");
            part.filename = attribute(line, "filename");
        } else if (util::toLower(line).starts_with("content-type:")) {
            part.type = util::trim(line.substr(13));
        }
    }
    part.content = text.substr(end + 4);
    return part;
}

} // namespace

std::vector<FakePart> parseMultipart(const FakeRequest& request)
{
    std::vector<FakePart> parts;
    const auto type = request.headers.find("content-type");
    const auto mark = type == request.headers.end() ? std::string::npos : type->second.find("boundary=");
    if (mark == std::string::npos)
        return parts;
    const auto line = "\r\n--" + type->second.substr(mark + 9);
    const std::string_view body = request.body;
    const auto first = body.find(std::string_view(line).substr(2));   // nothing need stand before it
    for (auto at = first; at != std::string_view::npos;) {
        at += at == first ? line.size() - 2 : line.size();
        const auto next = body.find(line, at);
        if (next != std::string_view::npos)
            parts.push_back(readPart(body.substr(at, next - at)));
        at = next;
    }
    return parts;
}

FakeConnection::~FakeConnection()
{
    ::close(socket_);
}

bool FakeConnection::fill()
{
    char piece[64 * 1024];
    const auto got = ::recv(socket_, piece, sizeof piece, 0);
    if (got <= 0)
        return false;
    have_.append(piece, static_cast<std::size_t>(got));
    return true;
}

bool FakeConnection::readHead(FakeRequest& request)
{
    auto end = have_.find("\r\n\r\n");
    while (end == std::string::npos) {
        if (!fill())
            return false;
        end = have_.find("\r\n\r\n");
    }
    const auto lines = util::splitList(have_.substr(0, end), '\n');
    const auto words = util::splitList(lines.front(), ' ');
    have_.erase(0, end + 4);
    if (words.size() != 3)
        return false;
    request.method = words[0];
    request.target = words[1];
    readTarget(request);
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const auto colon = lines[i].find(':');
        request.headers[util::toLower(lines[i].substr(0, colon))] = util::trim(lines[i].substr(colon + 1));
    }
    request.indexOnConnection = requests_++;
    return true;
}

bool FakeConnection::readBody(FakeRequest& request)
{
    const auto length = request.headers.find("content-length");
    const auto size = length == request.headers.end() ? 0 : util::parseUnsigned(length->second).value_or(0);
    have_.reserve(size);
    while (have_.size() < size)
        if (!fill())
            return false;
    auto next = have_.substr(size);
    have_.resize(size);
    request.body = std::exchange(have_, std::move(next));
    return true;
}

bool FakeConnection::send(std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto taken = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (taken <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(taken));
    }
    return true;
}

bool FakeConnection::drip(std::string_view bytes, std::chrono::milliseconds pace)
{
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        pollfd entry{socket_, POLLRDHUP, 0};
        if (::poll(&entry, 1, static_cast<int>(pace.count())) > 0 || !send(bytes.substr(i, 1)))
            return false;
    }
    return true;
}

void FakeConnection::waitUntilGone()
{
    do
        have_.clear();
    while (fill());
}

void FakeConnection::resetAtEnd()
{
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

void FakeConnection::hangUp()
{
    ::shutdown(socket_, SHUT_RDWR);
}

FakeHttpListener::FakeHttpListener(Serve serve) : serve_(std::move(serve))
{
    open();
}

FakeHttpListener::~FakeHttpListener()
{
    close();
}

void FakeHttpListener::open()
{
    if (listener_ >= 0)
        return;
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port_);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, generic, sizeof address) != 0 || ::listen(listener_, 128) != 0)
        throw std::system_error(errno, std::generic_category(), "fake build server");
    socklen_t length = sizeof address;
    ::getsockname(listener_, generic, &length);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this, listener = listener_] { acceptAll(listener); });
}

void FakeHttpListener::acceptAll(int listener)
{
    for (;;) {
        const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (socket < 0)
            return;
        auto connection = std::make_shared<FakeConnection>(socket);
        reap();
        std::lock_guard lock(mutex_);
        clients_.push_back({connection, {}});
        auto& client = clients_.back();
        client.thread = std::thread([this, &client, connection]() mutable {
            serve_(*connection);
            std::lock_guard lock(mutex_);
            client.connection.reset();   // together with ours below: closes the socket
            connection.reset();
        });
    }
}

/// A thread that has ended keeps its memory until somebody waits for it.
void FakeHttpListener::reap()
{
    std::list<Client> ended;
    {
        std::lock_guard lock(mutex_);
        for (auto client = clients_.begin(); client != clients_.end();) {
            const auto here = client++;
            if (!here->connection)
                ended.splice(ended.end(), clients_, here);
        }
    }
    for (auto& client : ended)
        client.thread.join();
}

void FakeHttpListener::hangUp()
{
    std::lock_guard lock(mutex_);
    for (auto& client : clients_)
        if (client.connection)
            client.connection->hangUp();
}

void FakeHttpListener::close()
{
    if (listener_ < 0)
        return;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    listener_ = -1;
    hangUp();
    std::list<Client> clients;
    {
        std::lock_guard lock(mutex_);
        clients.splice(clients.end(), clients_);
    }
    for (auto& client : clients)
        client.thread.join();
}

} // namespace apbfarm::test
