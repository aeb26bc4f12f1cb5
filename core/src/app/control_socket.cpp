// SPDX-License-Identifier: MIT
#include "app/control_socket.h"

#include "util/worker.h"

#include <apbfarm/errors.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace apbfarm::app {

namespace {

constexpr const char* kName = "control";
constexpr std::size_t kMaxQuestion = 64 << 10;
constexpr int kPatienceMs = 30'000;   // also of a farm that hashes a password while others log in
constexpr int kQuestionMs = 2'000;

[[noreturn]] void fail(const std::string& what)
{
    throw Unavailable(what + ": " + std::strerror(errno), "control_failed");
}

/// A socket's address is shorter than paths may be; the folder's descriptor is not.
struct Place {
    explicit Place(const std::filesystem::path& directory)
        : folder(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC))
    {
        address.sun_family = AF_UNIX;
        const auto path = "/proc/self/fd/" + std::to_string(folder.get()) + "/" + kName;
        std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    }
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }

    util::UniqueFd folder;
    sockaddr_un address{};
};

util::UniqueFd newSocket()
{
    util::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket)
        fail("No socket can be made");
    return socket;
}

bool isReady(int descriptor, int milliseconds)
{
    pollfd wanted{descriptor, POLLIN, 0};
    return ::poll(&wanted, 1, milliseconds) == 1;
}

/// Until the other side has said all; empty when it is too slow or says too much.
std::optional<std::string> readAll(int connection, int milliseconds)
{
    std::string text;
    char buffer[4096];
    while (isReady(connection, milliseconds)) {
        const auto got = ::recv(connection, buffer, sizeof buffer, 0);
        if (got == 0)
            return text;
        if (got < 0 || text.size() + static_cast<std::size_t>(got) > kMaxQuestion)
            return std::nullopt;
        text.append(buffer, static_cast<std::size_t>(got));
    }
    return std::nullopt;
}

void sendAll(int connection, std::string_view text)
{
    while (!text.empty()) {
        const auto sent = ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
}

util::UniqueFd connected(const std::filesystem::path& directory)
{
    const Place place(directory);
    auto socket = newSocket();
    if (!place.folder || ::connect(socket.get(), place.get(), sizeof place.address) != 0)
        socket.reset();
    return socket;
}

} // namespace

ControlSocket::ControlSocket(const std::filesystem::path& directory, Handler handle)
    : directory_(directory), handle_(std::move(handle)), listening_(newSocket())
{
    const Place place(directory_);
    ::unlinkat(place.folder.get(), kName, 0);
    if (::bind(listening_.get(), place.get(), sizeof place.address) != 0 ||
        ::fchmodat(place.folder.get(), kName, 0600, 0) != 0 || ::listen(listening_.get(), 8) != 0)
        fail("Cannot listen for commands in " + directory_.string());
    thread_ = std::thread([this] {
        util::nameThread("control");
        serve();
    });
}

ControlSocket::~ControlSocket()
{
    stopping_ = true;
    ::shutdown(listening_.get(), SHUT_RDWR);
    thread_.join();
    try {
        std::filesystem::remove(directory_ / kName);
    } catch (const std::exception&) {
        // The next start replaces it.
    }
}

void ControlSocket::serve()
{
    while (!stopping_) {
        const util::UniqueFd connection(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (connection)
            answerOne(connection.get());
        else if (!stopping_)
            ::poll(nullptr, 0, 100);   // no descriptors left, perhaps: not again at once
    }
}

void ControlSocket::answerOne(int connection) const
{
    if (const auto question = readAll(connection, kQuestionMs); question && !question->empty())
        sendAll(connection, handle_(*question));
}

std::optional<std::string> askFarm(const std::filesystem::path& directory, std::string_view question)
{
    const auto connection = connected(directory);
    if (!connection)
        return std::nullopt;
    sendAll(connection.get(), question);
    ::shutdown(connection.get(), SHUT_WR);
    auto answer = readAll(connection.get(), kPatienceMs);
    if (!answer || answer->empty())
        throw Unavailable("The farm is running but does not answer; look at its log", "control_failed");
    return answer;
}

std::optional<pid_t> runningFarm(const std::filesystem::path& directory)
{
    const auto connection = connected(directory);
    ucred peer{};
    socklen_t size = sizeof peer;
    if (!connection || ::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return std::nullopt;
    return peer.pid;
}

} // namespace apbfarm::app
