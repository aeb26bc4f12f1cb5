// SPDX-License-Identifier: MIT
// bench-submit PORT TOKEN CLIENTS SECONDS BYTES: that many keep-alive clients submit small packages, each another one,
// without pause. Prints accepted submissions and seconds. Fails when one is not accepted.
#include "client.h"

#include "package/tarball_writer.h"

#include <atomic>
#include <cstdio>
#include <exception>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <vector>

namespace apbfarm::bench {

namespace {

/// What all clients share.
struct Work {
    std::uint16_t port = 0;
    std::string token;
    std::size_t bytes = 0;
    Clock::time_point end;
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<bool> failed{false};
    std::mutex mutex;
    std::string failure;
};

std::string requestOf(const Work& work, const std::string& tarball)
{
    const std::string boundary = "----bench-boundary";
    const auto body = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"build_tarball\"; "
                      "filename=\"build.tar.gz\"\r\nContent-Type: application/gzip\r\n\r\n" + tarball +
                      "\r\n--" + boundary + "--\r\n";
    return "POST /build HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + work.token +
           "\r\nContent-Type: multipart/form-data; boundary=" + boundary + "\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Tarballs of about the size wanted, of which no two are equal: the random file does not compress.
class Packages {
public:
    explicit Packages(std::size_t bytes)
        : random_(std::random_device()()), filler_(bytes > kOverhead + 16 ? bytes - kOverhead : 16, ' ')
    {
    }

    std::string next()
    {
        for (auto& c : filler_)
            c = static_cast<char>(random_());
        return package::writeTarball({{"PKGBUILD", kPkgbuild}, {"data", filler_}});
    }

private:
    static constexpr std::size_t kOverhead = 400;   // of the PKGBUILD and of the archive, packed
    static constexpr const char* kPkgbuild =
        "pkgname=bench-small\npkgver=1.0\npkgrel=1\npkgdesc='one of many'\narch=('x86_64')\nsource=('data')\n"
        "sha256sums=('SKIP')\npackage() { :; }\n";
    std::mt19937_64 random_;
    std::string filler_;
};

/// Made beforehand, so that packing does not take time from the program that is measured.
std::vector<std::string> prepare(const Work& work, std::size_t count)
{
    Packages packages(work.bytes);
    std::vector<std::string> requests;
    for (std::size_t i = 0; i < count; ++i)
        requests.push_back(requestOf(work, packages.next()));
    return requests;
}

void submitUntilEnd(Work& work, const std::vector<std::string>& requests, std::atomic<std::size_t>& next)
{
    std::optional<Client> client;
    while (Clock::now() < work.end && !work.failed) {
        const auto mine = next.fetch_add(1);
        if (mine >= requests.size())
            return;   // quicker than was prepared for: the measurement is shorter
        if (!client)
            client.emplace(work.port);
        std::string text;
        client->send(requests[mine]);
        const auto answer = client->receive([&](std::string_view piece) { text += piece; });
        if (answer.status != 200)
            throw std::runtime_error("status " + std::to_string(answer.status) + ": " + text.substr(0, 500));
        ++work.accepted;
        if (!answer.keepAlive)
            client.reset();
    }
}

void fail(Work& work, const std::string& what)
{
    work.failed = true;
    std::lock_guard lock(work.mutex);
    work.failure = what;
}

double run(Work& work, int clients, double seconds)
{
    constexpr double kMostPerSecond = 12000;
    const auto requests = prepare(work, static_cast<std::size_t>(kMostPerSecond * seconds) + 1000);
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> threads;
    const auto start = Clock::now();
    work.end = start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    for (int i = 0; i < clients; ++i)
        threads.emplace_back([&] {
            try {
                submitUntilEnd(work, requests, next);
            } catch (const std::exception& error) {
                fail(work, error.what());
            }
        });
    for (auto& thread : threads)
        thread.join();
    return secondsSince(start);
}

} // namespace

} // namespace apbfarm::bench

int main(int argc, char** argv)
{
    if (argc != 6) {
        std::fprintf(stderr, "bench-submit PORT TOKEN CLIENTS SECONDS BYTES\n");
        return 2;
    }
    apbfarm::bench::Work work;
    work.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
    work.token = argv[2];
    work.bytes = static_cast<std::size_t>(std::atoi(argv[5]));
    const auto seconds = apbfarm::bench::run(work, std::atoi(argv[3]), std::atof(argv[4]));
    if (work.failed) {
        std::fprintf(stderr, "bench-submit: %s\n", work.failure.c_str());
        return 1;
    }
    std::printf("%llu %.6f\n", static_cast<unsigned long long>(work.accepted.load()), seconds);
    return 0;
}
