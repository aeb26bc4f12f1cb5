// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace apbfarm::proofs::failing {

/// Kinds of calls that can fail. Those of one kind are counted together.
enum class Call : std::uint32_t {
    Memory,          ///< malloc and its relatives; operator new comes here
    Map,             ///< mmap
    Open,            ///< open and its relatives
    Read,            ///< of a file
    Write,           ///< to a file
    Sync,            ///< fsync, fdatasync, syncfs
    Size,            ///< ftruncate, fallocate
    Rename,          ///< also new names: link
    Remove,          ///< unlink, remove, rmdir
    Folder,          ///< mkdir
    Socket,
    Connect,
    Accept,
    Watch,           ///< epoll_create, epoll_ctl
    Event,           ///< eventfd, pipe
    Receive,         ///< from a socket
    Send,            ///< to a socket
    SendFile,
    Thread           ///< pthread_create
};
inline constexpr std::size_t kCalls = 19;
inline constexpr std::array<std::string_view, kCalls> kCallNames{
    "memory", "map", "open", "read", "write", "sync", "size", "rename", "remove", "folder",
    "socket", "connect", "accept", "watch", "event", "receive", "send", "sendfile", "thread"};

/// Half of what was asked for is done, and that is said; no error.
inline constexpr std::int32_t kShort = -1;

/// Where calls of one kind come from in one phase.
struct Place {
    std::atomic<std::uint64_t> id;       ///< a hash of who called whom; the same in every run of one build. 0: none
    std::uint32_t call;
    std::uint32_t phase;
};
inline constexpr std::size_t kPlaces = 1 << 16;

/// In a file that the proof and the daemon have in memory, both.
struct Control {
    std::array<std::atomic<std::uint64_t>, kCalls> made;
    std::atomic<std::uint32_t> armed;    ///< what is below is meant from then on
    std::uint32_t call;
    std::int32_t error;                  ///< errno or `kShort`
    std::uint64_t place;                 ///< the first call from there fails; 0: `first` says which
    std::uint64_t first;                 ///< the call with this number fails, or the next one after it
    std::uint64_t times;                 ///< and all in all so many
    std::atomic<std::uint64_t> due;      ///< calls since then
    std::atomic<std::uint64_t> failed;   ///< calls that did fail
    std::atomic<std::uint32_t> recording; ///< a phase and 1: places are written down; 0: they are not
    std::array<Place, kPlaces> places;   ///< by id, with gaps
};

/// In the folder of the farm's port file.
inline constexpr std::string_view kControlFile = "faults.control", kTraceFile = "faults.trace";

}
