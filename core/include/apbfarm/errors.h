// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace apbfarm {

#define APB_FARM_VISIBLE __attribute__((visibility("default")))

/// One complaint about one field of an input.
struct FieldError {
    std::string field;
    std::string message;
};

/// Base of what services and plugins throw. Knows nothing of HTTP; the HTTP layer maps each type once.
///
/// `code` is stable and machine-readable (`build_not_found`), `title` a short headline, `what()` the sentence for people.
class APB_FARM_VISIBLE Error : public std::runtime_error {
public:
    Error(std::string code, std::string title, const std::string& detail)
        : std::runtime_error(detail), code_(std::move(code)), title_(std::move(title)) {}

    const std::string& code() const { return code_; }
    const std::string& title() const { return title_; }

private:
    std::string code_;
    std::string title_;
};

/// The input is wrong and will stay wrong.
class APB_FARM_VISIBLE InvalidInput : public Error {
public:
    explicit InvalidInput(const std::string& detail, std::string code = "invalid_input",
                          std::vector<FieldError> fields = {})
        : Error(std::move(code), "Invalid input", detail), fields_(std::move(fields)) {}

    const std::vector<FieldError>& fields() const { return fields_; }

private:
    std::vector<FieldError> fields_;
};

/// Nobody is signed in, or the token is not valid. Never for a passing trouble: clients forget their token on it.
class APB_FARM_VISIBLE Unauthenticated : public Error {
public:
    explicit Unauthenticated(const std::string& detail = "Authentication required",
                             std::string code = "authentication_required")
        : Error(std::move(code), "Authentication required", detail) {}
};

class APB_FARM_VISIBLE Forbidden : public Error {
public:
    explicit Forbidden(const std::string& detail, std::string code = "insufficient_permissions")
        : Error(std::move(code), "Insufficient permissions", detail) {}
};

class APB_FARM_VISIBLE NotFound : public Error {
public:
    explicit NotFound(const std::string& detail, std::string code = "not_found", std::string title = "Not found")
        : Error(std::move(code), std::move(title), detail) {}
};

/// The state does not allow it, or somebody else was faster.
class APB_FARM_VISIBLE Conflict : public Error {
public:
    explicit Conflict(const std::string& detail, std::string code = "conflict")
        : Error(std::move(code), "Conflict", detail) {}
};

class APB_FARM_VISIBLE TooLarge : public Error {
public:
    explicit TooLarge(const std::string& detail, std::string code = "too_large")
        : Error(std::move(code), "Payload too large", detail) {}
};

/// A limit per caller is reached; `retryAfter` says when to come back.
class APB_FARM_VISIBLE TooMany : public Error {
public:
    explicit TooMany(const std::string& detail, std::chrono::seconds retryAfter = std::chrono::seconds(5),
                     std::string code = "too_many_requests")
        : Error(std::move(code), "Too many requests", detail), retryAfter_(retryAfter) {}

    std::chrono::seconds retryAfter() const { return retryAfter_; }

private:
    std::chrono::seconds retryAfter_;
};

/// Works again later: a server, a disk, a database or a mail host is away or full.
class APB_FARM_VISIBLE Unavailable : public Error {
public:
    explicit Unavailable(const std::string& detail, std::string code = "unavailable",
                         std::chrono::seconds retryAfter = std::chrono::seconds(10))
        : Error(std::move(code), "Service unavailable", detail), retryAfter_(retryAfter) {}

    std::chrono::seconds retryAfter() const { return retryAfter_; }

private:
    std::chrono::seconds retryAfter_;
};

/// No room on the disk. What was accepted before goes on.
class APB_FARM_VISIBLE StorageFull : public Error {
public:
    explicit StorageFull(const std::string& detail) : Error("storage_full", "Insufficient storage", detail) {}
};

} // namespace apbfarm
