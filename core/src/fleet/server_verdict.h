// SPDX-License-Identifier: MIT
#pragma once

#include "fleet/server_client.h"
#include "fleet/server_exchange.h"

#include <string>
#include <string_view>

namespace apbfarm::fleet {

/// Which form a submission had: only a tarball can be answered with "send single files".
enum class SubmissionForm { Tarball, SingleFiles };

/// What an answer to `POST /build` means for the build (L2).
HandOverResult verdictOf(const HttpAnswer& answer, const BuildId& build, SubmissionForm form);

/// An answer that is not what was asked for.
CallError errorOf(const HttpAnswer& answer);

/// A 404 that a build server wrote about a build or file, not a proxy or a missing route.
bool isKnownMissing(const HttpAnswer& answer);

/// The explanation in any of the forms that servers use, in one line; the status alone when there is none.
std::string explanationOf(const HttpAnswer& answer);

/// Retry-After as seconds or date, at most one hour.
std::optional<std::chrono::seconds> retryAfterOf(const HttpHead& head);

} // namespace apbfarm::fleet
