// SPDX-License-Identifier: MIT
#include "proofs/access/access.h"
#include "proofs/crash/crash.h"
#include "proofs/faults/faults.h"
#include "proofs/fuzz/fuzz.h"
#include "proofs/http/http.h"
#include "proofs/net/net.h"
#include "proofs/powerloss/powerloss.h"
#include "proofs/proof.h"
#include "proofs/slow/slow.h"
#include "proofs/soak/soak.h"
#include "proofs/secrets/secrets.h"
#include "proofs/sim/sim.h"

namespace apbfarm::proofs {

const std::vector<Proof>& catalogue()
{
    static const std::vector<Proof> proofs{
        {"crash", "kill -9 at random moments: nothing acknowledged is lost, nothing built twice; ready again at once", crash},
        {"sim", "the core in virtual time, with chance in clock, network, disk, servers and threads: no rule is broken", sim},
        {"powerloss", "a recorded run of the daemon, its power cut at any moment: what was acknowledged is there", powerloss},
        {"faults", "the n-th call of every kind fails in the daemon: it goes on, or ends with a word and recovers", faults},
        {"access", "every route by every method and every kind of caller: only whom its rule names gets in", access},
        {"fuzz", "every parser with random and kept inputs: no crash, no broken promise", fuzz},
        {"http", "kept bad requests get their exact answers; proxies and the farm agree where requests end", http},
        {"secrets", "no secret is in anything that the farm writes or sends; log-ins take the same time", secrets},
        {"net", "seventeen kinds of trouble in the network: nothing lost, nothing built twice", net},
        {"slow", "slow clients, thousands of viewers, storms and floods: whoever behaves is answered as before", slow},
        {"soak", "builds without end: memory, descriptors and threads stay as they are", soak},
    };
    return proofs;
}

}
