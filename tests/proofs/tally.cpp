// SPDX-License-Identifier: MIT
#include "proofs/proof.h"

#include <iostream>

namespace apbfarm::proofs {

void Tally::passed(std::uint64_t cases)
{
    const std::lock_guard lock(mutex_);
    passes_ += cases;
}

void Tally::failed(std::string_view what)
{
    const std::lock_guard lock(mutex_);
    ++failures_;
    std::cout << "FAILED " << what << std::endl;
}

bool Tally::expect(bool good, std::string_view what)
{
    if (good)
        passed();
    else
        failed(what);
    return good;
}

void Tally::say(std::string_view line)
{
    const std::lock_guard lock(mutex_);
    std::cout << line << std::endl;
}

std::uint64_t Tally::passes() const
{
    const std::lock_guard lock(mutex_);
    return passes_;
}

std::uint64_t Tally::failures() const
{
    const std::lock_guard lock(mutex_);
    return failures_;
}

}
