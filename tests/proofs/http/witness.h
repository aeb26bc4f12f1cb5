// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::proofs {

/// A request as a log has it.
struct SeenRequest {
    std::string target;     ///< method and path without what logs write in different ways; empty: not understood
    int status = 0;         ///< of the farm; 0: there was none

    bool operator==(const SeenRequest&) const = default;
};

/// By the address that they came from, in order.
using Seen = std::map<std::string, std::vector<SeenRequest>>;

/// Reads on in a log that grows.
class LogReader {
public:
    explicit LogReader(std::filesystem::path file) : file_(std::move(file)) {}

    /// Whole lines that are new.
    std::vector<std::string> lines();

private:
    std::filesystem::path file_;
    std::uintmax_t at_ = 0;
};

std::string plainTarget(std::string_view method, std::string_view target);

/// Of one kind of log each; lines that are something else are passed over.
void readFarmLine(const std::string& line, Seen& seen);
void readProxyLine(const std::string& line, Seen& seen);

}
