// SPDX-License-Identifier: MIT
#include "http/body_reader.h"

#include "http/part_header.h"
#include "http/protocol_errors.h"
#include "util/json_reader.h"
#include "util/text.h"

#include <algorithm>

namespace apbfarm::http {

namespace {

constexpr std::uint64_t kMaxSmallBody = 64 * 1024;

std::string_view mediaType(std::string_view contentType)
{
    return util::trim(contentType.substr(0, std::min(contentType.find(';'), contentType.size())));
}

void requireJson(std::string_view contentType)
{
    const bool isJson = util::equalsIgnoringCase(mediaType(contentType), "application/json");
    const auto charset = isJson ? headerParameter(contentType, "charset") : std::string();
    if (!isJson || !(charset.empty() || util::equalsIgnoringCase(charset, "utf-8")))
        throw ProtocolError(415, "unsupported_media_type", "Unsupported media type",
                            "The body must be application/json in UTF-8.");
}

} // namespace

BodyReader::BodyReader(const RequestHead& head, BodyKind kind, std::uint64_t limit, const FormLimits& formLimits)
    : limit_(limit)
{
    checkLimit(head.contentLength.value_or(0));
    remaining_ = head.contentLength.value_or(0);
    if (head.chunked)
        chunked_.emplace();
    if (head.hasBody())
        choose(head, kind, formLimits);
}

void BodyReader::choose(const RequestHead& head, BodyKind kind, const FormLimits& formLimits)
{
    if (kind == BodyKind::Json) {
        requireJson(head.contentType);
        use_ = Use::Text;
        return;
    }
    if (kind == BodyKind::Form && util::equalsIgnoringCase(mediaType(head.contentType), "multipart/form-data")) {
        form_ = std::make_unique<FormReader>(headerParameter(head.contentType, "boundary"), formLimits,
                                             head.contentLength.value_or(limit_));
        use_ = Use::Multipart;
        return;
    }
    if (kind == BodyKind::Form &&
        util::equalsIgnoringCase(mediaType(head.contentType), "application/x-www-form-urlencoded"))
        use_ = Use::Urlencoded;
    limit_ = std::min(limit_, kMaxSmallBody);
    checkLimit(remaining_);
}

void BodyReader::checkLimit(std::uint64_t more) const
{
    if (more > limit_ - received_)
        throw bodyTooLarge("The body exceeds " + std::to_string(limit_) + " bytes.");
}

std::size_t BodyReader::feed(std::string_view bytes)
{
    if (chunked_) {
        const auto used = chunked_->feed(bytes, [&](std::string_view content) { take(content); });
        checkLimit(chunked_->remainingOfChunk());
        return used;
    }
    const auto own = bytes.substr(0, std::min<std::uint64_t>(remaining_, bytes.size()));
    remaining_ -= own.size();
    take(own);
    return own.size();
}

std::span<char> BodyReader::place(std::span<char> buffer)
{
    if (form_ && !chunked_)
        if (const auto own = form_->place(); !own.empty())
            buffer = own;
    return buffer.first(wanted(buffer.size()));
}

std::size_t BodyReader::wanted(std::size_t buffer) const
{
    constexpr std::uint64_t kFraming = 16 * 1024;
    return std::min<std::uint64_t>(buffer, chunked_ ? chunked_->remainingOfChunk() + kFraming : remaining_);
}

void BodyReader::take(std::string_view content)
{
    checkLimit(content.size());
    received_ += content.size();
    if (use_ == Use::Multipart)
        form_->feed(content);
    else if (use_ != Use::Drop)
        text_.append(content);
}

Body BodyReader::finish()
{
    Body body;
    if (use_ == Use::Multipart) {
        body.parts = form_->finish();
        body.writers = form_->takeWriters();
    } else if (use_ == Use::Urlencoded) {
        body.parts = parseUrlencodedForm(text_);
    } else {
        body.text = std::move(text_);
    }
    if (use_ == Use::Text)
        util::checkJsonObject(body.text);
    return body;
}

} // namespace apbfarm::http
