// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/http.h>

#include <exception>

namespace apbfarm::http {

/// What the HTTP layer itself finds wrong with a message; carries its own status (threat-model section 6).
class APB_FARM_VISIBLE ProtocolError : public Error {
public:
    ProtocolError(int status, std::string code, std::string title, const std::string& detail)
        : Error(std::move(code), std::move(title), detail), status_(status) {}
    int status() const { return status_; }

private:
    int status_;
};

/// A refusal whose `detail` (and further members) clients expect in a form of their own.
class APB_FARM_VISIBLE ShapedError : public Error {
public:
    /// `members` is a JSON object; its members come first, missing ones of the common shape are added.
    ShapedError(int status, std::string code, std::string title, const std::string& detail, std::string members)
        : Error(std::move(code), std::move(title), detail), status_(status), members_(std::move(members)) {}
    int status() const { return status_; }
    const std::string& members() const { return members_; }

private:
    int status_;
    std::string members_;
};

/// The status an exception stands for: 400 for InvalidInput, 401, 403, 404, 409, 413, 429, 503, 507, else 500.
int statusFor(const std::exception& error);

/// The one error body of the farm: {"error","detail","error_type","timestamp","request_id"} and, for InvalidInput,
/// "fields". Sets Retry-After, WWW-Authenticate where due. Nothing of an unknown exception is shown.
void renderFarmError(const std::exception& error, const HttpRequest& request, HttpResponse& response);

} // namespace apbfarm::http
