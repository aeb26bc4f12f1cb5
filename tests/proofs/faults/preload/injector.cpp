// SPDX-License-Identifier: MIT
// Loaded into the real daemon: counts its calls and makes some of them fail, as a shared page says. The page is found
// beside the file that --port-file names; in any other program nothing happens.
#include "proofs/faults/calls.h"
#include "proofs/faults/preload/places.h"
#include "proofs/preload/calls.h"

#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace apbfarm::proofs::failing;
using apbfarm::proofs::preload::real;

extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
}

namespace {

Control* control = nullptr;
bool begun = false;      // main runs
int trace = -1;
int (*realMain)(int, char**, char**) = nullptr;

void findControl(int count, char** arguments)
{
    for (int i = 1; i + 1 < count; ++i) {
        if (std::strcmp(arguments[i], "--port-file") != 0)
            continue;
        const char* slash = std::strrchr(arguments[i + 1], '/');
        const int length = slash ? static_cast<int>(slash - arguments[i + 1] + 1) : 0;
        char name[4096];
        std::snprintf(name, sizeof name, "%.*s%s", length, arguments[i + 1], kControlFile.data());
        const int file = real<int(const char*, int, ...)>("open")(name, O_RDWR | O_CLOEXEC);
        if (file < 0)
            return;
        const auto map = real<void*(void*, size_t, int, int, int, off_t)>("mmap");
        void* page = map(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        std::snprintf(name, sizeof name, "%.*s%s", length, arguments[i + 1], kTraceFile.data());
        trace = real<int(const char*, int, ...)>("open")(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        ::close(file);
        void* frames[4];
        ::backtrace(frames, 4);   // the first one takes memory
        control = page == MAP_FAILED ? nullptr : static_cast<Control*>(page);
    }
}

void writeTrace()
{
    void* frames[24];
    const int depth = ::backtrace(frames, 24);
    ::backtrace_symbols_fd(frames, depth, trace);
}

/// For who has to find out why.
void tellAndDie(int signal)
{
    inside = true;
    ::dprintf(trace, "signal %d:\n", signal);
    writeTrace();
    ::signal(signal, SIG_DFL);
    ::raise(signal);
}

int mainWithFaults(int count, char** arguments, char** environment)
{
    if (control)
        for (const int deadly : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE})
            ::signal(deadly, tellAndDie);
    begun = true;
    return realMain(count, arguments, environment);
}

bool isDue(Call call, std::uint64_t number)
{
    if (control->armed.load(std::memory_order_acquire) == 0 || control->call != static_cast<std::uint32_t>(call))
        return false;
    const bool begins = control->place == 0 ? number >= control->first
                                            : control->due > 0 || placeOf(call) == control->place;
    return begins && control->due.fetch_add(1) < control->times;
}

/// Counts the call. Whether it is to fail; errno says how.
bool fails(Call call)
{
    if (!begun || !control || inside)
        return false;
    const auto number = control->made[static_cast<std::size_t>(call)].fetch_add(1) + 1;
    if (const auto phase = control->recording.load(std::memory_order_relaxed))
        record(*control, call, phase);
    if (!isDue(call, number))
        return false;
    if (control->failed.fetch_add(1) == 0) {
        inside = true;
        writeTrace();
        inside = false;
    }
    errno = control->error;
    return true;
}

bool isKind(int descriptor, mode_t kind)
{
    const int kept = errno;
    struct stat status{};
    const bool is = ::fstat(descriptor, &status) == 0 && (status.st_mode & S_IFMT) == kind;
    errno = kept;
    return is;
}

/// A connection that is gone is gone for all that follows.
void hangUp(int descriptor)
{
    const int error = control->error;
    if (error == ECONNRESET || error == EPIPE || error == ETIMEDOUT)
        ::shutdown(descriptor, SHUT_RDWR);
    errno = error;
}

bool failsOn(int descriptor, Call call)
{
    const bool failing = fails(call);
    if (failing)
        hangUp(descriptor);
    return failing;
}

bool failsOn(int descriptor, Call ofFile, Call ofSocket)
{
    if (!begun || !control)
        return false;
    if (isKind(descriptor, S_IFREG))
        return fails(ofFile);
    return isKind(descriptor, S_IFSOCK) && failsOn(descriptor, ofSocket);
}

/// What a call that was told to fail does: an error, or half of what was asked for.
template <class Half> ssize_t spoiled(size_t size, Half half)
{
    if (control->error != kShort)
        return -1;
    return half(size > 1 ? size / 2 : size);
}

template <class Open> int failsToOpen(const char*, int, Open open)
{
    return fails(Call::Open) ? -1 : open();
}

}

#pragma GCC visibility push(default)
extern "C" {

int __libc_start_main(int (*main)(int, char**, char**), int count, char** arguments, void (*init)(), void (*fini)(),
                      void (*loaderEnd)(), void* stack)
{
    realMain = main;
    findControl(count, arguments);
    using Start = int(int (*)(int, char**, char**), int, char**, void (*)(), void (*)(), void (*)(), void*);
    return real<Start>("__libc_start_main")(mainWithFaults, count, arguments, init, fini, loaderEnd, stack);
}

void* malloc(size_t size)
{
    return fails(Call::Memory) ? nullptr : __libc_malloc(size);
}

void* calloc(size_t count, size_t size)
{
    return fails(Call::Memory) ? nullptr : __libc_calloc(count, size);
}

void* realloc(void* old, size_t size)
{
    return fails(Call::Memory) ? nullptr : __libc_realloc(old, size);
}

void* memalign(size_t alignment, size_t size)
{
    return fails(Call::Memory) ? nullptr : __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size)
{
    return fails(Call::Memory) ? nullptr : __libc_memalign(alignment, size);
}

int posix_memalign(void** place, size_t alignment, size_t size)
{
    void* memory = fails(Call::Memory) ? nullptr : __libc_memalign(alignment, size);
    if (memory)
        *place = memory;
    return memory ? 0 : ENOMEM;
}

#define MAPS(name)                                                                                                     \
    void* name(void* wish, size_t size, int protection, int flags, int file, off_t offset)                             \
    {                                                                                                                  \
        static const auto call = real<void*(void*, size_t, int, int, int, off_t)>(#name);                              \
        return fails(Call::Map) ? MAP_FAILED : call(wish, size, protection, flags, file, offset);                      \
    }
MAPS(mmap)
MAPS(mmap64)

APBFARM_WRAPS_OPENS(failsToOpen)

/// Any call without a fallback: RESULT, name, (parameters), (arguments), what it returns when it fails, kind.
#define FAILS(result, name, parameters, arguments, wrong, kind)                                                        \
    result name parameters                                                                                             \
    {                                                                                                                  \
        static const auto call = real<result parameters>(#name);                                                       \
        return fails(Call::kind) ? (wrong) : call arguments;                                                           \
    }
FAILS(FILE*, fopen, (const char* path, const char* mode), (path, mode), nullptr, Open)
FAILS(FILE*, fopen64, (const char* path, const char* mode), (path, mode), nullptr, Open)
FAILS(int, mkostemp64, (char* name, int flags), (name, flags), -1, Open)
FAILS(int, fsync, (int descriptor), (descriptor), -1, Sync)
FAILS(int, fdatasync, (int descriptor), (descriptor), -1, Sync)
FAILS(int, syncfs, (int descriptor), (descriptor), -1, Sync)
FAILS(int, ftruncate, (int descriptor, off_t size), (descriptor, size), -1, Size)
FAILS(int, ftruncate64, (int descriptor, off_t size), (descriptor, size), -1, Size)
FAILS(int, fallocate, (int descriptor, int mode, off_t at, off_t size), (descriptor, mode, at, size), -1, Size)
FAILS(int, posix_fallocate, (int descriptor, off_t at, off_t size), (descriptor, at, size), errno, Size)
FAILS(int, rename, (const char* from, const char* to), (from, to), -1, Rename)
FAILS(int, renameat2, (int a, const char* from, int b, const char* to, unsigned flags), (a, from, b, to, flags), -1,
      Rename)
FAILS(int, link, (const char* from, const char* to), (from, to), -1, Rename)
FAILS(int, linkat, (int a, const char* from, int b, const char* to, int flags), (a, from, b, to, flags), -1, Rename)
FAILS(int, unlink, (const char* path), (path), -1, Remove)
FAILS(int, unlinkat, (int folder, const char* path, int flags), (folder, path, flags), -1, Remove)
FAILS(int, remove, (const char* path), (path), -1, Remove)
FAILS(int, rmdir, (const char* path), (path), -1, Remove)
FAILS(int, mkdir, (const char* path, mode_t mode), (path, mode), -1, Folder)
FAILS(int, socket, (int family, int type, int protocol), (family, type, protocol), -1, Socket)
FAILS(int, connect, (int descriptor, const sockaddr* to, socklen_t size), (descriptor, to, size), -1, Connect)
FAILS(int, accept, (int descriptor, sockaddr* from, socklen_t* size), (descriptor, from, size), -1, Accept)
FAILS(int, accept4, (int descriptor, sockaddr* from, socklen_t* size, int flags), (descriptor, from, size, flags), -1,
      Accept)
FAILS(int, epoll_create, (int size), (size), -1, Watch)
FAILS(int, epoll_create1, (int flags), (flags), -1, Watch)
FAILS(int, eventfd, (unsigned count, int flags), (count, flags), -1, Event)
FAILS(int, pipe, (int* ends), (ends), -1, Event)
FAILS(int, pipe2, (int* ends, int flags), (ends, flags), -1, Event)
FAILS(int, pthread_create, (pthread_t* thread, const pthread_attr_t* with, void* (*run)(void*), void* value),
      (thread, with, run, value), errno, Thread)
#define RECEIVES(name, parameters, arguments)                                                                          \
    ssize_t name parameters                                                                                            \
    {                                                                                                                  \
        static const auto call = real<ssize_t parameters>(#name);                                                      \
        return failsOn(descriptor, Call::Receive) ? -1 : call arguments;                                               \
    }
RECEIVES(recvfrom, (int descriptor, void* bytes, size_t size, int flags, sockaddr* from, socklen_t* length),
         (descriptor, bytes, size, flags, from, length))
RECEIVES(recvmsg, (int descriptor, msghdr* message, int flags), (descriptor, message, flags))
RECEIVES(recv, (int descriptor, void* bytes, size_t size, int flags), (descriptor, bytes, size, flags))

/// Taking something out of the set never fails for want of memory.
int epoll_ctl(int poller, int what, int descriptor, epoll_event* event)
{
    static const auto call = real<int(int, int, int, epoll_event*)>("epoll_ctl");
    return what == EPOLL_CTL_ADD && fails(Call::Watch) ? -1 : call(poller, what, descriptor, event);
}

#define READS(name, parameters, arguments)                                                                             \
    ssize_t name parameters                                                                                            \
    {                                                                                                                  \
        static const auto call = real<ssize_t parameters>(#name);                                                      \
        return failsOn(descriptor, Call::Read, Call::Receive) ? -1 : call arguments;                                   \
    }
READS(read, (int descriptor, void* bytes, size_t size), (descriptor, bytes, size))
READS(pread, (int descriptor, void* bytes, size_t size, off_t at), (descriptor, bytes, size, at))
READS(pread64, (int descriptor, void* bytes, size_t size, off_t at), (descriptor, bytes, size, at))
READS(readv, (int descriptor, const iovec* parts, int count), (descriptor, parts, count))

ssize_t write(int descriptor, const void* bytes, size_t size)
{
    static const auto call = real<ssize_t(int, const void*, size_t)>("write");
    if (failsOn(descriptor, Call::Write, Call::Send))
        return spoiled(size, [&](size_t half) { return call(descriptor, bytes, half); });
    return call(descriptor, bytes, size);
}

#define WRITES_AT(name)                                                                                                \
    ssize_t name(int descriptor, const void* bytes, size_t size, off_t at)                                             \
    {                                                                                                                  \
        static const auto call = real<ssize_t(int, const void*, size_t, off_t)>(#name);                                \
        if (failsOn(descriptor, Call::Write, Call::Send))                                                              \
            return spoiled(size, [&](size_t half) { return call(descriptor, bytes, half, at); });                      \
        return call(descriptor, bytes, size, at);                                                                      \
    }
WRITES_AT(pwrite)
WRITES_AT(pwrite64)

ssize_t writev(int descriptor, const iovec* parts, int count)
{
    static const auto call = real<ssize_t(int, const iovec*, int)>("writev");
    if (failsOn(descriptor, Call::Write, Call::Send))
        return spoiled(static_cast<size_t>(count),
                       [&](size_t half) { return call(descriptor, parts, static_cast<int>(half)); });
    return call(descriptor, parts, count);
}

#define WRITES_PARTS_AT(name)                                                                                          \
    ssize_t name(int descriptor, const iovec* parts, int count, off_t at)                                              \
    {                                                                                                                  \
        static const auto call = real<ssize_t(int, const iovec*, int, off_t)>(#name);                                  \
        if (failsOn(descriptor, Call::Write, Call::Send))                                                              \
            return spoiled(static_cast<size_t>(count),                                                                 \
                           [&](size_t half) { return call(descriptor, parts, static_cast<int>(half), at); });          \
        return call(descriptor, parts, count, at);                                                                     \
    }
WRITES_PARTS_AT(pwritev)
WRITES_PARTS_AT(pwritev64)

ssize_t send(int descriptor, const void* bytes, size_t size, int flags)
{
    static const auto call = real<ssize_t(int, const void*, size_t, int)>("send");
    if (failsOn(descriptor, Call::Send))
        return spoiled(size, [&](size_t half) { return call(descriptor, bytes, half, flags); });
    return call(descriptor, bytes, size, flags);
}

ssize_t sendto(int descriptor, const void* bytes, size_t size, int flags, const sockaddr* to, socklen_t length)
{
    static const auto call = real<ssize_t(int, const void*, size_t, int, const sockaddr*, socklen_t)>("sendto");
    if (failsOn(descriptor, Call::Send))
        return spoiled(size, [&](size_t half) { return call(descriptor, bytes, half, flags, to, length); });
    return call(descriptor, bytes, size, flags, to, length);
}

ssize_t sendmsg(int descriptor, const msghdr* message, int flags)
{
    static const auto call = real<ssize_t(int, const msghdr*, int)>("sendmsg");
    if (failsOn(descriptor, Call::Send))
        return spoiled(1, [&](size_t) { return call(descriptor, message, flags); });
    return call(descriptor, message, flags);
}

#define SENDS_FILE(name)                                                                                               \
    ssize_t name(int to, int from, off_t* offset, size_t size)                                                         \
    {                                                                                                                  \
        static const auto call = real<ssize_t(int, int, off_t*, size_t)>(#name);                                       \
        if (failsOn(to, Call::SendFile))                                                                               \
            return spoiled(size, [&](size_t half) { return call(to, from, offset, half); });                           \
        return call(to, from, offset, size);                                                                           \
    }
SENDS_FILE(sendfile)
SENDS_FILE(sendfile64)

}
#pragma GCC visibility pop
