// SPDX-License-Identifier: MIT
#include "http/form_reader.h"

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
    bool inMemory() const override { return !file_; }
    int descriptor() const override { return file_ ? file_->descriptor() : -1; }

    void keep(std::string_view bytes)
    {
        memory_.append(bytes);
        size_ += bytes.size();
    }
    void spool(std::string_view bytes, const FormLimits& limits, ReceiveBuffer& received)
    {
        if (!file_) {
            file_.emplace(limits.temporaryDirectory);
            if (limits.watch)
                progress_ = limits.watch(header_.name, file_->descriptor());
            append(memory_, received);
            std::string().swap(memory_);
        }
        append(bytes, received);
        size_ += bytes.size();
    }
    void close()
    {
        if (file_)
            file_->finish();
        if (progress_)
            progress_({}, true);
    }

private:
    void append(std::string_view bytes, ReceiveBuffer& received)
    {
        file_->write(bytes);
        if (progress_)
            progress_(received.share(bytes), false);
    }

    PartHeader header_;
    std::uint64_t size_ = 0;
    std::string memory_;
    std::optional<SpoolFile> file_;
    SpoolProgress progress_;   // last: it goes before the file does
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

FormReader::FormReader(std::string_view boundary, const FormLimits& limits) : limits_(limits), scanner_(boundary, *this)
{
}

FormReader::~FormReader() = default;

void FormReader::feed(std::string_view bytes, ReceiveBuffer& received)
{
    received_ = &received;
    scanner_.feed(bytes);
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
        return current_->spool(bytes, limits_, *received_);
    inMemory_ += bytes.size();
    current_->keep(bytes);
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
