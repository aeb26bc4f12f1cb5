// SPDX-License-Identifier: MIT
#pragma once

#include "http/request_head.h"

#include <string_view>

/// The rules a request head must keep beyond being a head (H1-H8). Each throws ProtocolError with its status.
namespace apbfarm::http {

/// Without the line end: form, method, version.
void checkRequestLine(std::string_view line);

/// All field lines with their line ends and the empty line: names, folding, number and sizes.
void checkFieldLines(std::string_view lines);

/// Content-Length and Transfer-Encoding, read from the raw lines so that nothing has been trimmed or merged before.
void readFraming(std::string_view bytes, RequestHead& head);

/// Host, Connection and the fields that must not be there twice.
void readKnownFields(RequestHead& head);

/// host[:port] with a name, an IPv4 or a bracketed IPv6 address.
bool isHost(std::string_view text);

} // namespace apbfarm::http
