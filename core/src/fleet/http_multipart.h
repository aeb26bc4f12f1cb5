// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace apbfarm::fleet {

/// Text of a `multipart/form-data` body, part by part, in the form existing servers are known to read.
class MultipartText {
public:
    MultipartText();

    void addField(std::string_view name, std::string_view value);
    /// The head of a file part; its content comes from elsewhere, before the next part or `ending()`.
    void beginFile(std::string_view name, std::string_view filename, std::string_view type);

    std::string contentType() const { return "multipart/form-data; boundary=" + boundary_; }
    const std::string& text() const { return text_; }
    /// What has been added since the last call, for bodies that are written piece by piece.
    std::string take() { return std::exchange(text_, {}); }
    /// What comes after the last part.
    std::string ending() const { return "\r\n--" + boundary_ + "--\r\n"; }

private:
    void beginPart();

    std::string boundary_;
    std::string text_;
    bool begun_ = false;
};

/// Everything but letters, digits and `-._~` becomes %XX: one path segment, whatever the name contains.
std::string percentEncoded(std::string_view segment);

} // namespace apbfarm::fleet
