// SPDX-License-Identifier: MIT
#include "util/sha256_list.h"

#include <algorithm>

namespace apbfarm::util {

namespace {

constexpr std::size_t kAbreast = Sha256List::kPiece * Sha256Lanes::kCount;
// From here on making lanes ready costs less than they save.
constexpr std::uint64_t kLarge = 1 << 20;

} // namespace

void Sha256List::update(std::string_view bytes)
{
    size_ += bytes.size();
    while (!bytes.empty()) {
        auto taken = inPiece_ == 0 ? updateAbreast(bytes) : 0;
        if (taken == 0) {
            taken = std::min(kPiece - inPiece_, bytes.size());
            updatePiece(bytes.substr(0, taken));
        }
        bytes.remove_prefix(taken);
    }
}

std::size_t Sha256List::updateAbreast(std::string_view bytes)
{
    if (bytes.size() < kAbreast || size_ < kLarge)
        return 0;
    if (!askedForLanes_)
        lanes_ = Sha256Lanes::make();
    askedForLanes_ = true;
    Sha256Lanes::Sums sums;
    if (!lanes_ || !lanes_->sum(bytes.data(), kPiece, sums))
        return 0;
    top_.update({sums.front().data(), sizeof sums});
    return kAbreast;
}

void Sha256List::updatePiece(std::string_view bytes)
{
    if (inPiece_ == 0)
        piece_.restart();
    piece_.update(bytes);
    inPiece_ += bytes.size();
    if (inPiece_ == kPiece)
        endPiece();
}

void Sha256List::endPiece()
{
    const auto sum = piece_.sum();
    top_.update({sum.data(), sum.size()});
    inPiece_ = 0;
}

std::string Sha256List::hex()
{
    if (inPiece_ > 0)
        endPiece();
    return top_.hex();
}

std::string sha256ListHex(std::string_view bytes)
{
    Sha256List list;
    list.update(bytes);
    return list.hex();
}

} // namespace apbfarm::util
