// SPDX-License-Identifier: MIT
#include "util/sha256_lanes.h"

#ifdef APB_FARM_IPSEC_MB
#include <intel-ipsec-mb.h>
#endif

#include <utility>

namespace apbfarm::util {

#ifdef APB_FARM_IPSEC_MB

struct Sha256Lanes::State {
    IMB_MGR* manager = alloc_mb_mgr(0);
    ~State()
    {
        if (manager)
            free_mb_mgr(manager);
    }
};

std::unique_ptr<Sha256Lanes> Sha256Lanes::make()
{
    auto state = std::make_unique<State>();
    if (!state->manager)
        return nullptr;
    init_mb_mgr_auto(state->manager, nullptr);
    if (imb_get_errno(state->manager) != 0)
        return nullptr;
    return std::unique_ptr<Sha256Lanes>(new Sha256Lanes(std::move(state)));
}

bool Sha256Lanes::sum(const char* first, std::size_t size, Sums& sums)
{
    auto* const manager = state_->manager;
    std::size_t done = 0;
    const auto count = [&](const IMB_JOB* job) { done += job && job->status == IMB_STATUS_COMPLETED; };
    for (std::size_t lane = 0; lane < kCount; ++lane) {
        IMB_JOB* const job = IMB_GET_NEXT_JOB(manager);
        *job = {};
        job->cipher_mode = IMB_CIPHER_NULL;
        job->cipher_direction = IMB_DIR_ENCRYPT;
        job->chain_order = IMB_ORDER_HASH_CIPHER;
        job->hash_alg = IMB_AUTH_SHA_256;
        job->src = reinterpret_cast<const std::uint8_t*>(first + lane * size);
        job->msg_len_to_hash_in_bytes = size;
        job->auth_tag_output = reinterpret_cast<std::uint8_t*>(sums[lane].data());
        job->auth_tag_output_len_in_bytes = sums[lane].size();
        count(IMB_SUBMIT_JOB(manager));
    }
    while (const IMB_JOB* job = IMB_FLUSH_JOB(manager))
        count(job);
    return done == kCount;
}

#else

struct Sha256Lanes::State {};

std::unique_ptr<Sha256Lanes> Sha256Lanes::make()
{
    return nullptr;
}

bool Sha256Lanes::sum(const char*, std::size_t, Sums&)
{
    return false;
}

#endif

Sha256Lanes::Sha256Lanes(std::unique_ptr<State> state) : state_(std::move(state)) {}

Sha256Lanes::~Sha256Lanes() = default;

} // namespace apbfarm::util
