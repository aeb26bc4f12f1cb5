// SPDX-License-Identifier: MIT
#pragma once

#include "support/child_process.h"
#include "support/farm_process.h"
#include "support/farm_users.h"
#include "support/packages.h"
#include "support/temp_dir.h"

#include <Poco/JSON/Array.h>

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <vector>

namespace apbfarm::test {

/// The real build server in a private folder; it listens when the constructor returns.
class RealServer {
public:
    explicit RealServer(const std::string& architecture = "x86_64", const std::vector<std::string>& options = {})
    {
        // The account that builds run as must be able to pass when it is not ours.
        std::filesystem::permissions(folder_.path(), std::filesystem::perms(0711));
        std::vector<std::string> command{(buildDirectory() / "bin/apb-server").string(), "--host", "127.0.0.1",
                                         "--port", "0", "--port-file", folder_ / "port", "--builds-dir",
                                         folder_ / "builds", "--architecture", architecture};
        command.insert(command.end(), options.begin(), options.end());
        program_ = std::make_unique<ChildProcess>(command, folder_ / "server.log");
        port_ = waitForPort(folder_ / "port", *program_);
    }

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    std::uint16_t port() const { return port_; }
    ChildProcess& program() { return *program_; }

    /// "" when it does not know the build.
    std::string statusOf(const std::string& build) const
    {
        const auto answer = HttpClient(port_).get("/build/" + build + "/status-api");
        return answer.status == 200 ? member(answer, "status") : "";
    }

private:
    TempDir folder_;
    std::unique_ptr<ChildProcess> program_;
    std::uint16_t port_ = 0;
};

/// The final status, or the last one seen when `limit` passes before.
inline std::string waitForEnd(const HttpClient& client, const std::string& build,
                              std::chrono::milliseconds limit = std::chrono::seconds(120))
{
    std::string status;
    eventually([&] { return isFinal(status = statusOf(client, build)); }, limit);
    return status;
}

inline bool waitForStatus(const HttpClient& client, const std::string& build, const std::string& status,
                          std::chrono::milliseconds limit = std::chrono::seconds(60))
{
    return eventually([&] { return statusOf(client, build) == status; }, limit);
}

/// Accepted, or the test ends here. The id of its first build.
inline std::string acceptedBuild(const HttpAnswer& answer)
{
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    return member(answer, "build_id");
}

/// The file names in `packages` of a status.
inline std::vector<std::string> packagesOf(const HttpClient& client, const std::string& build)
{
    std::vector<std::string> names;
    const auto packages = json(client.get("/build/" + build + "/status-api"))->getArray("packages");
    for (unsigned i = 0; i < packages->size(); ++i)
        names.push_back(packages->getObject(i)->getValue<std::string>("filename"));
    return names;
}

} // namespace apbfarm::test
