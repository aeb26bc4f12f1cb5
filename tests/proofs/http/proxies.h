// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/http/witness.h"
#include "support/child_process.h"
#include "support/temp_dir.h"

#include <cstdint>
#include <memory>
#include <string>

namespace apbfarm::proofs {

/// A proxy of somebody else in front of a farm. It names the client in X-Forwarded-For and writes down every request
/// that it took, with the status that the farm gave it.
class Proxy {
public:
    enum class Kind { Nginx, Haproxy };

    /// Listens when the constructor returns.
    Proxy(Kind kind, std::uint16_t farm);

    const char* name() const { return kind_ == Kind::Nginx ? "nginx" : "HAProxy"; }
    std::uint16_t port() const { return port_; }
    bool isRunning() { return program_->isRunning(); }

    /// What it has written since the last call.
    Seen seen();

private:
    std::string nginxSettings(std::uint16_t farm) const;
    std::string haproxySettings(std::uint16_t farm) const;

    Kind kind_;
    test::TempDir folder_;
    std::uint16_t port_;
    std::unique_ptr<test::ChildProcess> program_;
    LogReader log_;
};

}
