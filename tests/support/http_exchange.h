// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/http.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace apbfarm::test {

/// A request as a handler would get it, filled in by a test.
struct ReceivedRequest final : HttpRequest {
    std::string verb = "GET";
    std::string path = "/";
    std::string text;
    std::string id = "request-1";
    std::string address = "127.0.0.1";
    std::map<std::string, std::string, std::less<>> params;
    std::map<std::string, std::string, std::less<>> queries;
    std::optional<Principal> caller;
    std::vector<std::unique_ptr<FormPart>> formParts;

    std::string_view method() const override { return verb; }
    std::string_view target() const override { return path; }
    std::string_view param(std::string_view name) const override
    {
        const auto found = params.find(name);
        return found == params.end() ? std::string_view() : found->second;
    }
    std::optional<std::string_view> query(std::string_view name) const override
    {
        const auto found = queries.find(name);
        return found == queries.end() ? std::nullopt : std::optional<std::string_view>(found->second);
    }
    std::optional<std::string_view> header(std::string_view) const override { return std::nullopt; }
    std::string_view body() const override { return text; }
    const std::vector<std::unique_ptr<FormPart>>& parts() const override { return formParts; }
    const Principal* principal() const override { return caller ? &*caller : nullptr; }
    std::string_view clientAddress() const override { return address; }
    std::string_view requestId() const override { return id; }
};

/// What a handler answered.
struct SentResponse final : HttpResponse {
    int status = 0;
    std::string type;
    std::string text;
    std::vector<std::pair<std::string, std::string>> headers;

    void header(std::string_view name, std::string_view value) override { headers.emplace_back(name, value); }
    void send(int code, std::string_view contentType, std::string body) override
    {
        status = code;
        type = contentType;
        text = std::move(body);
    }
    void file(FileReply reply) override
    {
        status = 200;
        text = std::move(reply.path);
    }
    void stream(std::shared_ptr<EventSource>, std::uint64_t) override { status = 200; }
};

/// A route table that only remembers.
struct CollectedRoutes final : RouteTable {
    std::vector<Route> routes;

    void add(Route route) override { routes.push_back(std::move(route)); }
    /// Null when there is none.
    const Route* find(Method method, const std::string& pattern) const
    {
        const auto found = std::find_if(routes.begin(), routes.end(), [&](const Route& route) {
            return route.method == method && route.pattern == pattern;
        });
        return found == routes.end() ? nullptr : &*found;
    }
};

} // namespace apbfarm::test
