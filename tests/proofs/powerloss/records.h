// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace apbfarm::proofs::power {

/// What happened to the medium, or what somebody was told. One record is one write to the end of the recording, so
/// that their order there is the order in which they happened.
enum class Kind : std::uint8_t {
    Made,          ///< a file got its first name: `path`
    Unnamed,       ///< a file without a name came to be
    Seen,          ///< a file that was there before is used: `path`
    Written,       ///< `bytes` at `offset`
    Cut,           ///< the file is `offset` long now
    Synced,        ///< all of the file is on the medium
    FolderSynced,  ///< all names in `path` are on the medium
    AllSynced,     ///< everything is
    Linked,        ///< the file got another name: `path`
    Removed,       ///< the name `path` is gone
    Renamed,       ///< `path` is called `bytes`
    FolderMade,    ///< `path`
    Told           ///< somebody outside knows `path`, about `bytes`
};

struct RecordHead {
    Kind kind;
    std::uint8_t unused[7] = {};
    std::uint64_t file = 0;          ///< its inode number; used again after the file is gone
    std::uint64_t offset = 0;
    std::uint32_t pathLength = 0, byteLength = 0;
};

struct Record {
    Kind kind;
    std::uint64_t file = 0;
    std::uint64_t offset = 0;
    std::string path, bytes;
};

/// Of a recording that may end in the middle of a record.
std::vector<Record> readRecording(const std::string& file);
/// Adds what somebody was told.
void tell(const std::string& recording, const std::string& what, const std::string& about);

}
