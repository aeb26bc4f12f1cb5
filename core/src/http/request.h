// SPDX-License-Identifier: MIT
#pragma once

#include "http/body_reader.h"
#include "http/request_head.h"
#include "http/router.h"
#include "http/target.h"

#include <apbfarm/http.h>

#include <optional>
#include <string>

namespace apbfarm::http {

/// One request while it is served. Its parts are filled by the connection as they become known; the handler sees the
/// interface. Used again for later requests.
class Request final : public HttpRequest {
public:
    std::string_view method() const override { return isHead() ? std::string_view("GET") : head.method; }
    std::string_view target() const override { return head.target; }
    std::string_view param(std::string_view name) const override;
    std::optional<std::string_view> query(std::string_view name) const override;
    std::optional<std::string_view> header(std::string_view name) const override { return head.find(name); }
    std::string_view body() const override { return content.text; }
    const std::vector<std::unique_ptr<FormPart>>& parts() const override { return content.parts; }
    const Principal* principal() const override { return caller ? &*caller : nullptr; }
    std::string_view clientAddress() const override { return address; }
    std::string_view requestId() const override { return id; }

    bool isHead() const { return head.method == "HEAD"; }
    /// Copies the head, so that the buffer it was read into can be used for other things.
    void own(std::string_view bytes);
    void clear();

    RequestHead head;
    Target parsed;
    Router::Match match;
    std::optional<Principal> caller;
    std::string address;
    std::string id;
    Body content;

private:
    std::string bytes_;
};

} // namespace apbfarm::http
