// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string_view>

namespace apbfarm::proofs::failing {

/// Faults that once found something, tried in each whole run. Their numbers count calls: what they hit moves a little
/// when the daemon changes.
inline constexpr std::array<std::string_view, 12> kKept{
    "serving:sendfile:1:EIO:1",        // sources that could not be read were waited for like an answer
    "serving:sync:14:EIO:1",           // the farm went on for a minute with a database that it could not write
    "serving:write:47:EDQUOT:healed",  // a full quota was taken for a broken disk
    "restart:write:66:EDQUOT:healed",  // the port file stayed empty
    "first:memory:70544:ENOMEM:1",     // there was no administrator
    "serving:send:2:ENOBUFS:1",        // a request that could not be sent was waited for like an answer
    "restart:thread:3:EAGAIN:1",       // a thread that could not be made ended the start with a signal
    "serving:memory:2944:ENOMEM:20",   // what was thrown after a build had been sent counted as not sent
    "serving:memory:56:ENOMEM:1",      // a tarball was called damaged because there was no memory for it
    "serving:memory:3147:ENOMEM:30",   // a build was neither placed nor in the queue
    "restart:memory:269668:ENOMEM:30", // what a step had asked for was not done
    "stopping:memory:13:ENOMEM:1"};    // there was no memory for stopping

}
