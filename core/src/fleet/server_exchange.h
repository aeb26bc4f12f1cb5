// SPDX-License-Identifier: MIT
#pragma once

#include "fleet/http_answer_reader.h"
#include "fleet/server_address.h"
#include "fleet/server_channel.h"
#include "fleet/server_client.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace apbfarm::fleet {

/// What follows the head of a request; the payload is text or an open file.
struct HttpRequestBody {
    std::string type;
    std::string before;
    std::string_view payload;
    int file = -1;
    std::uint64_t fileSize = 0;
    std::string after;

    std::uint64_t size() const { return before.size() + payload.size() + (file >= 0 ? fileSize : 0) + after.size(); }
};

struct HttpRequest {
    std::string path;                          ///< after the server's prefix, percent-encoded
    std::optional<HttpRequestBody> body;       ///< makes it a POST
};

struct HttpAnswer {
    HttpHead head;
    std::string body;                          ///< empty when a sink took it
    bool bodyWhole = true;                     ///< false only for refusals: their status says enough
    bool requestWhole = true;                  ///< false: the server answered before it had everything
    bool secretSent = false;                   ///< the farm has a secret for this server
};

/// Times and sizes of one exchange.
struct ExchangeLimits {
    std::chrono::milliseconds connect;
    std::chrono::milliseconds answer;          ///< whole head; from the last byte of the request when it has a body
    std::chrono::milliseconds stall{0};        ///< of the body of an answer; 0: it belongs to `answer`
    std::uint64_t body = 0;                    ///< largest good answer
};

/// Requests and answers over one kept connection. Used by one thread at a time; throws `ExchangeBroken`.
class ServerExchange {
public:
    ServerExchange(ServerUrl url, const ClientOptions& options);

    /// A good answer goes to `sink` when there is one. What `sink` throws passes through.
    HttpAnswer perform(const HttpRequest& request, const ExchangeLimits& limits, const BodySink& sink = {});

    /// Whether the server can have seen anything of the last request.
    bool mayHaveArrived() const { return mayHaveArrived_; }
    /// Any thread.
    void abort() { abort_.raise(); }

private:
    HttpAnswer attempt(const HttpRequest& request, const ExchangeLimits& limits, Instant until, const BodySink& sink);
    void openChannel(Instant until);
    bool hasUsableChannel();
    void forgetChannel();
    bool send(const HttpRequest& request, const std::string& secret, Deadline& deadline);
    bool sendText(std::string_view text, Deadline& deadline);
    bool sendFile(const HttpRequestBody& body, Deadline& deadline);
    void receive(HttpAnswer& answer, HttpAnswerReader& reader, const ExchangeLimits& limits, Deadline deadline,
                 const BodySink& sink);
    std::string headOf(const HttpRequest& request, const std::string& secret) const;

    const ServerUrl url_;
    const ClientOptions options_;
    AbortSignal abort_;
    NameResolver names_;
    TlsContext tls_;
    std::unique_ptr<ServerChannel> channel_;   // kept between calls; gone after any trouble
    Instant lastUse_{};
    bool mayHaveArrived_ = false;
    bool silentClose_ = false;                 // the kept connection ended before one byte of an answer
};

} // namespace apbfarm::fleet
