// SPDX-License-Identifier: MIT
#pragma once

#include "fleet/http_head.h"
#include "fleet/server_channel.h"
#include "fleet/server_wait.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace apbfarm::fleet {

using BodySink = std::function<void(std::string_view)>;

/// Reads one answer from a connection; nothing that was not announced is taken for whole. Throws `ExchangeBroken`.
class HttpAnswerReader {
public:
    explicit HttpAnswerReader(ServerChannel& channel) : channel_(channel) {}

    /// The final head; interim ones (1xx) are skipped.
    HttpHead readHead(Instant until);

    /// The body in pieces. Throws as soon as it is larger than `limit` or ends before its announced end.
    void readBody(const HttpHead& head, std::uint64_t limit, Deadline& deadline, const BodySink& sink);

    /// Whether the server had sent any byte.
    bool hasBegun() const { return begun_; }
    /// Whether nothing is left over that would be taken for the next answer.
    bool isDrained() const { return at_ == have_.size(); }

private:
    bool fill(Instant until, std::size_t size);
    std::string_view left() const { return std::string_view(have_).substr(at_); }
    void passOn(std::uint64_t count, Deadline& deadline, const BodySink& sink);
    void passOnUntilClose(std::uint64_t limit, Deadline& deadline, const BodySink& sink);
    void passOnChunks(std::uint64_t limit, Deadline& deadline, const BodySink& sink);
    std::string takeLine(Instant until);

    ServerChannel& channel_;
    std::string have_;      // received; used up before at_
    std::size_t at_ = 0;
    bool begun_ = false;
};

} // namespace apbfarm::fleet
