// SPDX-License-Identifier: MIT
#pragma once

#include "package/byte_source.h"
#include "package/tarball_error.h"

#include "util/clock.h"

#include <chrono>

namespace apbfarm::package {

/// Passes a source through and leaves the time spent waiting for it out of the account.
class WorkTimer final : public ByteSource {
public:
    WorkTimer(ByteSource& source, const util::Clock& clock, std::chrono::milliseconds limit)
        : source_(source), clock_(clock), limit_(limit), start_(clock.steady())
    {
    }

    std::string_view read() override
    {
        check();
        const auto before = clock_.steady();
        const auto piece = source_.read();
        waited_ += clock_.steady() - before;
        return piece;
    }
    void check() const
    {
        if (clock_.steady() - start_ - waited_ > limit_)
            refuseTarball("looking through it takes too long");
    }

private:
    ByteSource& source_;
    const util::Clock& clock_;
    std::chrono::milliseconds limit_;
    util::Instant start_;
    util::Instant::duration waited_{0};
};

} // namespace apbfarm::package
