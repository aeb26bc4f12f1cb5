// SPDX-License-Identifier: MIT
#include "builders.h"

#include "makepkg_config.h"

#include <unistd.h>

namespace apbfarm::server {

namespace fs = std::filesystem;

ChrootBuilder::ChrootBuilder(const Settings& settings, const Account& account) : Builder(settings, account) {}

fs::path ChrootBuilder::buildroot() const
{
    return settings_.buildroot.empty() ? fs::path("/var/lib/archbuild/apb") : settings_.buildroot;
}

bool ChrootBuilder::isBuildrootMissing() const
{
    return !fs::exists(buildroot() / "root");
}

std::string ChrootBuilder::whyUnusable() const
{
    if (!fs::exists("/usr/bin/makechrootpkg"))
        return "makechrootpkg is not installed";
    if (::getuid() != 0)
        return "makechrootpkg needs root";
    if (!account_.differsFromOurs)
        return "it needs an account to build as";
    return {};
}

Command ChrootBuilder::prepare(const Workspace& workspace) const
{
    // makechrootpkg hands the destinations of its environment to the makepkg inside; a name per build keeps the
    // copies of concurrent builds apart, -T removes the copy afterwards.
    const auto root = fs::absolute(workspace.root());
    Command command;
    command.arguments = {"makechrootpkg", "-c", "-T", "-U", account_.name, "-r", buildroot(), "--",
                         "--nosign", "--noconfirm", "--nocolor"};
    command.environment = environment(root);
    for (const auto& [name, folder] : {std::pair("SRCDEST=", "sources"), {"PKGDEST=", "packages"},
                                       {"SRCPKGDEST=", "packages"}, {"LOGDEST=", "build"}})
        command.environment.push_back(name + (root / folder).string());
    command.environment.push_back("PACKAGER=" + settings_.packager);
    command.directory = root / "start";
    return command;
}

std::optional<Command> ChrootBuilder::recreateBuildroot() const
{
    if (auto configured = Builder::recreateBuildroot())
        return configured;
    return Command{{"sh", "-c", "rm -rf \"$1/root\" && mkdir -p \"$1\" && mkarchroot \"$1/root\" base-devel", "sh",
                    buildroot().string()},
                   {"PATH=/usr/local/sbin:/usr/local/bin:/usr/bin", "HOME=/root", "LANG=C.UTF-8"}, {}, std::nullopt};
}

} // namespace apbfarm::server
