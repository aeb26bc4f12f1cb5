// SPDX-License-Identifier: MIT
#pragma once

#include "support/child_process.h"
#include "support/temp_dir.h"
#include "util/unique_fd.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <stdexcept>
#include <string>

namespace apbfarm::test {

/// The side of a service manager: a datagram socket that collects what a service says.
class NotifySocket {
public:
    NotifySocket() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path().c_str(), sizeof address.sun_path - 1);
        if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("cannot bind " + path());
    }

    std::string path() const { return (folder_ / "notify").string(); }

    /// Waits until something that begins like this has been said after what was asked for last; the whole of it.
    std::string next(const std::string& beginning)
    {
        std::string news;
        eventually([&] { return read(news) && news.starts_with(beginning); });
        return news.starts_with(beginning) ? news : "";
    }

private:
    bool read(std::string& news)
    {
        char buffer[4096];
        const auto size = ::recv(socket_.get(), buffer, sizeof buffer, 0);
        if (size > 0)
            news.assign(buffer, static_cast<std::size_t>(size));
        return size > 0;
    }

    TempDir folder_;
    util::UniqueFd socket_;
};

} // namespace apbfarm::test
