// SPDX-License-Identifier: MIT
#include "proofs/proof.h"

#include <algorithm>
#include <charconv>
#include <iostream>
#include <stdexcept>

using namespace apbfarm::proofs;

namespace {

constexpr std::string_view kUsage =
    "Usage: tests/prove PROOF [--quick] [--count N] [--seed N] [--seconds N] [WORD...]\n"
    "       tests/prove all --quick\n"
    "       tests/prove --without RULE    the proof of a rule that is switched off must fail\n\n";

void help()
{
    std::cout << kUsage;
    for (const auto& proof : catalogue())
        std::cout << "  " << proof.name << std::string(12 - std::min<std::size_t>(11, proof.name.size()), ' ')
                  << proof.shows << '\n';
}

std::uint64_t number(std::string_view option, std::string_view text)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        throw std::invalid_argument(std::string(option) + " wants a whole number, not \"" + std::string(text) + "\"");
    return value;
}

Options parse(const std::vector<std::string_view>& arguments)
{
    Options options;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto argument = arguments[i];
        const auto value = [&] {
            if (++i == arguments.size())
                throw std::invalid_argument(std::string(argument) + " wants a number");
            return number(argument, arguments[i]);
        };
        if (argument == "--quick")
            options.quick = true;
        else if (argument == "--count")
            options.count = value();
        else if (argument == "--seed")
            options.seed = value();
        else if (argument == "--seconds")
            options.time = std::chrono::seconds(value());
        else if (argument.starts_with("-"))
            throw std::invalid_argument("unknown option " + std::string(argument));
        else
            options.words.emplace_back(argument);
    }
    return options;
}

/// \return whether nothing failed and something passed
bool run(const Proof& proof, const Options& options)
{
    Tally tally;
    const auto begin = std::chrono::steady_clock::now();
    std::cout << "== " << proof.name << (options.quick ? " --quick" : "") << std::endl;
    try {
        proof.run(options, tally);
    } catch (const std::exception& error) {
        tally.failed(std::string("it ended early: ") + error.what());
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    if (tally.passes() == 0 && tally.failures() == 0)
        tally.failed("no case was tried");
    std::cout << "took " << static_cast<long>(taken.count() + 0.5) << " s\n"
              << tally.passes() << " passed, " << tally.failures() << " failed" << std::endl;
    return tally.failures() == 0;
}

}

int main(int count, char** texts)
try {
    std::vector<std::string_view> arguments(texts + 1, texts + count);
    if (arguments.empty() || arguments[0] == "--help") {
        help();
        return arguments.empty() ? 2 : 0;
    }
    const auto name = arguments.front();
    arguments.erase(arguments.begin());
    const auto options = parse(arguments);
    bool known = false;
    bool good = true;
    for (const auto& proof : catalogue()) {
        if (name != "all" && name != proof.name)
            continue;
        known = true;
        good = run(proof, options) && good;
    }
    if (!known)
        throw std::invalid_argument("there is no proof \"" + std::string(name) + "\"; --help names them");
    return good ? 0 : 1;
} catch (const std::exception& error) {
    std::cerr << "prove: " << error.what() << '\n';
    return 2;
}
