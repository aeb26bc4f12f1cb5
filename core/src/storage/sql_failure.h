// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace apbfarm::storage {

/// What an SQL engine complained about, before it becomes one of the SDK's errors.
class SqlFailure : public std::runtime_error {
public:
    enum class Kind {
        Constraint, ///< a unique, foreign or not-null rule; the statement left nothing behind
        Full,       ///< no room on the disk; may work again later
        Broken,     ///< the medium failed or the file is damaged: nothing may be written any more (D9)
        Passing,    ///< busy, out of memory: may work again at once
        Statement   ///< the SQL text or its parameters are wrong
    };

    SqlFailure(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
    Kind kind() const { return kind_; }

private:
    Kind kind_;
};

/// The SDK's error for what a store threw: `SqlFailure` by its kind, SDK errors as they are.
std::exception_ptr asSdkError(std::exception_ptr error);

} // namespace apbfarm::storage
