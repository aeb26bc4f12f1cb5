// SPDX-License-Identifier: MIT
#include "fleet/server_client.h"
#include "support/fake_build_server.h"

#include <boost/test/unit_test.hpp>

#include <dlfcn.h>
#include <sys/socket.h>

#include <cerrno>

using namespace apbfarm;
using namespace apbfarm::fleet;

namespace {

thread_local int sendFailsWith = 0;

}

/// In place of the system's, for this program.
extern "C" ssize_t send(int socket, const void* bytes, size_t size, int flags)
{
    static const auto system = reinterpret_cast<decltype(&::send)>(::dlsym(RTLD_NEXT, "send"));
    if (sendFailsWith == 0)
        return system(socket, bytes, size, flags);
    errno = sendFailsWith;
    return -1;
}

BOOST_AUTO_TEST_SUITE(ServerClientSends)

BOOST_AUTO_TEST_CASE(a_request_that_cannot_be_sent_is_not_waited_for_like_an_answer)
{
    test::FakeBuildServer server;
    ServerClient client(server.url(), {.submitTimeout = std::chrono::seconds(20)});
    Payload payload{"some bytes", {}, 0};
    const auto begin = std::chrono::steady_clock::now();
    sendFailsWith = ENOBUFS;
    const auto result = client.submit({"bdf6a18a-6ae5-4cfa-bff8-dfe49883e816"}, payload);
    sendFailsWith = 0;
    BOOST_TEST((result.verdict != Verdict::Accepted));
    BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(10)));
    BOOST_TEST(server.acceptedCount().empty());
}

BOOST_AUTO_TEST_SUITE_END()
