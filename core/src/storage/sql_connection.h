// SPDX-License-Identifier: MIT
#pragma once

#include "storage/sql_failure.h"
#include "storage/sql_value.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace apbfarm::storage {

/// A prepared statement, kept by its connection. Columns count from 0; parameters are `$1, $2, ...`, written in order.
class Statement {
public:
    virtual ~Statement() = default;

    /// `borrowed`: texts and bytes outlive the execution, so they need not be copied.
    virtual void bind(std::span<const Value> values, bool borrowed) = 0;
    /// True: a row is there. Throws SqlFailure.
    virtual bool step() = 0;
    virtual void reset() = 0;

    virtual int columns() const = 0;
    virtual bool isNull(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;
    /// Valid until the next step.
    virtual std::string_view text(int column) const = 0;
    /// Empty for NULL and for texts that are no time. Understands ISO 8601 text as well: one release of the existing
    /// farm wrote it into number columns.
    virtual std::optional<Timestamp> time(int column) const = 0;
    /// Any value as text; numbers keep all their digits.
    virtual std::optional<std::string> asText(int column) const = 0;

    std::string string(int column) const { return std::string(text(column)); }
    bool flag(int column) const { return integer(column) != 0; }
};

/// A statement while its rows are read; leaves it ready for the next use.
class Query {
public:
    explicit Query(Statement& statement) : statement_(&statement) {}
    Query(Query&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
    Query& operator=(Query&&) = delete;
    ~Query()
    {
        if (statement_)
            statement_->reset();
    }

    bool next() { return statement_->step(); }
    const Statement* operator->() const { return statement_; }
    const Statement& row() const { return *statement_; }

private:
    Statement* statement_;
};

/// One session with an SQL engine, used by one thread at a time. All functions throw SqlFailure.
class Connection {
public:
    virtual ~Connection() = default;

    /// Prepared once per text and kept; `sql` comes from the program, never from values (S5).
    virtual Statement& prepared(std::string_view sql) = 0;
    /// For statements of modules: not kept, and refused when they touch transactions or settings of the engine.
    virtual std::unique_ptr<Statement> prepareForModule(const std::string& sql) = 0;
    /// Several statements without parameters, as in a migration.
    virtual void script(const std::string& sql) = 0;
    /// The same, with the limits of `prepareForModule`.
    virtual void scriptForModule(const std::string& sql) = 0;

    virtual void begin() = 0;
    virtual void commit() = 0;
    /// Does nothing when the engine has already rolled back.
    virtual void rollback() = 0;
    virtual bool inTransaction() const = 0;

    /// Rows changed by the last statement.
    virtual std::int64_t changes() const = 0;
    /// Rows changed since the connection was opened.
    virtual std::int64_t totalChanges() const = 0;

    /// Upkeep between transactions, for the writing connection only. `idle`: nobody waits.
    virtual void tidy(bool idle) = 0;

    /// Runs a statement that gives no rows. Returns how many it changed.
    template <class... Args> std::int64_t execute(std::string_view sql, const Args&... args)
    {
        Statement& statement = prepared(sql);
        const Query guard(statement);
        const std::array<Value, sizeof...(Args)> values{toValue(args)...};
        statement.bind(values, true);
        statement.step();
        return changes();
    }

    template <class... Args> Query select(std::string_view sql, const Args&... args)
    {
        const std::array<Value, sizeof...(Args)> values{toValue(args)...};
        return selectWith(sql, values);
    }

    Query selectWith(std::string_view sql, std::span<const Value> values)
    {
        Statement& statement = prepared(sql);
        Query query(statement);
        statement.bind(values, false);
        return query;
    }
};

} // namespace apbfarm::storage
