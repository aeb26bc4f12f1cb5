// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/faults/fault.h"
#include "proofs/live/book.h"
#include "support/farm_process.h"

#include <chrono>
#include <optional>
#include <string>

namespace apbfarm::proofs::failing {

/// A farm whose calls are counted and can be made to fail. Not for several threads.
class Patient {
public:
    Patient(const test::FarmProcess::Servers& servers, Complain complain);
    ~Patient();
    Patient(const Patient&) = delete;
    Patient& operator=(const Patient&) = delete;

    /// Calls fail from now on as `fault` says.
    void harm(const Fault& fault);
    void heal();

    /// Listens when it returns. A start that ended was to say why; then it is healed and started again.
    void start();
    /// Looks after it: one that has ended is judged, healed and started again. \return whether it had
    bool revive();
    /// SIGTERM. It has to end in time, and, unless harmed, with 0.
    void stop();
    void kill() { farm_.kill(); }

    test::FarmProcess& farm() { return farm_; }
    /// From now on places of calls are written down, until the next phase or none.
    void record(std::optional<Phase> phase);
    std::array<std::uint64_t, kCalls> made() const;
    Places places() const;
    std::uint64_t failed() const { return control_->failed; }
    bool isHarmed() const { return control_->armed != 0; }
    /// How often it ended because of a fault.
    int ends() const { return ends_; }
    /// Where in the daemon the first call failed, and the end of its log.
    std::string story() const;

private:
    void judge(int code);
    bool endedByLibrary() const;
    std::string logSinceStart() const { return farm_.log().substr(logBefore_); }

    Complain complain_;
    test::FarmProcess farm_;
    Control* control_ = nullptr;
    Fault fault_{.times = 0};
    std::size_t logBefore_ = 0;
    int ends_ = 0;
    bool starting_ = false;
};

}
