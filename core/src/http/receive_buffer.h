// SPDX-License-Identifier: MIT
#pragma once

#include "util/shared_bytes.h"

#include <cstddef>
#include <memory>
#include <string_view>

namespace apbfarm::http {

/// Where an event loop receives. Bytes that others hold on to stay as they are; the loop goes on in another buffer.
/// One thread; what was shared may be let go by any, also after the buffer's own end.
class ReceiveBuffer {
public:
    static constexpr std::size_t kSize = 1024 << 10;

    ReceiveBuffer();
    ~ReceiveBuffer();
    ReceiveBuffer(const ReceiveBuffer&) = delete;
    ReceiveBuffer& operator=(const ReceiveBuffer&) = delete;

    /// `kSize` bytes that nobody else reads. What was received before is gone unless it is shared.
    char* writable();
    /// With an owner only if the bytes are in this buffer.
    util::SharedBytes share(std::string_view bytes);

private:
    class Spares;

    std::shared_ptr<Spares> spares_;
    std::shared_ptr<char> current_;
    bool shared_ = false;
};

} // namespace apbfarm::http
