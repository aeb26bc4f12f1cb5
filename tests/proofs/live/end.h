// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/live/book.h"
#include "proofs/live/witnesses.h"
#include "proofs/proof.h"
#include "support/farm_process.h"

namespace apbfarm::proofs {

/// Until a reader has closed every build, or that takes longer than `limit`.
void waitUntilSettled(const Book& book, std::chrono::milliseconds limit);

/// The last look at a farm that nobody uses any more: all builds ended and stay so, each was built once, and what is on
/// disk agrees. Stops the farm.
struct Ending {
    test::FarmProcess& farm;
    Book& book;
    const Witnesses& witnesses;
    const Complain& complain;
    Tally* tally;                    ///< may be absent: then there is no line of figures
    std::string title = {};          ///< before that line
};
void checkEnd(const Ending& ending);

/// What the sqlite3 program answers.
std::string queried(const test::FarmProcess& farm, const std::string& sql);

}
