// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "support/farm_process.h"
#include "support/instrumented.h"
#include "support/packages.h"

#include <boost/test/unit_test.hpp>

#include <sstream>

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kPiece = 1 << 20;
constexpr long kAllowedGrowth = 32 * 1024;   // KiB
// A farm with a sanitizer looks through no more in the five seconds of X4.
constexpr std::size_t kUploadMebibytes = kAllowance == 1 ? 499 : 99;

/// A line of /proc/PID/status, in KiB.
long memory(ChildProcess& process, const std::string& line)
{
    std::istringstream status(readFile("/proc/" + std::to_string(process.pid()) + "/status"));
    for (std::string word; status >> word;)
        if (word == line + ":") {
            long kib = 0;
            status >> kib;
            return kib;
        }
    throw std::runtime_error("no " + line);
}

/// A valid upload of about that size that hardly costs anything to make: random bytes, stored by gzip.
std::filesystem::path makeTarball(const std::filesystem::path& folder, std::size_t mebibytes)
{
    std::ofstream(folder / "PKGBUILD") << pkgbuild("large");
    const std::string script = "import os, tarfile, sys\n"
                               "piece = os.urandom(1 << 20)\n"
                               "with open('blob', 'wb') as blob:\n"
                               "    for i in range(int(sys.argv[1])): blob.write(piece)\n"
                               "with tarfile.open('large.tar.gz', 'w:gz', compresslevel=0) as tar:\n"
                               "    tar.add('PKGBUILD'); tar.add('blob')\n";
    ChildProcess python({"sh", "-c", "cd '" + folder.string() + "' && exec python3 -c \"$0\" " + std::to_string(mebibytes), script},
                        folder / "python.log");
    BOOST_REQUIRE_MESSAGE(python.wait(120s) == 0, python.output());
    return folder / "large.tar.gz";
}

HttpAnswer upload(const FarmProcess& farm, const std::string& token, const std::filesystem::path& file)
{
    const std::string boundary = "----a-boundary";
    const auto before = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"build_tarball\"; filename=\"build.tar.gz\"\r\n"
                        "Content-Type: application/gzip\r\n\r\n";
    const auto after = "\r\n--" + boundary + "--\r\n";
    HttpClient client(farm.port());
    TcpConnection connection(farm.port(), 120s);
    connection.write(client.requestHead("POST", "/build",
                                        {{"Authorization", "Bearer " + token},
                                         {"Content-Type", "multipart/form-data; boundary=" + boundary},
                                         {"Content-Length", std::to_string(before.size() + std::filesystem::file_size(file) +
                                                                           after.size())}}) +
                     "\r\n" + before);
    std::ifstream in(file, std::ios::binary);
    std::string piece(kPiece, '\0');
    while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0)
        connection.write({piece.data(), static_cast<std::size_t>(in.gcount())});
    connection.write(after);
    return HttpClient::readAnswer(connection);
}

std::uint64_t downloadedSize(const FarmProcess& farm, const std::string& target)
{
    HttpClient client(farm.port());
    TcpConnection connection(farm.port(), 60s);
    connection.write(client.requestHead("GET", target) + "Connection: close\r\n\r\n");
    BOOST_REQUIRE(HttpClient::readHead(connection).status == 200);
    std::uint64_t size = 0;
    for (auto bytes = connection.read(kPiece); !bytes.empty(); bytes = connection.read(kPiece))
        size += bytes.size();
    return size;
}

} // namespace

BOOST_AUTO_TEST_SUITE(Transfer)

// X1: from the client into the spool, and from there to the build server.
BOOST_AUTO_TEST_CASE(X1_an_upload_of_500_mebibytes_needs_no_memory)
{
    FakeBuildServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    const auto token = farm.tokenOf("admin", "admin123");
    const auto tarball = makeTarball(farm.folder(), kUploadMebibytes);
    const auto before = memory(farm.process(), "VmRSS");
    const auto answer = upload(farm, token, tarball);
    BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.body);
    BOOST_REQUIRE(server.waitForAccepted(member(answer, "build_id"), 60s));
    const auto growth = memory(farm.process(), "VmHWM") - before;
    BOOST_TEST_MESSAGE("grew by " << growth << " KiB");
    BOOST_TEST(growth < kAllowance * kAllowedGrowth);
}

// F4: from the build server into the store, and from there to a client.
BOOST_AUTO_TEST_CASE(F4_an_artifact_of_one_gibibyte_needs_no_memory)
{
    constexpr std::uint64_t size = 1 << 30;
    FakeBuildServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    auto client = farm.admin();
    const auto build = member(submit(client, "large"), "build_id");
    BOOST_REQUIRE(server.waitForAccepted(build));
    const auto before = memory(farm.process(), "VmRSS");
    server.finish(build, BuildStatus::Completed, {{"large-1.0-1-x86_64.pkg.tar.zst", std::string(kPiece, 'x'), size / kPiece}});
    BOOST_REQUIRE(eventually([&] { return test::statusOf(client, build) == "completed"; }, 300s));
    BOOST_TEST(downloadedSize(farm, "/build/" + build + "/download/large-1.0-1-x86_64.pkg.tar.zst") == size);
    const auto growth = memory(farm.process(), "VmHWM") - before;
    BOOST_TEST_MESSAGE("grew by " << growth << " KiB");
    BOOST_TEST(growth < kAllowance * kAllowedGrowth);
}

BOOST_AUTO_TEST_SUITE_END()
