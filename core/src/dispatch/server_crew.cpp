// SPDX-License-Identifier: MIT
#include "dispatch/server_crew.h"

namespace apbfarm::dispatch {

void ServerCrew::take(const Build& build, life::Action action)
{
    switch (action) {
    case life::Action::HandOver: return handOver_.send(build.id);
    case life::Action::Ask:
        follow_.ask(build.id);
        if (build.state == BuildState::Building || build.state == BuildState::LostContact)
            log_.follow(build.id);
        return;
    case life::Action::CancelThere: return follow_.cancel(build.id);
    case life::Action::SecureFiles:
        follow_.forget(build.id);
        log_.forget(build.id);
        return files_.secure(build.id);
    case life::Action::Conclude:
        follow_.forget(build.id);
        log_.forget(build.id);
        return;
    case life::Action::Enqueue:
        follow_.forget(build.id);
        return;
    }
}

void ServerCrew::stop()
{
    handOver_.stop();
    follow_.stop();
    log_.stop();
    files_.stop();
}

} // namespace apbfarm::dispatch
