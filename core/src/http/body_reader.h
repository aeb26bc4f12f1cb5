// SPDX-License-Identifier: MIT
#pragma once

#include "http/chunked_decoder.h"
#include "http/form_reader.h"
#include "http/request_head.h"

#include <apbfarm/http.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::http {

/// What a finished body came to.
struct Body {
    std::string text;                               ///< of JSON routes
    std::vector<std::unique_ptr<FormPart>> parts;   ///< of form routes
};

/// Reads the body of one request: framing, limit, and what the route makes of it. All errors are ProtocolError,
/// `StorageFull` or `Unavailable`; after one the reader is dropped with all it stored (H11).
class BodyReader {
public:
    /// Checks all that can be known before the first byte: declared length (413), content type (415, 400).
    BodyReader(const RequestHead& head, BodyKind kind, std::uint64_t limit, const FormLimits& formLimits);

    /// Returns how many bytes belonged to the body. `received`: what they may be a part of.
    std::size_t feed(std::string_view bytes, ReceiveBuffer& received);
    bool isComplete() const { return chunked_ ? chunked_->isDone() : remaining_ == 0; }
    /// How many bytes to ask the socket for at most, so that the next request stays in it.
    std::size_t wanted(std::size_t buffer) const;
    /// Content bytes so far.
    std::uint64_t received() const { return received_; }
    /// Whether the content may go to disk.
    bool isSpooling() const { return form_ != nullptr; }
    /// To be called once, when complete. Throws for a text that is no clean JSON object where one was wanted (H17).
    Body finish();

private:
    enum class Use { Drop, Text, Urlencoded, Multipart };

    void choose(const RequestHead& head, BodyKind kind, const FormLimits& formLimits);
    void checkLimit(std::uint64_t more) const;
    void take(std::string_view content, ReceiveBuffer& received);

    Use use_ = Use::Drop;
    std::uint64_t limit_;
    std::uint64_t remaining_ = 0;
    std::uint64_t received_ = 0;
    std::optional<ChunkedDecoder> chunked_;
    std::unique_ptr<FormReader> form_;
    std::string text_;
};

} // namespace apbfarm::http
