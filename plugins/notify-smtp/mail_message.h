// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/model.h>

#include <string>
#include <string_view>

namespace smtp {

/// Who a mail is from.
struct Sender {
    std::string name;
    std::string address;
};

/// The mail as it goes over the wire: CRLF line ends, all lines short ASCII, none beginning with a dot.
///
/// Message-ID follows from the notification's id, so that a repeat is recognised. Throws `InvalidInput` when the
/// recipient's address or the subject cannot be put into a header safely.
std::string composeMail(const Sender& sender, const apbfarm::Notification& notification);

/// UTF-8 as encoded words (RFC 2047), folded; plain short ASCII stays as it is.
std::string encodeHeader(std::string_view text);

} // namespace smtp
