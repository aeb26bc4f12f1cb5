// SPDX-License-Identifier: MIT
#pragma once

#include "http/file_answer.h"
#include "http/request.h"

#include <apbfarm/http.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace apbfarm::http {

/// The headers that go with every answer, formatted once.
class DefaultHeaders {
public:
    /// Throws std::invalid_argument for what no header may hold.
    explicit DefaultHeaders(const std::vector<std::pair<std::string, std::string>>& headers);

    /// All of them but those whose bit is set in `replaced`, each with its line end.
    void append(std::string& out, std::uint64_t replaced) const;
    /// The bit of that name; 0 when it is none of them.
    std::uint64_t bitOf(std::string_view name) const;

private:
    std::vector<std::pair<std::string, std::string>> lines_; // name, whole line
    std::string all_;
};

/// What the server, not the handler, knows about an answer.
struct AnswerFrame {
    std::string_view date;
    std::string_view requestId;
    bool keepAlive = true;
    bool is10 = false;
    bool headOnly = false;
    std::string_view extra = {};   ///< whole lines
};

/// One answer while it is made.
class Response final : public HttpResponse {
public:
    enum class Kind { None, Content, File, Stream };

    Response(const DefaultHeaders& defaults, const Request& request) : defaults_(defaults), request_(request) {}

    void header(std::string_view name, std::string_view value) override;
    void send(int status, std::string_view contentType, std::string body) override;
    void file(FileReply reply) override;
    void stream(std::shared_ptr<EventSource> source, std::uint64_t position) override;

    void clear();
    Kind kind() const { return kind_; }
    int status() const { return status_; }
    /// Bytes of the body as announced; 0 for a stream.
    std::uint64_t length() const;
    /// Status line and headers; the body too when it is content and to be sent.
    void write(std::string& out, const AnswerFrame& frame) const;

    FileAnswer& opened() { return file_; }
    std::shared_ptr<EventSource> takeSource() { return std::move(source_); }
    std::uint64_t position() const { return position_; }

private:
    void answerOnce(Kind kind, int status, std::string_view contentType);
    void writeFraming(std::string& out, const AnswerFrame& frame) const;

    const DefaultHeaders& defaults_;
    const Request& request_;
    Kind kind_ = Kind::None;
    int status_ = 0;
    std::string contentType_;
    std::string headers_;           // whole lines
    std::uint64_t replaced_ = 0;    // bits of default headers
    bool ownContentType_ = false;
    std::string body_;
    FileAnswer file_;
    std::shared_ptr<EventSource> source_;
    std::uint64_t position_ = 0;
};

} // namespace apbfarm::http
