// SPDX-License-Identifier: MIT
// For the recorder alone.
#pragma once

#include "proofs/powerloss/records.h"
#include "proofs/preload/calls.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace apbfarm::proofs::power {

using preload::real;

/// Locked around each call, so that the recording has the order of the medium.
class Recorder {
public:
    Recorder()
    {
        const char* root = std::getenv("POWERLOSS_ROOT");
        const char* file = std::getenv("POWERLOSS_RECORDING");
        if (!root || !file)
            return;
        root_ = root;
        recording_ = real<int(const char*, int, ...)>("open")(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    }

    bool isRecording() const { return recording_ >= 0; }
    std::recursive_mutex& mutex() { return mutex_; }

    bool concerns(std::string_view path) const
    {
        return recording_ >= 0 && path.starts_with(root_) && !path.ends_with("-shm");
    }
    /// Empty for what does not concern us.
    std::string pathOf(int descriptor) const
    {
        if (recording_ < 0 || descriptor == recording_)
            return {};
        char link[64], path[4096];
        std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
        const auto length = ::readlink(link, path, sizeof path);
        if (length <= 0 || !concerns({path, static_cast<std::size_t>(length)}))
            return {};
        return {path, static_cast<std::size_t>(length)};
    }
    void add(Kind kind, std::uint64_t file, std::uint64_t offset, std::string_view path, std::string_view bytes = {})
    {
        RecordHead head{.kind = kind, .file = file, .offset = offset, .pathLength = static_cast<std::uint32_t>(path.size()),
                        .byteLength = static_cast<std::uint32_t>(bytes.size())};
        std::string text(reinterpret_cast<const char*>(&head), sizeof head);
        text += path;
        text += bytes;
        static const auto write = real<ssize_t(int, const void*, size_t)>("write");
        if (write(recording_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
            std::abort();
    }
    /// A file of elsewhere gets a name here: what it holds is as good as written by whoever gives it.
    void linked(std::uint64_t file, const std::string& path)
    {
        if (known_.contains(file))
            return add(Kind::Linked, file, 0, path);
        std::ifstream in(path, std::ios::binary);
        const std::string content(std::istreambuf_iterator<char>(in), {});
        made(file, path);
        add(Kind::Written, file, 0, "", content);
    }
    /// Whether that is on the file system of the folder.
    bool isBeside(int descriptor) const
    {
        struct stat ours{}, status{};
        return recording_ >= 0 && ::stat(root_.c_str(), &ours) == 0 && ::fstat(descriptor, &status) == 0 &&
               ours.st_dev == status.st_dev;
    }
    void made(std::uint64_t file, std::string_view path) { known_.insert(file); add(Kind::Made, file, 0, path); }
    void unnamed(std::uint64_t file) { known_.insert(file); add(Kind::Unnamed, file, 0, ""); }
    /// The inode of a file; one that was opened unnoticed, or by an earlier process, is written down first.
    std::uint64_t fileOf(int descriptor, const std::string& path)
    {
        struct stat status{};
        ::fstat(descriptor, &status);
        if (S_ISREG(status.st_mode) && known_.insert(status.st_ino).second)
            add(Kind::Seen, status.st_ino, 0, path);
        return status.st_ino;
    }

private:
    std::recursive_mutex mutex_;
    std::string root_;
    int recording_ = -1;
    std::set<std::uint64_t> known_;
};

}
