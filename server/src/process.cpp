// SPDX-License-Identifier: MIT
#include "process.h"

#include "supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace apbfarm::server {

namespace {

std::vector<std::string> supervisedArguments(const Command& command)
{
    // An account that is ours already is not changed to: without root even that is not permitted.
    const bool changes = command.account && command.account->differsFromOurs;
    const auto id = [&](auto member) { return changes ? std::to_string((*command.account).*member) : "-1"; };
    std::vector<std::string> arguments{"apb-server", kSuperviseArgument, std::to_string(::getpid()),
                                       id(&Account::uid), id(&Account::gid)};
    arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
    return arguments;
}

std::vector<char*> pointers(const std::vector<std::string>& texts)
{
    std::vector<char*> list;
    for (const auto& text : texts)
        list.push_back(const_cast<char*>(text.c_str()));
    list.push_back(nullptr);
    return list;
}

pid_t spawn(const Command& command, int output)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn_file_actions_adddup2(&actions, output, 2);
    if (!command.directory.empty())
        posix_spawn_file_actions_addchdir_np(&actions, command.directory.c_str());
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    ::sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    sigset_t all;
    ::sigfillset(&all);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

    const auto arguments = supervisedArguments(command);
    pid_t pid = -1;
    const int error = posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, pointers(arguments).data(),
                                  pointers(command.environment).data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (error)
        throw std::system_error(error, std::generic_category(), "cannot start a process");
    return pid;
}

} // namespace

Process::Process(const Command& command)
{
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        throw std::system_error(errno, std::generic_category(), "pipe");
    output_.reset(ends[0]);
    util::UniqueFd writer(ends[1]);
    ::fcntl(output_.get(), F_SETFL, O_NONBLOCK);
    pid_ = spawn(command, writer.get());
    ended_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
}

Process::~Process()
{
    if (pid_ < 0)
        return;
    kill();
    wait();
}

void Process::kill()
{
    if (pid_ > 0)
        ::kill(pid_, SIGTERM);
}

int Process::wait()
{
    int status = 0;
    rusage use{};
    while (::wait4(pid_, &status, 0, &use) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    largestProcess_ = static_cast<std::uint64_t>(use.ru_maxrss) * 1024;
    if (WIFSIGNALED(status))
        return -WTERMSIG(status);
    const int code = WEXITSTATUS(status);
    return code > 128 && code <= 192 ? 128 - code : code;
}

Finished runToEnd(const Command& command)
{
    Process process(command);
    std::string output;
    char buffer[4096];
    for (;;) {
        pollfd wait{process.output(), POLLIN, 0};
        ::poll(&wait, 1, -1);
        const auto got = ::read(process.output(), buffer, sizeof buffer);
        if (got == 0)
            break;
        if (got > 0 && output.size() < 65536)
            output.append(buffer, static_cast<std::size_t>(got));
    }
    const int code = process.wait();
    return {code, output};
}

} // namespace apbfarm::server
