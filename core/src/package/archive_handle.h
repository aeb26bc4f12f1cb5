// SPDX-License-Identifier: MIT
#pragma once

#include "util/or_bad_alloc.h"

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>
#include <exception>
#include <memory>
#include <new>
#include <utility>

namespace apbfarm::package {

struct FreeReader {
    void operator()(archive* a) const { archive_read_free(a); }
};
struct FreeWriter {
    void operator()(archive* a) const { archive_write_free(a); }
};
struct FreeEntry {
    void operator()(archive_entry* e) const { archive_entry_free(e); }
};

using ArchiveReader = std::unique_ptr<archive, FreeReader>;
using ArchiveWriter = std::unique_ptr<archive, FreeWriter>;
using ArchiveEntry = std::unique_ptr<archive_entry, FreeEntry>;

using util::orBadAlloc;

/// Around every step that makes a reader or writer ready: nothing but memory can lack there.
inline void orBadAlloc(int result)
{
    if (result < ARCHIVE_WARN)
        throw std::bad_alloc();
}

/// The libarchive of Debian 12 goes on without memory for the callback's value, and then it crashes; so does its
/// archive_read_next_header without an entry, which is why readers here bring their own.
inline int openReader(archive* reader, void* self, archive_read_callback* give)
{
    orBadAlloc(archive_read_set_read_callback(reader, give));
    orBadAlloc(archive_read_set_callback_data(reader, self));
    return archive_read_open1(reader);
}

inline ArchiveEntry entryFor(archive* reader)
{
    return ArchiveEntry(orBadAlloc(archive_entry_new2(reader)));
}

/// To be called when something failed, before the archive is blamed for it: throws std::bad_alloc when memory lacked.
inline void blameMemory(archive* reader)
{
    if (archive_errno(reader) == ENOMEM)
        throw std::bad_alloc();
}

/// Carries an exception of a callback over the C code between it and the caller.
class CaughtException {
public:
    /// The result of `f`, or `failed` after remembering what it threw.
    template <class F, class R> R guard(R failed, F&& f) noexcept
    {
        try {
            return std::forward<F>(f)();
        } catch (...) {
            caught_ = std::current_exception();
            return failed;
        }
    }
    void rethrow()
    {
        if (caught_)
            std::rethrow_exception(std::exchange(caught_, nullptr));
    }

private:
    std::exception_ptr caught_;
};

} // namespace apbfarm::package
