// SPDX-License-Identifier: MIT
// Loaded into the real daemon: writes down, in order, everything that it does to the files below one folder.
#include "proofs/powerloss/preload/recording.h"
#include "proofs/preload/calls.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>

using apbfarm::proofs::power::Kind;
using apbfarm::proofs::power::Recorder;
using apbfarm::proofs::preload::real;

namespace {

Recorder& recorder()
{
    static auto* const one = new Recorder;   // threads use it until the very end
    return *one;
}

std::string absolute(const char* path)
{
    if (path[0] == '/')
        return path;
    char folder[4096];
    return std::string(::getcwd(folder, sizeof folder) ? folder : "") + "/" + path;
}

template <class Open> int opened(const char* name, int flags, Open open)
{
    auto& all = recorder();
    const auto path = absolute(name);
    if (!all.concerns(path))
        return open();
    const std::lock_guard lock(all.mutex());
    const bool there = ::access(path.c_str(), F_OK) == 0;
    const int descriptor = open();
    if (descriptor < 0)
        return descriptor;
    struct stat status{};
    ::fstat(descriptor, &status);
    if ((flags & O_TMPFILE) == O_TMPFILE)
        all.unnamed(status.st_ino);
    else if (!there && (flags & O_CREAT))
        all.made(status.st_ino, path);
    else if (flags & O_TRUNC)
        all.add(Kind::Cut, all.fileOf(descriptor, path), 0, "");
    return descriptor;
}

template <class Write> ssize_t written(int descriptor, off_t offset, const void* bytes, Write write)
{
    auto& all = recorder();
    const std::lock_guard lock(all.mutex());
    const auto path = all.pathOf(descriptor);
    if (path.empty())
        return write();
    const auto file = all.fileOf(descriptor, path);
    if (offset < 0) {
        const bool append = ::fcntl(descriptor, F_GETFL) & O_APPEND;
        offset = append ? ::lseek(descriptor, 0, SEEK_END) : ::lseek(descriptor, 0, SEEK_CUR);
    }
    const auto result = write();
    if (result > 0)
        all.add(Kind::Written, file, static_cast<std::uint64_t>(offset), "", {static_cast<const char*>(bytes), static_cast<std::size_t>(result)});
    return result;
}

template <class Write> ssize_t writtenParts(int descriptor, off_t offset, const iovec* parts, int count, Write write)
{
    if (recorder().pathOf(descriptor).empty())
        return write();
    std::string all;
    for (int i = 0; i < count; ++i)
        all.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
    return written(descriptor, offset, all.data(), write);
}

template <class Call> int cut(int descriptor, off_t size, Call call)
{
    auto& all = recorder();
    const std::lock_guard lock(all.mutex());
    const auto path = all.pathOf(descriptor);
    const int result = call();
    if (result == 0 && !path.empty())
        all.add(Kind::Cut, all.fileOf(descriptor, path), static_cast<std::uint64_t>(size), "");
    return result;
}

template <class Call> int reserved(int descriptor, Call call)
{
    auto& all = recorder();
    const std::lock_guard lock(all.mutex());
    const auto path = all.pathOf(descriptor);
    const int result = call();
    struct stat status{};
    ::fstat(descriptor, &status);
    if (result == 0 && !path.empty())
        all.add(Kind::Cut, all.fileOf(descriptor, path), static_cast<std::uint64_t>(status.st_size), "");
    return result;
}

template <class Call> int synced(int descriptor, Call call)
{
    auto& all = recorder();
    const std::lock_guard lock(all.mutex());
    const auto path = all.pathOf(descriptor);
    const int result = call();
    if (result != 0 || path.empty())
        return result;
    struct stat status{};
    ::fstat(descriptor, &status);
    if (S_ISDIR(status.st_mode))
        all.add(Kind::FolderSynced, 0, 0, path);
    else
        all.add(Kind::Synced, all.fileOf(descriptor, path), 0, "");
    return result;
}

template <class Call> int linked(const char* to, Call call)
{
    auto& all = recorder();
    const auto path = absolute(to);
    if (!all.concerns(path))
        return call();
    const std::lock_guard lock(all.mutex());
    const int result = call();
    struct stat status{};
    if (result == 0 && ::stat(path.c_str(), &status) == 0)
        all.linked(status.st_ino, path);
    return result;
}

template <class Call> int named(Kind kind, const char* name, const char* other, Call call)
{
    auto& all = recorder();
    const auto path = absolute(name);
    if (!all.concerns(path))
        return call();
    const std::lock_guard lock(all.mutex());
    const int result = call();
    if (result == 0)
        all.add(kind, 0, 0, path, other ? absolute(other) : std::string());
    return result;
}

/// What the daemon might do one day and this recorder could not follow.
void unexpected(int descriptor, const char* what)
{
    if (recorder().pathOf(descriptor).empty())
        return;
    std::fprintf(stderr, "powerloss recorder: %s is not followed\n", what);
    std::abort();
}

}

#pragma GCC visibility push(default)
extern "C" {

APBFARM_WRAPS_OPENS(opened)

ssize_t write(int descriptor, const void* bytes, size_t size)
{
    static const auto call = real<ssize_t(int, const void*, size_t)>("write");
    return written(descriptor, -1, bytes, [&] { return call(descriptor, bytes, size); });
}

#define WRITES_AT(name)                                                                                                \
    ssize_t name(int descriptor, const void* bytes, size_t size, off_t offset)                                         \
    {                                                                                                                  \
        static const auto call = real<ssize_t(int, const void*, size_t, off_t)>(#name);                                \
        return written(descriptor, offset, bytes, [&] { return call(descriptor, bytes, size, offset); });              \
    }
WRITES_AT(pwrite)
WRITES_AT(pwrite64)

ssize_t writev(int descriptor, const iovec* parts, int count)
{
    static const auto call = real<ssize_t(int, const iovec*, int)>("writev");
    return writtenParts(descriptor, -1, parts, count, [&] { return call(descriptor, parts, count); });
}

#define WRITES_PARTS_AT(name)                                                                                          \
    ssize_t name(int descriptor, const iovec* parts, int count, off_t offset)                                          \
    {                                                                                                                  \
        static const auto call = real<ssize_t(int, const iovec*, int, off_t)>(#name);                                  \
        return writtenParts(descriptor, offset, parts, count, [&] { return call(descriptor, parts, count, offset); }); \
    }
WRITES_PARTS_AT(pwritev)
WRITES_PARTS_AT(pwritev64)

ssize_t copy_file_range(int from, off64_t* in, int to, off64_t* out, size_t size, unsigned flags)
{
    unexpected(to, "copy_file_range");
    static const auto call = real<ssize_t(int, off64_t*, int, off64_t*, size_t, unsigned)>("copy_file_range");
    return call(from, in, to, out, size, flags);
}

ssize_t sendfile(int to, int from, off_t* offset, size_t size)
{
    unexpected(to, "sendfile");
    static const auto call = real<ssize_t(int, int, off_t*, size_t)>("sendfile");
    return call(to, from, offset, size);
}

ssize_t splice(int from, off64_t* in, int to, off64_t* out, size_t size, unsigned flags)
{
    unexpected(to, "splice");
    static const auto call = real<ssize_t(int, off64_t*, int, off64_t*, size_t, unsigned)>("splice");
    return call(from, in, to, out, size, flags);
}

// What it makes of a file is longer, by zeros.
#define RESERVES(name)                                                                                                 \
    int name(int descriptor, int mode, off_t offset, off_t size)                                                       \
    {                                                                                                                  \
        static const auto call = real<int(int, int, off_t, off_t)>(#name);                                             \
        if (mode != 0)                                                                                                 \
            unexpected(descriptor, #name);                                                                             \
        return reserved(descriptor, [&] { return call(descriptor, mode, offset, size); });                             \
    }
RESERVES(fallocate)
RESERVES(fallocate64)

#define CUTS(name)                                                                                                     \
    int name(int descriptor, off_t size)                                                                               \
    {                                                                                                                  \
        static const auto call = real<int(int, off_t)>(#name);                                                         \
        return cut(descriptor, size, [&] { return call(descriptor, size); });                                          \
    }
CUTS(ftruncate)
CUTS(ftruncate64)

#define SYNCS(name)                                                                                                    \
    int name(int descriptor)                                                                                           \
    {                                                                                                                  \
        static const auto call = real<int(int)>(#name);                                                                \
        return synced(descriptor, [&] { return call(descriptor); });                                                   \
    }
SYNCS(fsync)
SYNCS(fdatasync)

int syncfs(int descriptor)
{
    static const auto call = real<int(int)>("syncfs");
    auto& all = recorder();
    const std::lock_guard lock(all.mutex());
    const int result = call(descriptor);
    if (result == 0 && all.isBeside(descriptor))
        all.add(Kind::AllSynced, 0, 0, "");
    return result;
}

void sync()
{
    static const auto call = real<void()>("sync");
    auto& all = recorder();
    const std::lock_guard lock(all.mutex());
    call();
    if (all.isRecording())
        all.add(Kind::AllSynced, 0, 0, "");
}

int rename(const char* from, const char* to)
{
    static const auto call = real<int(const char*, const char*)>("rename");
    return named(Kind::Renamed, from, to, [&] { return call(from, to); });
}

int renameat2(int fromFolder, const char* from, int toFolder, const char* to, unsigned flags)
{
    static const auto call = real<int(int, const char*, int, const char*, unsigned)>("renameat2");
    return named(Kind::Renamed, from, to, [&] { return call(fromFolder, from, toFolder, to, flags); });
}

int unlink(const char* path)
{
    static const auto call = real<int(const char*)>("unlink");
    return named(Kind::Removed, path, nullptr, [&] { return call(path); });
}

int unlinkat(int folder, const char* path, int flags)
{
    static const auto call = real<int(int, const char*, int)>("unlinkat");
    const auto base = path[0] == '/' || folder == AT_FDCWD ? std::string() : recorder().pathOf(folder);
    const auto whole = base.empty() ? std::string(path) : base + "/" + path;
    return named(Kind::Removed, whole.c_str(), nullptr, [&] { return call(folder, path, flags); });
}

int remove(const char* path)
{
    static const auto call = real<int(const char*)>("remove");
    return named(Kind::Removed, path, nullptr, [&] { return call(path); });
}

int rmdir(const char* path)
{
    static const auto call = real<int(const char*)>("rmdir");
    return named(Kind::Removed, path, nullptr, [&] { return call(path); });
}

int mkdir(const char* path, mode_t mode)
{
    static const auto call = real<int(const char*, mode_t)>("mkdir");
    return named(Kind::FolderMade, path, nullptr, [&] { return call(path, mode); });
}

int linkat(int fromFolder, const char* from, int toFolder, const char* to, int flags)
{
    static const auto call = real<int(int, const char*, int, const char*, int)>("linkat");
    return linked(to, [&] { return call(fromFolder, from, toFolder, to, flags); });
}

int link(const char* from, const char* to)
{
    static const auto call = real<int(const char*, const char*)>("link");
    return linked(to, [&] { return call(from, to); });
}

}
#pragma GCC visibility pop
