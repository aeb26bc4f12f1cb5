// SPDX-License-Identifier: MIT
#include "fleet/server_exchange.h"

#include "fleet/server_secrets.h"
#include "fleet/server_sigpipe.h"

#include <unistd.h>

#include <algorithm>

namespace apbfarm::fleet {

namespace {

// Existing servers drop idle connections after 60 s.
constexpr std::chrono::seconds kIdleLimit{45};
// Slower than this on average is as good as hanging; allows a 4 GiB artifact 36 hours.
constexpr std::uint64_t kSlowestBytesPerSecond = 32 * 1024;
constexpr std::size_t kPiece = 256 * 1024;
constexpr std::uint64_t kMaxRefusal = 64 * 1024;

/// A sink takes nothing but the whole file: 206 is not it.
bool isGood(int status, bool forSink)
{
    return forSink ? status == 200 : status >= 200 && status < 300;
}

} // namespace

ServerExchange::ServerExchange(ServerUrl url, const ClientOptions& options) : url_(std::move(url)), options_(options)
{
}

HttpAnswer ServerExchange::perform(const HttpRequest& request, const ExchangeLimits& limits, const BodySink& sink)
{
    const SigpipeBlocked noSignal;
    const auto until = std::chrono::steady_clock::now() + limits.answer;
    mayHaveArrived_ = false;
    silentClose_ = false;
    // Only a GET may be sent twice, so only a GET may use a connection that could be gone.
    const bool reused = !request.body && hasUsableChannel();
    if (!reused)
        forgetChannel();
    try {
        return attempt(request, limits, until, sink);
    } catch (const ExchangeBroken& broken) {
        forgetChannel();
        if (!reused || !silentClose_ || broken.kind() != Break::Closed)
            throw;
    } catch (...) {
        forgetChannel();
        throw;
    }
    try {
        return attempt(request, limits, until, sink);
    } catch (...) {
        forgetChannel();
        throw;
    }
}

HttpAnswer ServerExchange::attempt(const HttpRequest& request, const ExchangeLimits& limits, Instant until,
                                   const BodySink& sink)
{
    if (abort_.isRaised())
        throw ExchangeBroken(Break::Aborted, "given up because the farm is stopping");
    if (!channel_) {
        const auto connectUntil = std::chrono::steady_clock::now() + limits.connect;
        openChannel(request.body ? connectUntil : std::min(connectUntil, until));
    }
    // L3: that a server does not have a build must stay true when this farm has died in the middle of handing it over.
    if (request.body)
        channel_->dropUnsentOnClose(true);
    auto sending = request.body ? Deadline::transfer(options_.stallTimeout, kSlowestBytesPerSecond) : Deadline::at(until);
    const auto sentBefore = channel_->sent();
    const auto secret = options_.secrets ? options_.secrets->of(url_) : std::string();
    HttpAnswer answer{.secretSent = !secret.empty()};
    try {
        answer.requestWhole = send(request, secret, sending);
        mayHaveArrived_ = channel_->sent() != sentBefore;
    } catch (const ExchangeBroken&) {
        mayHaveArrived_ = channel_->sent() != sentBefore;
        throw;
    }
    HttpAnswerReader reader(*channel_);
    const auto deadline = request.body ? Deadline::after(limits.answer) : Deadline::at(until);
    try {
        receive(answer, reader, limits, deadline, sink);
    } catch (const ExchangeBroken&) {
        silentClose_ = !reader.hasBegun();
        throw;
    }
    if (answer.requestWhole)
        channel_->dropUnsentOnClose(false);
    if (answer.head.keepAlive && answer.bodyWhole && answer.requestWhole && reader.isDrained())
        lastUse_ = std::chrono::steady_clock::now();
    else
        forgetChannel();
    return answer;
}

void ServerExchange::receive(HttpAnswer& answer, HttpAnswerReader& reader, const ExchangeLimits& limits,
                             Deadline deadline, const BodySink& sink)
{
    answer.head = reader.readHead(deadline.next());
    const bool good = isGood(answer.head.status, sink != nullptr);
    if (good && answer.head.find("content-encoding").value_or("identity") != "identity")
        throw ExchangeBroken(Break::Malformed, "the answer is compressed although that was not asked for");
    if (good && limits.stall.count() > 0)
        deadline = Deadline::transfer(limits.stall, kSlowestBytesPerSecond);
    // Without an announced end nobody can tell a file from a part of it.
    if (good && sink && answer.head.framing == Framing::UntilClose)
        throw ExchangeBroken(Break::Malformed, "the answer does not say where it ends");
    const BodySink collect = [&answer](std::string_view piece) { answer.body += piece; };
    try {
        reader.readBody(answer.head, good ? limits.body : kMaxRefusal, deadline, good && sink ? sink : collect);
    } catch (const ExchangeBroken& broken) {
        if (good || broken.kind() == Break::Aborted)
            throw;
        answer.bodyWhole = false;
    }
}

bool ServerExchange::hasUsableChannel()
{
    return channel_ && std::chrono::steady_clock::now() - lastUse_ < kIdleLimit && !channel_->hasInput();
}

void ServerExchange::forgetChannel()
{
    channel_.reset();
}

void ServerExchange::openChannel(Instant until)
{
    if (url_.secure && !tls_)
        tls_ = makeTlsContext(options_.caFile);
    const auto addresses = names_.resolve(url_, until, abort_);
    channel_ = std::make_unique<ServerChannel>(addresses, url_, tls_.get(), until, abort_);
}

std::string ServerExchange::headOf(const HttpRequest& request, const std::string& secret) const
{
    std::string head = (request.body ? "POST " : "GET ") + url_.prefix + request.path + " HTTP/1.1\r\n";
    head += "Host: " + url_.authority + "\r\n";
    if (!secret.empty())
        head += "Authorization: Bearer " + secret + "\r\n";
    head += "User-Agent: apb-farm\r\nAccept: */*\r\nAccept-Encoding: identity\r\n";
    if (request.body) {
        head += "Content-Length: " + std::to_string(request.body->size()) + "\r\n";
        if (!request.body->type.empty())
            head += "Content-Type: " + request.body->type + "\r\n";
    }
    return head + "\r\n";
}

/// False when the server spoke first or takes no more: then its answer is what counts.
bool ServerExchange::send(const HttpRequest& request, const std::string& secret, Deadline& deadline)
{
    const auto head = headOf(request, secret);
    if (!request.body)
        return sendText(head, deadline);
    const auto& body = *request.body;
    return sendText(head + body.before, deadline) && sendText(body.payload, deadline) && sendFile(body, deadline) &&
           sendText(body.after, deadline);
}

bool ServerExchange::sendText(std::string_view text, Deadline& deadline)
{
    while (!text.empty()) {
        if (channel_->waitToSend(deadline.next()) == ServerChannel::Ready::AnswerWaiting)
            return false;
        const auto taken = channel_->sendSome(text.substr(0, kPiece));
        if (!taken)
            return false;
        text.remove_prefix(*taken);
        deadline.moved(*taken);
    }
    return true;
}

bool ServerExchange::sendFile(const HttpRequestBody& body, Deadline& deadline)
{
    if (body.file < 0)
        return true;
    std::uint64_t at = 0;
    std::string piece;
    while (at < body.fileSize) {
        const auto count = body.fileSize - at;
        if (channel_->isSecure()) {
            piece.resize(std::min<std::uint64_t>(count, kPiece));
            const auto got = ::pread(body.file, piece.data(), piece.size(), static_cast<off_t>(at));
            if (got <= 0)
                throw ExchangeBroken(Break::Closed, "the payload cannot be read to its end");
            if (!sendText({piece.data(), static_cast<std::size_t>(got)}, deadline))
                return false;
            at += static_cast<std::uint64_t>(got);
            continue;
        }
        if (channel_->waitToSend(deadline.next()) == ServerChannel::Ready::AnswerWaiting)
            return false;
        const auto taken = channel_->sendSomeOfFile(body.file, at, count);
        if (!taken)
            return false;
        at += *taken;
        deadline.moved(*taken);
    }
    return true;
}

} // namespace apbfarm::fleet
