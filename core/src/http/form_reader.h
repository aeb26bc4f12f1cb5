// SPDX-License-Identifier: MIT
#pragma once

#include "http/block_writer.h"
#include "http/multipart_scanner.h"
#include "http/spool_watch.h"
#include "http/worker_pool.h"

#include <apbfarm/http.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
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
    std::uint64_t large = 4 << 20;           ///< of a body whose files may be watched; below it costs more than it gains
    SpoolWatch watch;                        ///< may be empty
    WorkerPool* writers = nullptr;           ///< of files that are watched
};

/// Turns a form body into parts while it arrives. What it holds vanishes with it.
class FormReader : private PartSink {
public:
    /// For multipart/form-data of `expected` bytes. `limits` must outlive the reader. Throws ProtocolError (400) for a
    /// bad boundary.
    FormReader(std::string_view boundary, const FormLimits& limits, std::uint64_t expected);
    ~FormReader() override;

    /// Whether more can be fed at the moment.
    bool hasRoom() const;
    /// Calls `call` once as soon as it can, on any thread. Only while it cannot.
    void whenRoom(std::function<void()> call);
    /// Where the next bytes of the body cost the least; empty: anywhere. Good until the next call.
    std::span<char> place();
    /// At most what `place` gave or 1 MiB, and only when there is room. Throws ProtocolError (400, 413), `StorageFull`,
    /// `Unavailable`.
    void feed(std::string_view bytes);
    /// To be called at the end of the body. Throws ProtocolError (400) when it is cut short.
    std::vector<std::unique_ptr<FormPart>> finish();
    /// Large files of these parts, which may still be on their way to the disk.
    std::vector<std::shared_ptr<BlockWriter>> takeWriters() { return std::move(writers_); }

private:
    class Part;

    void beginPart(std::string_view lines) override;
    void partData(std::string_view bytes) override;
    void endPart() override;

    void spool(std::string_view bytes);
    void moveToDisk();

    const FormLimits& limits_;
    const std::uint64_t expected_;
    MultipartScanner scanner_;
    std::vector<std::unique_ptr<FormPart>> parts_;
    std::vector<std::shared_ptr<BlockWriter>> writers_;
    std::unique_ptr<Part> current_;
    const char* placed_ = nullptr;        ///< what `place` gave
    std::size_t files_ = 0;
    std::size_t inMemory_ = 0;
};

/// The parts of an application/x-www-form-urlencoded body. Throws ProtocolError (400).
std::vector<std::unique_ptr<FormPart>> parseUrlencodedForm(std::string_view body);

} // namespace apbfarm::http
