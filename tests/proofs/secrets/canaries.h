// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::proofs {

/// Secrets that are recognised wherever they turn up: as they are, in hexadecimal digits, in base64 of any alignment,
/// and escaped as in addresses.
class Canaries {
public:
    /// A new secret of letters, digits and a few marks, fit for a password. It is one of those looked for.
    std::string make(const std::string& name);
    /// One that somebody else made, of at least eight bytes.
    void add(const std::string& name, const std::string& value);

    std::size_t count() const { return canaries_.size(); }
    /// The names of those in a text, but for those that may be there.
    std::vector<std::string> in(std::string_view text, const std::set<std::string>& allowed = {}) const;

private:
    struct Canary {
        std::string name;
        std::vector<std::string> forms;
    };

    std::vector<Canary> canaries_;
};

}
