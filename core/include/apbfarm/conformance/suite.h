// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

/// The promises that the farm relies on, one case for each, for whoever writes an extension.
namespace apbfarm::conformance {

/// A promise is broken; says which.
class Violation : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

#define APB_FARM_CONFORM(condition)                                                                                 \
    do {                                                                                                            \
        if (!(condition))                                                                                           \
            throw apbfarm::conformance::Violation(std::string(__func__) + ": " #condition);                         \
    } while (false)

/// True when `action` throws `E`.
template <class E, class F> bool throws(F&& action)
{
    try {
        action();
    } catch (const E&) {
        return true;
    }
    return false;
}

/// One promise. `check` throws when it is broken.
struct Case {
    std::string name;
    std::function<void()> check;
};

/// Tries them all and says so on standard output. Gives the number of those that are broken, 0 to 100: what `main`
/// returns.
inline int run(const std::vector<Case>& cases)
{
    int broken = 0;
    for (const auto& one : cases) {
        std::string trouble;
        try {
            one.check();
        } catch (const std::exception& error) {
            trouble = error.what();
        } catch (...) {
            trouble = "an exception of an unknown type";
        }
        std::cout << (trouble.empty() ? "kept    " + one.name : "BROKEN  " + one.name + ": " + trouble) << std::endl;
        broken += trouble.empty() ? 0 : 1;
    }
    return broken > 100 ? 100 : broken;
}

} // namespace apbfarm::conformance
