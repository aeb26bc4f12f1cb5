// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace webhook {

/// Valid UTF-8 of at most `limit` characters, cut with an ellipsis. Without control characters but line ends and tabs,
/// and without those that turn the direction of writing: what is shown is what is there.
std::string cleanText(std::string_view text, std::size_t limit);

/// The same with blanks instead of line ends.
std::string cleanLine(std::string_view text, std::size_t limit);

/// For HTML text and quoted attributes; line ends become `<br/>`.
std::string escapeHtml(std::string_view text);
/// The three characters that Slack asks to escape: no links, no mentions.
std::string escapeSlack(std::string_view text);
/// Every character that is markup in Discord gets a backslash.
std::string escapeDiscord(std::string_view text);

} // namespace webhook
