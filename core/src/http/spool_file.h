// SPDX-License-Identifier: MIT
#pragma once

#include "util/unique_fd.h"

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace apbfarm::http {

/// A nameless private file that vanishes with its descriptor (X8). Throws `StorageFull` or `Unavailable`.
class SpoolFile {
public:
    explicit SpoolFile(const std::filesystem::path& directory);

    /// Starts write-back every 8 MiB, so that a later sync finds little left to do.
    void write(std::string_view bytes);
    /// Nothing more is written: starts write-back of the rest and goes back to the start.
    void finish();
    int descriptor() const { return file_.get(); }

private:
    void startWriteBack();

    util::UniqueFd file_;
    std::uint64_t size_ = 0;
    std::uint64_t pushed_ = 0;
};

} // namespace apbfarm::http
