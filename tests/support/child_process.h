// SPDX-License-Identifier: MIT
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace apbfarm::test {

/// The build under test, from the environment that ctest sets.
inline std::filesystem::path buildDirectory()
{
    const char* value = std::getenv("APB_FARM_BUILD_DIR");
    if (!value)
        throw std::runtime_error("APB_FARM_BUILD_DIR is not set; run through ctest");
    return value;
}

inline std::filesystem::path sourceDirectory()
{
    const char* value = std::getenv("APB_FARM_SOURCE_DIR");
    if (!value)
        throw std::runtime_error("APB_FARM_SOURCE_DIR is not set; run through ctest");
    return value;
}

/// Empty when it is not there, also when it vanishes while it is read, as files in /proc do.
inline std::string readFile(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// Looks again every few milliseconds until `condition` holds. False when it did not within `limit`.
template <class Condition>
bool eventually(Condition&& condition, std::chrono::milliseconds limit = std::chrono::seconds(30))
{
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        ::poll(nullptr, 0, 10);
    }
    return true;
}

/// A real program as a child, its standard output and error in one file. Killed, if need be, by the destructor.
class ChildProcess {
public:
    /// `environment` adds to ours; an empty value takes a variable away.
    ChildProcess(std::vector<std::string> command, std::filesystem::path output,
                 const std::map<std::string, std::string>& environment = {})
        : output_(std::move(output))
    {
        auto variables = mergedEnvironment(environment);
        auto arguments = pointers(command);
        auto settings = pointers(variables);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 1, output_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        posix_spawn_file_actions_adddup2(&actions, 1, 2);
        const int error = posix_spawnp(&pid_, arguments[0], &actions, nullptr, arguments.data(), settings.data());
        posix_spawn_file_actions_destroy(&actions);
        if (error)
            throw std::runtime_error("cannot start " + command.at(0) + ": " + std::strerror(error));
    }
    ~ChildProcess()
    {
        if (!ended_)
            kill();
    }
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    pid_t pid() const { return pid_; }
    std::string output() const { return readFile(output_); }

    bool isRunning() { return !poll(); }
    void signal(int number) { ::kill(pid_, number); }

    /// SIGTERM, then the exit code; SIGKILL when it takes longer than `limit`.
    int terminate(std::chrono::milliseconds limit = std::chrono::seconds(20))
    {
        signal(SIGTERM);
        if (auto code = wait(limit))
            return *code;
        return kill();
    }
    /// SIGKILL: what a power cut would look like to the program.
    int kill()
    {
        signal(SIGKILL);
        return wait(std::chrono::seconds(20)).value_or(-SIGKILL);
    }
    /// The exit code, or the negative signal; empty when it still runs after `limit`.
    std::optional<int> wait(std::chrono::milliseconds limit = std::chrono::seconds(60))
    {
        eventually([this] { return poll(); }, limit);
        return ended_;
    }

private:
    bool poll()
    {
        int status = 0;
        if (!ended_ && ::waitpid(pid_, &status, WNOHANG) == pid_)
            ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
        return ended_.has_value();
    }

    static std::vector<std::string> mergedEnvironment(const std::map<std::string, std::string>& changes)
    {
        std::vector<std::string> merged;
        for (char** variable = environ; *variable; ++variable) {
            const std::string text = *variable;
            if (!changes.contains(text.substr(0, text.find('='))))
                merged.push_back(text);
        }
        for (const auto& [name, value] : changes)
            if (!value.empty())
                merged.push_back(name + "=" + value);
        return merged;
    }

    static std::vector<char*> pointers(std::vector<std::string>& texts)
    {
        std::vector<char*> list;
        for (auto& text : texts)
            list.push_back(text.data());
        list.push_back(nullptr);
        return list;
    }

    std::filesystem::path output_;
    pid_t pid_ = -1;
    std::optional<int> ended_;
};

/// Waits until a program has written its port into `file`. Throws when it ends or takes too long.
inline std::uint16_t waitForPort(const std::filesystem::path& file, ChildProcess& program,
                                 std::chrono::milliseconds limit = std::chrono::seconds(30))
{
    std::uint16_t port = 0;
    eventually([&] { return (std::ifstream(file) >> port && port) || !program.isRunning(); }, limit);
    if (!port)
        throw std::runtime_error("the program did not listen; it said:\n" + program.output());
    return port;
}

} // namespace apbfarm::test
