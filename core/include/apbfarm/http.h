// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/errors.h>
#include <apbfarm/model.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a handler sees of HTTP. Nothing here knows sockets.
namespace apbfarm {

enum class Method { Get, Post, Put, Delete };

/// Who may call a route. Checked before the first byte of a body is read.
enum class Access { Guest, User, Admin };

/// What a route takes as body; anything else is refused before the handler runs.
enum class BodyKind {
    None,       ///< a body is read and dropped, up to 64 KiB
    Json,       ///< an object of at most 64 KiB; handed over as checked text
    Form        ///< multipart/form-data or urlencoded; files go to disk while they arrive
};

/// Where a handler runs. `Loop` only for handlers that touch memory alone and take microseconds.
enum class RunsOn { Worker, Loop };

/// One part of a form. Small parts are in memory, large ones in a private temporary file that vanishes with the
/// request; what is to stay is copied while the handler runs.
class APB_FARM_VISIBLE FormPart {
public:
    virtual ~FormPart() = default;

    virtual const std::string& name() const = 0;
    /// As sent, never to be used as a path; empty for a plain field.
    virtual const std::string& filename() const = 0;
    virtual bool isFile() const = 0;
    virtual std::uint64_t size() const = 0;
    /// The content when it is in memory; empty view otherwise.
    virtual std::string_view text() const = 0;
    virtual bool inMemory() const = 0;
    /// An open, readable descriptor of the temporary file, or -1 when in memory. Owned by the part.
    virtual int descriptor() const = 0;
};

class APB_FARM_VISIBLE HttpRequest {
public:
    virtual ~HttpRequest() = default;

    /// "GET", "POST", ...; a HEAD request is shown as "GET".
    virtual std::string_view method() const = 0;
    /// The path as received, for logs.
    virtual std::string_view target() const = 0;
    /// A `{name}` of the route, percent-decoded. Empty when the route has no such name.
    virtual std::string_view param(std::string_view name) const = 0;
    /// A query parameter, decoded; empty optional when absent. Repeats are refused beforehand.
    virtual std::optional<std::string_view> query(std::string_view name) const = 0;
    /// By case-insensitive name; the bytes as sent.
    virtual std::optional<std::string_view> header(std::string_view name) const = 0;
    /// The JSON text of `BodyKind::Json` routes; otherwise empty.
    virtual std::string_view body() const = 0;
    virtual const std::vector<std::unique_ptr<FormPart>>& parts() const = 0;
    /// Null for a guest.
    virtual const Principal* principal() const = 0;
    virtual std::string_view clientAddress() const = 0;
    /// Also in the answer's `X-Request-Id` and in every log line about the request.
    virtual std::string_view requestId() const = 0;
};

/// A piece of an event stream, already in wire form and shared by all who are at the same place.
struct EventBlock {
    std::shared_ptr<const std::string> bytes; ///< null: nothing yet at that place
    std::uint64_t next = 0;                   ///< the place after this block
    bool last = false;                        ///< the stream ends after this block
};

/// A source of server-sent events that many connections read, each at its own place.
///
/// `at` is called from the event loops, concurrently, and must not block beyond a read from the page cache.
class APB_FARM_VISIBLE EventSource {
public:
    virtual ~EventSource() = default;

    /// What comes at `position`, at most about 64 KiB. Positions start at 0 and are what `id:` lines carry.
    virtual EventBlock at(std::uint64_t position) = 0;
    /// `wake` is called from any thread whenever `at` may answer more. Stays until the returned handle is dropped.
    virtual std::shared_ptr<void> subscribe(std::function<void()> wake) = 0;
};

/// A file on disk as an answer: Range, If-Range, If-None-Match and HEAD are done by the server.
struct FileReply {
    std::string path;
    std::string contentType = "application/octet-stream";
    std::string etag;                ///< without quotes; empty for none
    std::string disposition;         ///< whole header value; empty for none
    std::string cacheControl = "private, no-store";
};

/// The answer. Exactly one of `send`, `file`, `stream` is called; a handler that calls none answers 500.
class APB_FARM_VISIBLE HttpResponse {
public:
    virtual ~HttpResponse() = default;

    /// Adds a header. Throws std::invalid_argument for control bytes and for headers the server owns
    /// (Content-Length, Connection, Date, Transfer-Encoding).
    virtual void header(std::string_view name, std::string_view value) = 0;
    virtual void send(int status, std::string_view contentType, std::string body) = 0;
    virtual void file(FileReply reply) = 0;
    /// Server-sent events from `position` on; no thread is held. Heartbeats are the server's.
    virtual void stream(std::shared_ptr<EventSource> source, std::uint64_t position) = 0;

    void json(int status, std::string body) { send(status, "application/json", std::move(body)); }
    void html(int status, std::string body) { send(status, "text/html; charset=utf-8", std::move(body)); }
};

using Handler = std::function<void(const HttpRequest&, HttpResponse&)>;

/// A value that a route takes or gives, for the API description.
struct ApiField {
    std::string name;                ///< with `?` at the end when it may be absent
    /// string, integer, number, boolean, object, file or any; behind it `[]` for a list of these, then `?` when it may
    /// be null. After a blank a range (`1..100`) or words (`csv|jsonl`), and last ` = ` with the default.
    std::string type;
    std::string summary;
    std::vector<ApiField> fields = {};   ///< of an object, or of each object in a list
};

struct ApiAnswer {
    int status = 200;
    std::string summary;
    std::vector<ApiField> fields = {};   ///< none for status 400 and above: the common error body
    std::string type = "object";         ///< of the whole answer, worded as in `ApiField`
    std::string contentType = "application/json";   ///< empty: no body
};

/// What the API description says about a route beside its summary.
struct RouteNotes {
    std::string topic = {};              ///< the heading that it is listed under
    std::string details = {};            ///< whole sentences
    /// Names of the pattern, then headers (with a capital letter), then the query's. Only the former may be required.
    std::vector<ApiField> parameters = {};
    std::vector<ApiField> body = {};
    std::vector<ApiAnswer> answers = {}; ///< without those that every route of its kind gives
};

/// One route. Without an access rule it does not compile.
struct Route {
    Method method;
    std::string pattern;             ///< "/build/{id}/status": literal segments and {names}
    Access access;
    Handler handler;
    BodyKind body = BodyKind::None;
    RunsOn runsOn = RunsOn::Worker;
    std::string summary = {};        ///< one line for the API description
    std::uint64_t maxBody = 0;       ///< bytes; 0: the default of the body kind
    RouteNotes notes = {};
};

/// Where routes are declared, once at start. Throws std::logic_error for a pattern that is there already.
class APB_FARM_VISIBLE RouteTable {
public:
    virtual ~RouteTable() = default;

    virtual void add(Route route) = 0;

    void get(std::string pattern, Access access, Handler handler)
    {
        add({Method::Get, std::move(pattern), access, std::move(handler)});
    }
    void post(std::string pattern, Access access, BodyKind body, Handler handler)
    {
        add({Method::Post, std::move(pattern), access, std::move(handler), body});
    }
    void put(std::string pattern, Access access, BodyKind body, Handler handler)
    {
        add({Method::Put, std::move(pattern), access, std::move(handler), body});
    }
    void remove(std::string pattern, Access access, Handler handler)
    {
        add({Method::Delete, std::move(pattern), access, std::move(handler)});
    }
};

} // namespace apbfarm
