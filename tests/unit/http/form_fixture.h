// SPDX-License-Identifier: MIT
#pragma once

#include "support/noise.h"
#include "unit/http/server_fixture.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <numeric>

namespace apbfarm::test {

inline std::string part(const std::string& disposition, const std::string& content)
{
    return "--xyz\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + content + "\r\n";
}

inline std::string form(const std::string& parts, const std::string& fields = {})
{
    const auto body = parts + "--xyz--\r\n";
    return "POST /form HTTP/1.1\r\nHost: farm\r\nContent-Type: multipart/form-data; boundary=xyz\r\n" + fields +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline std::string chunked(const std::string& body, std::size_t size)
{
    std::string wire = "POST /form HTTP/1.1\r\nHost: farm\r\nContent-Type: multipart/form-data; boundary=xyz\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n";
    for (std::size_t at = 0; at < body.size(); at += size) {
        char digits[20];
        std::snprintf(digits, sizeof digits, "%zx\r\n", std::min(size, body.size() - at));
        wire += digits + body.substr(at, size) + "\r\n";
    }
    return wire + "0\r\n\r\n";
}

/// Answers "name/filename/f|t/m|d/size/sum of bytes" for each part.
struct Forms : ServerFixture {
    Forms()
    {
        options.maxFormBody = 4 << 20;
        options.maxFormFile = 1 << 20;
        router.post("/form", Access::Guest, BodyKind::Form, [this](const HttpRequest& request, HttpResponse& response) {
            ++handled;
            std::string text;
            for (const auto& p : request.parts())
                text += p->name() + '/' + p->filename() + '/' + (p->isFile() ? 'f' : 't') + '/' +
                        (p->inMemory() ? 'm' : 'd') + '/' + std::to_string(p->size()) + '/' + std::to_string(sum(*p)) + '\n';
            response.send(200, "text/plain", text);
        });
    }
    static std::uint64_t sumOf(std::string_view bytes)
    {
        return std::accumulate(bytes.begin(), bytes.end(), std::uint64_t(0),
                               [](std::uint64_t s, char c) { return s * 31 + static_cast<unsigned char>(c); });
    }
    static std::uint64_t sum(const FormPart& p)
    {
        if (p.inMemory())
            return sumOf(p.text());
        std::string bytes(p.size(), '\0');
        const auto got = ::read(p.descriptor(), bytes.data(), bytes.size());
        return got == static_cast<ssize_t>(bytes.size()) ? sumOf(bytes) : 0;
    }
    /// Whether a nameless or named file of a body is still open or lying about.
    bool nothingLeft()
    {
        for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
            std::error_code gone;
            if (std::filesystem::read_symlink(entry.path(), gone).string().find(temporary.path()) == 0)
                return false;
        }
        return std::filesystem::is_empty(temporary.path());
    }
};

} // namespace apbfarm::test
