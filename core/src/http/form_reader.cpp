// SPDX-License-Identifier: MIT
#include "http/form_reader.h"

#include "http/large_spool.h"
#include "http/part_header.h"
#include "http/protocol_errors.h"
#include "http/spool_file.h"
#include "http/target.h"

namespace apbfarm::http {

class FormReader::Part final : public FormPart {
public:
    explicit Part(PartHeader header) : header_(std::move(header)) {}

    const std::string& name() const override { return header_.name; }
    const std::string& filename() const override { return header_.filename; }
    bool isFile() const override { return header_.isFile; }
    std::uint64_t size() const override { return size_; }
    std::string_view text() const override { return memory_; }
    bool inMemory() const override { return !file_ && !large_; }
    int descriptor() const override { return large_ ? large_->writer()->descriptor() : file_ ? file_->descriptor() : -1; }
    LargeSpool* large() { return large_ ? &*large_ : nullptr; }

    void keep(std::string_view bytes)
    {
        memory_.append(bytes);
        size_ += bytes.size();
    }
    void moveTo(SpoolFile file)
    {
        file_.emplace(std::move(file));
        moveMemory();
    }
    void moveTo(std::shared_ptr<BlockWriter> writer, SpoolProgress progress)
    {
        large_.emplace(std::move(writer), std::move(progress));
        moveMemory();
    }
    void spool(std::string_view bytes)
    {
        append(bytes);
        size_ += bytes.size();
    }
    void close()
    {
        if (file_)
            file_->finish();
        if (large_)
            large_->finish();
    }

private:
    void moveMemory()
    {
        append(memory_);
        std::string().swap(memory_);
    }
    void append(std::string_view bytes)
    {
        if (large_)
            large_->append(bytes);
        else
            file_->write(bytes);
    }

    PartHeader header_;
    std::uint64_t size_ = 0;
    std::string memory_;
    std::optional<SpoolFile> file_;     ///< once it is too large for memory
    std::optional<LargeSpool> large_;   ///< instead, when somebody watches
};

namespace {

/// A field of an urlencoded form: always text in memory.
class TextPart final : public FormPart {
public:
    TextPart(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {}

    const std::string& name() const override { return name_; }
    const std::string& filename() const override { return filename_; }
    bool isFile() const override { return false; }
    std::uint64_t size() const override { return text_.size(); }
    std::string_view text() const override { return text_; }
    bool inMemory() const override { return true; }
    int descriptor() const override { return -1; }

private:
    std::string name_, text_, filename_;
};

} // namespace

FormReader::FormReader(std::string_view boundary, const FormLimits& limits, std::uint64_t expected)
    : limits_(limits), expected_(expected), scanner_(boundary, *this)
{
}

FormReader::~FormReader() = default;

bool FormReader::hasRoom() const
{
    return !current_ || !current_->large() || current_->large()->hasRoom();
}

void FormReader::whenRoom(std::function<void()> call)
{
    current_->large()->whenRoom(std::move(call));
}

std::span<char> FormReader::place()
{
    if (!current_ || !current_->large())
        return {};
    const auto room = current_->large()->place(scanner_.held());
    placed_ = room.data();
    return room;
}

void FormReader::feed(std::string_view bytes)
{
    const auto* const placed = std::exchange(placed_, nullptr);
    scanner_.feed(bytes, placed && bytes.data() == placed);
}

std::vector<std::unique_ptr<FormPart>> FormReader::finish()
{
    scanner_.finish();
    return std::move(parts_);
}

void FormReader::beginPart(std::string_view lines)
{
    if (parts_.size() == limits_.maxParts)
        throw bodyTooLarge("The form has too many parts.");
    auto header = parsePartHeader(lines);
    if (header.isFile && ++files_ > limits_.maxFiles)
        throw bodyTooLarge("The form has too many files.");
    current_ = std::make_unique<Part>(std::move(header));
}

void FormReader::partData(std::string_view bytes)
{
    const auto size = current_->size() + bytes.size();
    if (!current_->isFile()) {
        inMemory_ += bytes.size();
        if (size > limits_.maxText || inMemory_ > limits_.maxMemoryInAll)
            throw bodyTooLarge("The text field \"" + current_->name() + "\" is too long.");
        return current_->keep(bytes);
    }
    if (size > limits_.maxFile && current_->name() != limits_.largeFilePart)
        throw bodyTooLarge("The file \"" + current_->filename() + "\" exceeds " + std::to_string(limits_.maxFile) +
                           " bytes.");
    if (!current_->inMemory() || size > limits_.maxMemory || inMemory_ + bytes.size() > limits_.maxMemoryInAll)
        return spool(bytes);
    inMemory_ += bytes.size();
    current_->keep(bytes);
}

void FormReader::spool(std::string_view bytes)
{
    if (current_->inMemory())
        moveToDisk();
    current_->spool(bytes);
}

void FormReader::moveToDisk()
{
    SpoolFile file(limits_.temporaryDirectory);
    SpoolProgress progress;
    if (limits_.watch && expected_ >= limits_.large)
        progress = limits_.watch(current_->name(), file.descriptor());
    if (!progress)
        return current_->moveTo(std::move(file));
    writers_.push_back(std::make_shared<BlockWriter>(std::move(file), expected_, *limits_.writers));
    current_->moveTo(writers_.back(), std::move(progress));
}

void FormReader::endPart()
{
    current_->close();
    parts_.push_back(std::move(current_));
}

std::vector<std::unique_ptr<FormPart>> parseUrlencodedForm(std::string_view body)
{
    std::vector<std::pair<std::string, std::string>> pairs;
    parsePairs(body, FormLimits().maxParts, true, pairs);
    std::vector<std::unique_ptr<FormPart>> parts;
    for (auto& [name, text] : pairs)
        parts.push_back(std::make_unique<TextPart>(std::move(name), std::move(text)));
    return parts;
}

} // namespace apbfarm::http
