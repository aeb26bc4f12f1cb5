// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace apbfarm::test {

struct FakeRequest {
    std::string method;
    std::string target;                           ///< as sent
    std::string path;                             ///< decoded, without the query
    std::map<std::string, std::string> query;
    std::map<std::string, std::string> headers;   ///< names in lower case
    std::string body;
    int indexOnConnection = 0;
};

struct FakePart {
    std::string name, filename, type, content;
};

/// The parts of a multipart body, in order; empty when it is none.
std::vector<FakePart> parseMultipart(const FakeRequest& request);

/// One accepted connection. Used by its own thread; `hangUp` by any.
class FakeConnection {
public:
    explicit FakeConnection(int socket) : socket_(socket) {}
    ~FakeConnection();

    /// False: the client is gone.
    bool readHead(FakeRequest& request);
    bool readBody(FakeRequest& request);
    bool send(std::string_view bytes);
    /// One byte per `pace`.
    bool drip(std::string_view bytes, std::chrono::milliseconds pace);
    /// Takes and ignores until the client, or somebody with `hangUp`, ends it.
    void waitUntilGone();
    /// The end of this connection will be a reset.
    void resetAtEnd();
    void hangUp();

private:
    bool fill();

    int socket_;
    std::string have_;
    int requests_ = 0;
};

/// Listens on a free loopback port; each connection has a thread that calls `serve` once.
class FakeHttpListener {
public:
    using Serve = std::function<void(FakeConnection&)>;
    explicit FakeHttpListener(Serve serve);
    ~FakeHttpListener();

    std::uint16_t port() const { return port_; }
    /// Closes the port and all connections and waits for their threads.
    void close();
    /// The same port again.
    void open();
    /// Ends the connections but keeps listening.
    void hangUp();

private:
    struct Client {
        std::shared_ptr<FakeConnection> connection;
        std::thread thread;
    };
    void acceptAll(int listener);
    void reap();

    Serve serve_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    std::mutex mutex_;
    std::list<Client> clients_;
    std::thread acceptor_;
};

} // namespace apbfarm::test
