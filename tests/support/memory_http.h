// SPDX-License-Identifier: MIT
#pragma once

#include "util/text.h"

#include <apbfarm/http.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace apbfarm::test {

/// A request as a handler sees it, put together by a test.
class MemoryRequest final : public HttpRequest {
public:
    MemoryRequest(std::string method, std::string target) : method_(std::move(method)), target_(std::move(target)) {}

    MemoryRequest& withHeader(std::string name, std::string value)
    {
        headers_.emplace_back(std::move(name), std::move(value));
        return *this;
    }
    MemoryRequest& withBody(std::string body)
    {
        body_ = std::move(body);
        return *this;
    }
    MemoryRequest& from(std::string address)
    {
        address_ = std::move(address);
        return *this;
    }
    MemoryRequest& as(std::optional<Principal> principal)
    {
        principal_ = std::move(principal);
        return *this;
    }
    MemoryRequest& withParam(std::string name, std::string value)
    {
        params_[std::move(name)] = std::move(value);
        return *this;
    }
    MemoryRequest& withQuery(std::string name, std::string value)
    {
        queries_[std::move(name)] = std::move(value);
        return *this;
    }

    std::string_view method() const override { return method_; }
    std::string_view target() const override { return target_; }
    std::string_view param(std::string_view name) const override
    {
        const auto place = params_.find(name);
        return place == params_.end() ? std::string_view() : place->second;
    }
    std::optional<std::string_view> query(std::string_view name) const override
    {
        const auto place = queries_.find(name);
        return place == queries_.end() ? std::nullopt : std::optional<std::string_view>(place->second);
    }
    std::optional<std::string_view> header(std::string_view name) const override
    {
        for (const auto& [key, value] : headers_)
            if (util::equalsIgnoringCase(key, name))
                return value;
        return std::nullopt;
    }
    std::string_view body() const override { return body_; }
    const std::vector<std::unique_ptr<FormPart>>& parts() const override { return *parts_; }
    const Principal* principal() const override { return principal_ ? &*principal_ : nullptr; }
    std::string_view clientAddress() const override { return address_; }
    std::string_view requestId() const override { return "request-1"; }

private:
    std::string method_, target_, body_, address_ = "192.0.2.1";
    std::vector<std::pair<std::string, std::string>> headers_;
    std::map<std::string, std::string, std::less<>> params_, queries_;
    using Parts = std::vector<std::unique_ptr<FormPart>>;
    std::shared_ptr<Parts> parts_ = std::make_shared<Parts>();   // shared: requests are copied
    std::optional<Principal> principal_;
};

/// Keeps what a handler answered.
class MemoryResponse final : public HttpResponse {
public:
    void header(std::string_view name, std::string_view value) override { headers.emplace_back(name, value); }
    void send(int code, std::string_view type, std::string content) override
    {
        status = code;
        contentType = type;
        body = std::move(content);
    }
    void file(FileReply reply) override
    {
        status = 200;
        fileReply = std::move(reply);
    }
    void stream(std::shared_ptr<EventSource> source, std::uint64_t) override
    {
        status = 200;
        events = std::move(source);
    }

    /// All values of that name.
    std::vector<std::string> all(std::string_view name) const
    {
        std::vector<std::string> values;
        for (const auto& [key, value] : headers)
            if (util::equalsIgnoringCase(key, name))
                values.push_back(value);
        return values;
    }

    int status = 0;
    std::string contentType, body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::optional<FileReply> fileReply;
    std::shared_ptr<EventSource> events;
};

} // namespace apbfarm::test
