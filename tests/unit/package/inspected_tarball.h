// SPDX-License-Identifier: MIT
#pragma once

#include "package/source_tarball.h"
#include "support/manual_clock.h"
#include "tar_builder.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace apbfarm::test {

using package::TarballContents;
using package::TarballLimits;

inline const std::string kPkgbuild = "pkgname=hello\n";

inline std::string pkgbuildEntry()
{
    return tarEntry({"PKGBUILD", kPkgbuild});
}

inline TarballContents inspect(const std::string& packed, const TarballLimits& limits = {})
{
    package::MemorySource source(packed);
    return package::inspectTarball(source, limits, ManualClock());   // however slow the machine is
}

/// The refusal's sentence without the beginning that all share; "accepted" when there is none.
inline std::string refusal(const std::string& packed, const TarballLimits& limits = {})
{
    try {
        inspect(packed, limits);
    } catch (const InvalidInput& error) {
        const std::string what = error.what(), beginning = "Could not extract tarball: ";
        BOOST_TEST((error.code() == "invalid_tarball" || error.code() == "missing_pkgbuild"));
        return what.starts_with(beginning) ? what.substr(beginning.size()) : what;
    }
    return "accepted";
}

inline std::string refusalOf(const std::string& entries)
{
    return refusal(gzip(entries + pkgbuildEntry() + tarEnd()));
}

inline bool refusedFor(const std::string& entries, std::string_view part)
{
    const auto reason = refusalOf(entries);
    BOOST_TEST_MESSAGE(reason);
    return reason.find(part) != reason.npos;
}

/// The source's bytes in pieces of one size.
class Pieces final : public package::ByteSource {
public:
    Pieces(std::string bytes, std::size_t size) : bytes_(std::move(bytes)), size_(size) {}
    std::string_view read() override
    {
        // A copy each time: what was given before must not be needed any more.
        piece_ = bytes_.substr(std::min(at_, bytes_.size()), size_);
        at_ += size_;
        return piece_;
    }

private:
    std::string bytes_, piece_;
    std::size_t size_, at_ = 0;
};

} // namespace apbfarm::test
