// SPDX-License-Identifier: MIT
#include "supervisor.h"

#include "process_table.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace apbfarm::server {

namespace {

constexpr int kCannotStart = 127;
constexpr int kInterrupted = 128 + SIGTERM;

[[noreturn]] void failToStart(const char* what)
{
    std::fprintf(stderr, "%s: %s\n", what, std::strerror(errno));
    std::fflush(stderr);
    ::_exit(kCannotStart);
}

void becomeAccount(uid_t uid, gid_t gid)
{
    if (uid == static_cast<uid_t>(-1))
        return;
    if (::setgroups(0, nullptr) != 0 || ::setresgid(gid, gid, gid) != 0 || ::setresuid(uid, uid, uid) != 0)
        failToStart("cannot change to the build account");
}

[[noreturn]] void runCommand(const std::vector<std::string>& command, uid_t uid, gid_t gid, const sigset_t& signals)
{
    ::sigprocmask(SIG_UNBLOCK, &signals, nullptr);
    const rlimit noCore{0, 0};
    ::setrlimit(RLIMIT_CORE, &noCore);
    ::umask(022);
    becomeAccount(uid, gid);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);   // after the change of account, which would clear it
    std::vector<char*> argv;
    for (const auto& argument : command)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    failToStart(argv[0]);
}

void killChildren()
{
    const auto processes = childrenOfAll();
    const auto [first, last] = processes.equal_range(::getpid());
    for (auto child = first; child != last; ++child)
        ::kill(child->second, SIGKILL);
}

/// A killed child hands its own children to us, so this ends when nobody is left.
void killAll()
{
    sigset_t childEnded;
    ::sigemptyset(&childEnded);
    ::sigaddset(&childEnded, SIGCHLD);
    const timespec pause{0, 20'000'000};
    for (int round = 0; round < 1500; ++round) {   // 30 s: a process in an endless system call is not ours to wait for
        pid_t reaped;
        while ((reaped = ::waitpid(-1, nullptr, WNOHANG)) > 0) {
        }
        if (reaped < 0 && errno == ECHILD)
            return;
        killChildren();
        ::sigtimedwait(&childEnded, nullptr, &pause);
    }
}

std::optional<int> reap(pid_t command)
{
    int status = 0;
    std::optional<int> code;
    while (const pid_t pid = ::waitpid(-1, &status, WNOHANG)) {
        if (pid < 0)
            break;
        if (pid == command)
            code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    return code;
}

int watch(pid_t command, const sigset_t& signals)
{
    for (;;) {
        const int signal = ::sigwaitinfo(&signals, nullptr);
        if (signal < 0)
            continue;
        const auto code = reap(command);
        if (!code && signal == SIGCHLD)
            continue;
        killAll();
        return code.value_or(kInterrupted);
    }
}

} // namespace

int supervise(const std::vector<std::string>& arguments)
{
    if (arguments.size() < 4)
        return kCannotStart;
    sigset_t signals;
    ::sigemptyset(&signals);
    for (int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP})
        ::sigaddset(&signals, signal);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    ::close_range(3, ~0u, 0);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != std::atoi(arguments[0].c_str()))
        return kInterrupted;   // the parent died before the line above

    const auto uid = static_cast<uid_t>(std::atoll(arguments[1].c_str()));
    const auto gid = static_cast<gid_t>(std::atoll(arguments[2].c_str()));
    const pid_t command = ::fork();
    if (command == 0)
        runCommand({arguments.begin() + 3, arguments.end()}, uid, gid, signals);
    if (command < 0)
        failToStart("fork");
    return watch(command, signals);
}

} // namespace apbfarm::server
