// SPDX-License-Identifier: MIT
#pragma once

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

template <class Pointer> Pointer orBadAlloc(Pointer pointer)
{
    if (!pointer)
        throw std::bad_alloc();
    return pointer;
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
