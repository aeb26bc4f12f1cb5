// SPDX-License-Identifier: MIT
#pragma once

#include "archive_maker.h"

#include "support/child_process.h"
#include "support/http_client.h"
#include "support/temp_dir.h"

#include "util/secrets.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <boost/test/unit_test.hpp>

#include <pwd.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace apbfarm::test {

using Json = Poco::JSON::Object::Ptr;

inline Json parseJson(const std::string& text)
{
    return Poco::JSON::Parser().parse(text).extract<Json>();
}

inline std::string statusOf(const Json& build)
{
    return build->getValue<std::string>("status");
}

/// A PKGBUILD for any architecture around these functions.
inline std::string pkgbuild(const std::string& name, const std::string& functions)
{
    return "pkgname=" + name + "\npkgver=1\npkgrel=1\narch=('any')\nlicense=('MIT')\n" + functions + "\n";
}

inline const std::string kEmptyPackage = "package() { install -d \"$pkgdir/usr/share/probe\"; }";

/// How many processes of this machine have `marker` in their command line.
inline int processesWith(const std::string& marker)
{
    int count = 0;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored))
        count += readFile(entry.path() / "cmdline").find(marker) != std::string::npos;
    return count;
}

/// The real build server in a private folder.
class ServerFixture {
public:
    ServerFixture()
    {
        // The build account must be able to pass when it is not ours.
        std::filesystem::permissions(dir_.path(), std::filesystem::perms(0711));
    }

    /// Starts it, or starts it again on the same builds.
    void start(const std::vector<std::string>& options = {})
    {
        startAs({(buildDirectory() / "bin/apb-server").string()}, options);
    }
    void startWithoutRights(const std::vector<std::string>& options = {})
    {
        auto command = withoutRights();
        command.push_back(dir_ / "apb-server"); // the build folder may be closed to that account
        std::filesystem::copy_file(buildDirectory() / "bin/apb-server", command.back());
        if (const auto* nobody = ::getpwnam("nobody"); ::getuid() == 0)
            BOOST_TEST_REQUIRE(::chown(dir_.path().c_str(), nobody->pw_uid, nobody->pw_gid) == 0);
        startAs(command, options);
    }
    /// What to put before a command that shall run as an ordinary account.
    static std::vector<std::string> withoutRights()
    {
        if (::getuid() != 0)
            return {};
        return {"setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"};
    }

    ChildProcess& program() { return *program_; }
    const HttpClient& http() const { return *client_; }
    const TempDir& directory() const { return dir_; }

    HttpAnswer submit(const std::string& id, const std::string& tarball, std::vector<HttpPart> more = {})
    {
        more.push_back({"build_id", id});
        more.push_back({"build_tarball", tarball, "build.tar.gz", "application/gzip"});
        return client_->multipart("/build", more);
    }

    /// The id of an accepted build of that PKGBUILD alone.
    std::string build(const std::string& pkgbuildText, std::vector<HttpPart> more = {})
    {
        const auto id = util::randomUuid();
        const auto answer = submit(id, makeTar({{"PKGBUILD", pkgbuildText}}), std::move(more));
        BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
        return id;
    }

    Json status(const std::string& id) { return parseJson(client_->get("/build/" + id + "/status-api").body); }
    Json root() { return parseJson(client_->get("/").body); }
    int slotsInUse() { return root()->getObject("queue_status")->getValue<int>("current_builds_count"); }

    /// The last status, final unless `limit` passed before.
    Json waitForEnd(const std::string& id, std::chrono::seconds limit = std::chrono::seconds(90))
    {
        Json last;
        eventually([&] { return (last = status(id))->has("end_time"); }, limit);
        return last;
    }

    std::string log(const std::string& id) { return client_->get("/build/" + id + "/download/build.log").body; }
    bool waitForLine(const std::string& id, const std::string& text)
    {
        return eventually([&] { return log(id).find(text) != std::string::npos; }, std::chrono::seconds(60));
    }
    bool cancel(const std::string& id)
    {
        return parseJson(client_->post("/build/" + id + "/cancel").body)->getValue<bool>("success");
    }

    std::vector<std::string> packagesOf(const Json& build)
    {
        std::vector<std::string> names;
        const auto packages = build->getArray("packages");
        for (unsigned i = 0; i < packages->size(); ++i)
            names.push_back(packages->getObject(i)->getValue<std::string>("filename"));
        return names;
    }

private:
    void startAs(std::vector<std::string> command, const std::vector<std::string>& options)
    {
        const auto portFile = dir_ / "port";
        std::filesystem::remove(portFile);
        command.insert(command.end(), {"--host", "127.0.0.1", "--port", "0", "--port-file", portFile.string(),
                                       "--builds-dir", (dir_ / "builds").string(), "--architecture", "x86_64",
                                       "--min-build-timeout", "1"});
        command.insert(command.end(), options.begin(), options.end());
        program_ = std::make_unique<ChildProcess>(command, dir_ / "server.log");
        client_ = std::make_unique<HttpClient>(waitForPort(portFile, *program_));
    }

    TempDir dir_;
    std::unique_ptr<ChildProcess> program_;
    std::unique_ptr<HttpClient> client_;
};

} // namespace apbfarm::test
