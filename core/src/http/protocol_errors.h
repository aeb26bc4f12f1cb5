// SPDX-License-Identifier: MIT
#pragma once

#include "http/error_mapping.h"

namespace apbfarm::http {

/// One that needs a header of its own: Allow, Content-Range.
class HeaderedError final : public ProtocolError {
public:
    HeaderedError(int status, std::string code, std::string title, const std::string& detail, std::string header,
                  std::string value)
        : ProtocolError(status, std::move(code), std::move(title), detail), header_(std::move(header)),
          value_(std::move(value)) {}
    const std::string& header() const { return header_; }
    const std::string& value() const { return value_; }

private:
    std::string header_, value_;
};

inline ProtocolError badRequest(const std::string& detail, std::string code = "bad_request")
{
    return {400, std::move(code), "Bad request", detail};
}

inline ProtocolError bodyTooLarge(const std::string& detail)
{
    return {413, "body_too_large", "Payload too large", detail};
}

inline ProtocolError headTooLarge(const std::string& detail)
{
    return {431, "header_too_large", "Request header fields too large", detail};
}

inline ProtocolError timedOut(const std::string& detail)
{
    return {408, "request_timeout", "Request timeout", detail};
}

} // namespace apbfarm::http
