// SPDX-License-Identifier: MIT
#pragma once

#include "http/chunked_decoder.h"
#include "http/form_reader.h"
#include "http/request_head.h"

#include <apbfarm/http.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::http {

/// What a finished body came to.
struct Body {
    std::string text;                               ///< of JSON routes
    std::vector<std::unique_ptr<FormPart>> parts;   ///< of form routes
    std::vector<std::shared_ptr<BlockWriter>> writers;   ///< of large ones, to be settled before they are looked at
};

/// Reads the body of one request: framing, limit, and what the route makes of it. All errors are ProtocolError,
/// `StorageFull` or `Unavailable`; after one the reader is dropped with all it stored (H11).
class BodyReader {
public:
    /// Checks all that can be known before the first byte: declared length (413), content type (415, 400).
    BodyReader(const RequestHead& head, BodyKind kind, std::uint64_t limit, const FormLimits& formLimits);

    /// Whether more can be fed at the moment; `whenRoom` calls once as soon as it can, on any thread.
    bool hasRoom() const { return !form_ || form_->hasRoom(); }
    void whenRoom(std::function<void()> call) { form_->whenRoom(std::move(call)); }
    /// Where to receive the next bytes, in `buffer` or elsewhere, and how many, so that the next request stays in the
    /// socket.
    std::span<char> place(std::span<char> buffer);
    /// Returns how many bytes belonged to the body.
    std::size_t feed(std::string_view bytes);
    bool isComplete() const { return chunked_ ? chunked_->isDone() : remaining_ == 0; }
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
    std::size_t wanted(std::size_t buffer) const;
    void take(std::string_view content);

    Use use_ = Use::Drop;
    std::uint64_t limit_;
    std::uint64_t remaining_ = 0;
    std::uint64_t received_ = 0;
    std::optional<ChunkedDecoder> chunked_;
    std::unique_ptr<FormReader> form_;
    std::string text_;
};

} // namespace apbfarm::http
