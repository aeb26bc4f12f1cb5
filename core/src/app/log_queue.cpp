// SPDX-License-Identifier: MIT
#include "app/log_queue.h"

#include <Poco/Message.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace apbfarm::app {

namespace {

constexpr std::chrono::milliseconds kNextTry{20};
constexpr std::chrono::seconds kLastWords{1};

} // namespace

LogQueue::LogQueue(int descriptor, Report report, std::size_t most)
    : descriptor_(descriptor), report_(std::move(report)), most_(most)
{
    struct stat info {};
    if (::fstat(descriptor, &info) != 0)
        return;
    isSocket_ = S_ISSOCK(info.st_mode);
    // Setting O_NONBLOCK on the descriptor itself would set it for whoever shares it, our parent for example.
    if (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode))
        own_ = ::open(("/proc/self/fd/" + std::to_string(descriptor)).c_str(),
                      O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

LogQueue::~LogQueue()
{
    if (writer_)
        writer_->stop();
    const auto until = std::chrono::steady_clock::now() + kLastWords;
    while (!writeKept() && std::chrono::steady_clock::now() < until) {
        pollfd wait{own_ >= 0 ? own_ : descriptor_, POLLOUT, 0};
        ::poll(&wait, 1, static_cast<int>(kNextTry.count()));
    }
    if (own_ >= 0)
        ::close(own_);
}

void LogQueue::log(const Poco::Message& message)
{
    auto line = message.getText() + "\n";
    const std::lock_guard lock(mutex_);
    if (kept_.empty() && dropped_ == 0)
        line.erase(0, write(line));
    if (line.empty())
        return;
    if (kept_.size() + line.size() > most_) {
        ++dropped_;
        return;
    }
    kept_ += line;
    if (!writer_)
        writer_.emplace("log", [this] { return step(); }, [](const std::string&) {});
    else
        writer_->wake();
}

std::optional<std::chrono::milliseconds> LogQueue::step()
{
    return writeKept() ? std::nullopt : std::optional(kNextTry);
}

/// True when nothing is left.
bool LogQueue::writeKept()
{
    const std::lock_guard lock(mutex_);
    kept_.erase(0, write(kept_));
    if (kept_.empty() && dropped_ > 0) {
        kept_ = report_(dropped_) + "\n";
        dropped_ = 0;
        kept_.erase(0, write(kept_));
    }
    return kept_.empty();
}

/// How many bytes the output took. One that is broken takes everything.
std::size_t LogQueue::write(std::string_view text) const
{
    std::size_t done = 0;
    while (done < text.size()) {
        const auto rest = text.substr(done);
        const auto sent = isSocket_ ? ::send(descriptor_, rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                                    : ::write(own_ >= 0 ? own_ : descriptor_, rest.data(), rest.size());
        if (sent > 0)
            done += static_cast<std::size_t>(sent);
        else if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return done;
        else if (sent == 0 || errno != EINTR)
            return text.size();
    }
    return done;
}

} // namespace apbfarm::app
