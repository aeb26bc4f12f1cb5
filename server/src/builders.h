// SPDX-License-Identifier: MIT
#pragma once

#include "builder.h"

namespace apbfarm::server {

/// makepkg in a bubblewrap sandbox: a read-only system, no network unless allowed, own processes, nothing of the
/// machine but /usr and its workspace.
class SandboxBuilder final : public Builder {
public:
    SandboxBuilder(const Settings& settings, const Account& account);

    std::string name() const override { return "sandbox"; }
    std::string whyUnusable() const override;
    Command prepare(const Workspace& workspace, const BuildRecord& record) const override;

private:
    std::vector<std::string> isolation() const;
    std::vector<std::string> system() const;
    std::vector<std::string> dropPrivileges() const;
};

/// makepkg as the build account and nothing around it. It sees all that this account may see.
class PlainBuilder final : public Builder {
public:
    PlainBuilder(const Settings& settings, const Account& account);

    std::string name() const override { return "plain"; }
    std::string whyUnusable() const override;
    Command prepare(const Workspace& workspace, const BuildRecord& record) const override;
};

/// makechrootpkg of Arch's devtools, in a copy of a clean chroot per build. Needs root.
///
/// The one that installs dependencies, and so the one that uses the extra repositories of a build. Their keys are those
/// of this machine's pacman-key, as makechrootpkg has it.
class ChrootBuilder final : public Builder {
public:
    ChrootBuilder(const Settings& settings, const Account& account);

    std::string name() const override { return "chroot"; }
    std::string whyUnusable() const override;
    Command prepare(const Workspace& workspace, const BuildRecord& record) const override;
    std::optional<Command> recreateBuildroot() const override;
    bool isBuildrootMissing() const override;

private:
    std::filesystem::path buildroot() const;
    std::vector<std::string> useRepositories(const Workspace& workspace, const std::string& repositories) const;
};

} // namespace apbfarm::server
