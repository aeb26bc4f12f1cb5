// SPDX-License-Identifier: MIT
#include "fleet/server_exchange.h"

#include "support/child_process.h"

#include <Poco/Net/ServerSocket.h>

#include <boost/test/unit_test.hpp>

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

using namespace apbfarm::fleet;
using namespace std::chrono_literals;

namespace {

/// A process that hands something over to `port` and is killed in the middle.
class Sender {
public:
    explicit Sender(int port)
    {
        if (process_ = ::fork(); process_ != 0)
            return;
        ServerExchange exchange(parseServerUrl("http://127.0.0.1:" + std::to_string(port)), ClientOptions{});
        const std::string payload(64 << 20, 'x');   // more than the sockets at both ends hold
        try {
            exchange.perform({"/build", HttpRequestBody{.payload = payload}}, {.connect = 5s, .answer = 60s});
        } catch (...) {
        }
        ::_exit(0);
    }

    void kill()
    {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }

private:
    pid_t process_ = 0;
};

int bytesWaiting(int socket)
{
    int count = 0;
    ::ioctl(socket, FIONREAD, &count);
    return count;
}

/// 0: the other side has closed properly after all that came.
int errorAtTheEndOf(int socket)
{
    char piece[65536];
    ssize_t got = 1;
    while (got > 0)
        got = ::recv(socket, piece, sizeof piece, 0);
    return got == 0 ? 0 : errno;
}

} // namespace

BOOST_AUTO_TEST_SUITE(ServerExchangeEnd)

BOOST_AUTO_TEST_CASE(L3_what_has_not_left_when_the_farm_dies_never_leaves)
{
    Poco::Net::ServerSocket listener(Poco::Net::SocketAddress("127.0.0.1", 0));
    Sender sender(listener.address().port());
    auto connection = listener.acceptConnection();
    const int socket = connection.impl()->sockfd();
    BOOST_REQUIRE(apbfarm::test::eventually([&] { return bytesWaiting(socket) > 0; }));
    sender.kill();
    // With a proper close the system would go on sending what it has, for as long as the server does not read.
    BOOST_TEST(errorAtTheEndOf(socket) == ECONNRESET);
}

BOOST_AUTO_TEST_SUITE_END()
