// SPDX-License-Identifier: MIT
#pragma once

#include "http/multipart_scanner.h"
#include "http/receive_buffer.h"
#include "http/spool_watch.h"

#include <apbfarm/http.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::http {

/// What one form may hold (X1, H18). Bytes.
struct FormLimits {
    std::uint64_t maxFile = 100ull << 20;
    std::string largeFilePart;               ///< the one file part that only the body's limit binds
    std::size_t maxText = 64 << 10;          ///< of one text field
    std::size_t maxMemory = 64 << 10;        ///< of one file before it goes to disk
    std::size_t maxMemoryInAll = 1 << 20;    ///< text beyond it is refused, files go to disk at once
    std::size_t maxParts = 1000;
    std::size_t maxFiles = 256;
    std::filesystem::path temporaryDirectory;
    SpoolWatch watch;                        ///< may be empty
};

/// Turns a form body into parts while it arrives. What it holds vanishes with it.
class FormReader : private PartSink {
public:
    /// For multipart/form-data. `limits` must outlive the reader. Throws ProtocolError (400) for a bad boundary.
    FormReader(std::string_view boundary, const FormLimits& limits);
    ~FormReader() override;

    /// `received`: what the bytes may be a part of. Throws ProtocolError (400, 413), `StorageFull`, `Unavailable`.
    void feed(std::string_view bytes, ReceiveBuffer& received);
    /// To be called at the end of the body. Throws ProtocolError (400) when it is cut short.
    std::vector<std::unique_ptr<FormPart>> finish();

private:
    class Part;

    void beginPart(std::string_view lines) override;
    void partData(std::string_view bytes) override;
    void endPart() override;

    const FormLimits& limits_;
    MultipartScanner scanner_;
    std::vector<std::unique_ptr<FormPart>> parts_;
    std::unique_ptr<Part> current_;
    ReceiveBuffer* received_ = nullptr;   ///< while it is fed
    std::size_t files_ = 0;
    std::size_t inMemory_ = 0;
};

/// The parts of an application/x-www-form-urlencoded body. Throws ProtocolError (400).
std::vector<std::unique_ptr<FormPart>> parseUrlencodedForm(std::string_view body);

} // namespace apbfarm::http
