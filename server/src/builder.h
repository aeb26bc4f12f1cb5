// SPDX-License-Identifier: MIT
#pragma once

#include "process.h"
#include "settings.h"
#include "workspace.h"

#include <memory>
#include <optional>
#include <string>

namespace apbfarm::server {

/// How a PKGBUILD is run: knows the command, not what becomes of it. Thread-safe.
class Builder {
public:
    virtual ~Builder() = default;

    /// In a word, for logs.
    virtual std::string name() const = 0;
    /// Empty when it works here, else why not. Runs a small command.
    virtual std::string whyUnusable() const = 0;
    /// Prepares the workspace for that build and says what to run in it. Throws std::runtime_error.
    virtual Command prepare(const Workspace& workspace, const BuildRecord& record) const = 0;
    /// What makes the buildroot anew; empty when there is nothing of the kind. Runs as us.
    virtual std::optional<Command> recreateBuildroot() const;
    /// Builds cannot run before it is made.
    virtual bool isBuildrootMissing() const { return false; }

protected:
    Builder(const Settings& settings, Account account) : settings_(settings), account_(std::move(account)) {}

    /// makepkg and its arguments, for a build that sees `configuration` under that name.
    static std::vector<std::string> makepkg(const std::filesystem::path& configuration);
    /// The whole environment of a build that sees its workspace at `root`.
    std::vector<std::string> environment(const std::filesystem::path& root) const;
    std::string configuration(const std::filesystem::path& root) const;

    Settings settings_;
    Account account_;
};

/// `auto` takes what isolates best and works: chroot, sandbox, plain. A builder asked for by name must work.
/// Throws std::runtime_error. `warn` gets a sentence when the choice is weaker than it should be.
std::unique_ptr<Builder> chooseBuilder(const Settings& settings, const Account& account, std::string& warn);

} // namespace apbfarm::server
