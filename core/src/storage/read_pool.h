// SPDX-License-Identifier: MIT
#pragma once

#include "storage/sql_connection.h"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace apbfarm::storage {

/// Some read-only connections, lent to one caller at a time. Writers never hold them up. Thread-safe.
class ReadPool {
public:
    explicit ReadPool(std::vector<std::unique_ptr<Connection>> connections);

    /// Calls `read` with a connection and gives what it gives; waits for one when all are lent. Sees everything that
    /// was committed before the call. What the engine complains about arrives as an error of the SDK.
    template <class F> auto with(F&& read)
    {
        const Loan loan(*this);
        try {
            return read(loan.connection());
        } catch (const SqlFailure&) {
            std::rethrow_exception(asSdkError(std::current_exception()));
        }
    }

private:
    class Loan {
    public:
        explicit Loan(ReadPool& pool) : pool_(pool), connection_(pool.lend()) {}
        ~Loan() { pool_.giveBack(std::move(connection_)); }
        Connection& connection() const { return *connection_; }

    private:
        ReadPool& pool_;
        std::unique_ptr<Connection> connection_;
    };

    std::unique_ptr<Connection> lend();
    void giveBack(std::unique_ptr<Connection> connection);

    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<Connection>> free_;
};

} // namespace apbfarm::storage
