// SPDX-License-Identifier: MIT
#include "http/spool_blocks.h"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

using apbfarm::http::SpoolBlocks;

BOOST_AUTO_TEST_SUITE(SpoolMemory)

BOOST_AUTO_TEST_CASE(there_are_so_many_and_each_begins_at_a_page)
{
    const auto blocks = SpoolBlocks::make();
    std::vector<std::shared_ptr<char>> taken;
    while (auto block = blocks->take()) {
        BOOST_TEST(reinterpret_cast<std::uintptr_t>(block.get()) % 4096 == 0u);
        std::memset(block.get(), static_cast<int>(taken.size()), SpoolBlocks::kSize);
        taken.push_back(std::move(block));
    }
    BOOST_TEST(taken.size() == SpoolBlocks::kCount);
    for (std::size_t i = 0; i < taken.size(); ++i)
        BOOST_TEST(static_cast<std::size_t>(taken[i].get()[SpoolBlocks::kSize - 1]) == i);
    taken.pop_back();
    BOOST_TEST(blocks->available() == 1u);
    BOOST_TEST(blocks->take() != nullptr);
}

BOOST_AUTO_TEST_CASE(a_block_outlives_those_who_gave_it)
{
    auto blocks = SpoolBlocks::make();
    const auto block = blocks->take();
    blocks.reset();
    std::memset(block.get(), 'x', SpoolBlocks::kSize);
    BOOST_TEST(block.get()[0] == 'x');
}

BOOST_AUTO_TEST_CASE(calls_once_when_enough_came_back)
{
    const auto blocks = SpoolBlocks::make();
    int calls = 0;
    blocks->whenAvailable(1, [&] { ++calls; });
    BOOST_TEST(calls == 1);   // they were there
    std::vector<std::shared_ptr<char>> taken;
    while (auto block = blocks->take())
        taken.push_back(std::move(block));
    blocks->whenAvailable(2, [&] { ++calls; });
    taken.pop_back();
    BOOST_TEST(calls == 1);
    taken.pop_back();
    BOOST_TEST(calls == 2);
    taken.clear();
    BOOST_TEST(calls == 2);
}

BOOST_AUTO_TEST_SUITE_END()
