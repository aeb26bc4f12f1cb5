// SPDX-License-Identifier: MIT
#pragma once

namespace apbfarm::test {

/// By how much what is promised about time and memory is exceeded by programs that carry a sanitizer; 1 without one.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int kAllowance = 20;
#else
inline constexpr int kAllowance = 1;
#endif

}
