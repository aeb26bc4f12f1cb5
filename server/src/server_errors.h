// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/http.h>

#include <exception>
#include <string>

namespace apbfarm::server {

/// A refusal in the nested shape of the protocol: {"detail":{"error":<title>,"detail":<detail>}}.
class Refusal final : public Error {
public:
    Refusal(int status, std::string title, const std::string& detail)
        : Error("refused", std::move(title), detail), status_(status) {}
    int status() const { return status_; }

private:
    int status_;
};

/// One value of a request is missing or of the wrong kind: 422 with a list.
class BadValue final : public Error {
public:
    enum class In { Body, Query };

    static BadValue missing(std::string field) { return {In::Body, std::move(field), "field required", "value_error.missing"}; }
    static BadValue notInteger(In in, std::string field)
    {
        return {in, std::move(field), "value is not a valid integer", "type_error.integer"};
    }

    In in() const { return in_; }
    const std::string& field() const { return field_; }

private:
    BadValue(In in, std::string field, const std::string& message, std::string type)
        : Error(std::move(type), "Validation error", message), in_(in), field_(std::move(field)) {}
    In in_;
    std::string field_;
};

NotFound buildNotFound();

/// Puts what went wrong into the shapes that farms know from build servers.
void renderError(const std::exception& error, const HttpRequest& request, HttpResponse& response);

} // namespace apbfarm::server
