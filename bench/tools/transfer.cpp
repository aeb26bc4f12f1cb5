// SPDX-License-Identifier: MIT
// bench-transfer upload PORT PATH FILE [TOKEN]: the file as form field "build_tarball"; seconds until the answer.
// bench-transfer download PORT PATH [TOKEN]: seconds until the last byte.
// Prints seconds and bytes. Fails unless the answer is a success.
#include "client.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <cstdio>
#include <exception>
#include <vector>

namespace apbfarm::bench {

namespace {

struct Measured {
    double seconds = 0;
    std::uint64_t bytes = 0;
};

std::string authorization(const std::string& token)
{
    return token.empty() ? "" : "Authorization: Bearer " + token + "\r\n";
}

void require(const Answer& answer, const std::string& text)
{
    if (answer.status < 200 || answer.status > 299)
        throw std::runtime_error("status " + std::to_string(answer.status) + ": " + text.substr(0, 500));
}

void sendWhole(int socket, int file, off_t size)
{
    for (off_t at = 0; at < size;)
        if (::sendfile(socket, file, &at, static_cast<std::size_t>(size - at)) <= 0)
            throw std::system_error(errno, std::generic_category(), "sendfile");
}

Measured upload(std::uint16_t port, const std::string& path, const std::string& name, const std::string& token)
{
    const int file = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat info {};
    if (file < 0 || ::fstat(file, &info) != 0)
        throw std::system_error(errno, std::generic_category(), name);
    const std::string boundary = "50e337165ec0880d55aba37366b21d8a";   // as long as the one of existing clients
    const auto before = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"build_tarball\"; "
                        "filename=\"build.tar.gz\"\r\nContent-Type: application/gzip\r\n\r\n";
    const auto after = "\r\n--" + boundary + "--\r\n";
    const auto length = before.size() + static_cast<std::uint64_t>(info.st_size) + after.size();
    Client client(port);
    std::string text;
    const auto start = Clock::now();
    client.send("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + authorization(token) +
                "Content-Type: multipart/form-data; boundary=" + boundary + "\r\nContent-Length: " +
                std::to_string(length) + "\r\n\r\n" + before);
    sendWhole(client.descriptor(), file, info.st_size);
    client.send(after);
    const auto answer = client.receive([&](std::string_view piece) { text += piece; });
    const auto seconds = secondsSince(start);
    ::close(file);
    require(answer, text);
    return {seconds, length};
}

Measured download(std::uint16_t port, const std::string& path, const std::string& token)
{
    Client client(port);
    const auto start = Clock::now();
    client.send("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + authorization(token) + "\r\n");
    const auto answer = client.receive([](std::string_view) {});
    const auto seconds = secondsSince(start);
    require(answer, path);
    return {seconds, answer.length};
}

Measured run(const std::vector<std::string>& arguments)
{
    const auto at = [&](std::size_t i) { return i < arguments.size() ? arguments[i] : std::string(); };
    const auto port = static_cast<std::uint16_t>(std::atoi(at(1).c_str()));
    if (at(0) == "upload")
        return upload(port, at(2), at(3), at(4));
    if (at(0) == "download")
        return download(port, at(2), at(3));
    throw std::runtime_error("upload PORT PATH FILE [TOKEN] | download PORT PATH [TOKEN]");
}

} // namespace

} // namespace apbfarm::bench

int main(int argc, char** argv)
{
    try {
        const auto measured = apbfarm::bench::run({argv + 1, argv + argc});
        std::printf("%.6f %llu\n", measured.seconds, static_cast<unsigned long long>(measured.bytes));
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench-transfer: %s\n", error.what());
        return 1;
    }
}
