// SPDX-License-Identifier: MIT
#include "files/whole_file.h"

#include "util/file_failure.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace apbfarm::files {

namespace {

constexpr std::size_t kReadSize = 256 << 10;

} // namespace

util::UniqueFd openToRead(const std::filesystem::path& file)
{
    util::UniqueFd opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!opened)
        util::failWith("cannot open " + file.string(), errno);
    return opened;
}

bool readWhole(int descriptor, const std::function<void(std::string_view)>& take)
{
    std::vector<char> buffer(kReadSize);
    for (off_t offset = 0;;) {
        const auto got = ::pread(descriptor, buffer.data(), buffer.size(), offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        take({buffer.data(), static_cast<std::size_t>(got)});
        offset += got;
    }
}

} // namespace apbfarm::files
