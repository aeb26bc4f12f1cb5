// SPDX-License-Identifier: MIT
#include "util/closest_word.h"

#include "util/text.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace apbfarm::util {

namespace {

std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

} // namespace

std::string closestTo(std::string_view typed, const std::vector<std::string>& words)
{
    const auto wanted = toLower(typed);
    std::string best;
    auto least = std::max<std::size_t>(2, typed.size() / 4) + 1;
    for (const auto& word : words)
        if (const auto steps = distance(wanted, toLower(word)); steps < least) {
            least = steps;
            best = word;
        }
    return best;
}

} // namespace apbfarm::util
