// SPDX-License-Identifier: MIT
#include "http/viewer.h"

#include <charconv>

namespace apbfarm::http {

const std::shared_ptr<const std::string>& heartbeatBytes()
{
    static const auto bytes = std::make_shared<const std::string>(": heartbeat\n\n");
    return bytes;
}

std::string_view Viewer::suffix() const
{
    if (!chunked)
        return {};
    if (!block.last)
        return "\r\n";
    return block.bytes->empty() ? "0\r\n\r\n" : "\r\n0\r\n\r\n";
}

void Viewer::load(EventBlock next)
{
    block = std::move(next);
    sent = 0;
    prefixLength = 0;
    if (!chunked || block.bytes->empty())
        return;
    auto* end = std::to_chars(prefix.data(), prefix.data() + prefix.size() - 2, block.bytes->size(), 16).ptr;
    *end++ = '\r';
    *end++ = '\n';
    prefixLength = static_cast<std::uint8_t>(end - prefix.data());
}

int Viewer::gather(iovec* pieces) const
{
    const std::string_view all[] = {{prefix.data(), prefixLength}, *block.bytes, suffix()};
    auto skip = sent;
    int count = 0;
    for (auto piece : all) {
        const auto cut = std::min(skip, piece.size());
        skip -= cut;
        piece.remove_prefix(cut);
        if (!piece.empty())
            pieces[count++] = {const_cast<char*>(piece.data()), piece.size()};
    }
    return count;
}

} // namespace apbfarm::http
