// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace apbfarm::fleet {

/// Text of a `multipart/form-data` body, part by part, in the form existing servers are known to read.
class MultipartText {
public:
    MultipartText();

    void addField(std::string_view name, std::string_view value);
    void addFile(std::string_view name, std::string_view filename, std::string_view type, std::string_view content);
    /// The head of a file part; its content is sent by others, before `ending()`.
    void beginFile(std::string_view name, std::string_view filename, std::string_view type);

    std::string contentType() const { return "multipart/form-data; boundary=" + boundary_; }
    const std::string& text() const { return text_; }
    /// What comes after the last part.
    std::string ending() const { return "\r\n--" + boundary_ + "--\r\n"; }

private:
    void beginPart();

    std::string boundary_;
    std::string text_;
};

/// Everything but letters, digits and `-._~` becomes %XX: one path segment, whatever the name contains.
std::string percentEncoded(std::string_view segment);

} // namespace apbfarm::fleet
