// SPDX-License-Identifier: MIT
#include "proofs/secrets/secrets.h"

#include <algorithm>

namespace apbfarm::proofs {

void secrets(const Options& options, Tally& tally)
{
    const auto wanted = [&](const char* half) {
        return options.words.empty() || std::ranges::find(options.words, half) != options.words.end();
    };
    if (wanted("canaries"))
        for (const auto* format : {"json", "text"})
            searchForCanaries(format, tally);
    if (wanted("logins"))
        compareLogins(options, tally);
}

}
