// SPDX-License-Identifier: MIT
#pragma once

#include "account.h"
#include "build_record.h"

#include <vector>

namespace apbfarm::server {

/// The fresh folder that one run of a build gets, owned by the build account. Removed by the destructor.
///
///     start/   what was submitted, PKGBUILD at the top
///     build/ sources/ packages/ home/ tmp/   what makepkg writes
///     etc/     makepkg.conf and the few files a sandbox needs; ours, not the account's
class Workspace {
public:
    /// Throws std::filesystem::filesystem_error or std::system_error.
    Workspace(BuildFolder folder, const Account& account);
    ~Workspace();
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;

    std::filesystem::path root() const { return folder_.scratch() / "root"; }   ///< of the account
    std::filesystem::path etc() const { return folder_.scratch() / "etc"; }
    const Account& account() const { return account_; }

    void writeEtc(const std::string& name, const std::string& text) const;

    /// Moves finished packages to the build's folder and makes them ours. Only when no build process is left.
    /// Files with unusual names and anything but plain files stay behind.
    std::vector<PackageFile> collectPackages() const;

private:
    void giveAway(const std::filesystem::path& path) const;

    BuildFolder folder_;
    Account account_;
};

/// Removes a folder even when a build took away the permission to look into it.
void removeTree(const std::filesystem::path& folder);

} // namespace apbfarm::server
