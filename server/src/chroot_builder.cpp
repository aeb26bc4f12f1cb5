// SPDX-License-Identifier: MIT
#include "builders.h"

#include "pacman_config.h"

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

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

/// Options that put a pacman.conf with them in the place of the chroot's, and fetch what they offer.
std::vector<std::string> ChrootBuilder::useRepositories(const Workspace& workspace, const std::string& repositories) const
{
    if (repositories.empty() || repositories == "[]")
        return {};
    const auto path = buildroot() / "root/etc/pacman.conf";
    std::ifstream file(path);
    std::ostringstream text;
    if (!(text << file.rdbuf()))
        throw std::runtime_error("cannot read " + path.string());
    workspace.writeEtc("pacman.conf", withRepositories(text.str(), repositories));
    std::string mount;
    for (const char c : fs::absolute(workspace.etc() / "pacman.conf").string())
        mount += c == ':' ? std::string("\\:") : std::string(1, c);
    return {"-u", "-D", mount + ":/etc/pacman.conf"};
}

Command ChrootBuilder::prepare(const Workspace& workspace, const BuildRecord& record) const
{
    // makechrootpkg hands the destinations of its environment to the makepkg inside; a name per build keeps the
    // copies of concurrent builds apart, -T removes the copy afterwards.
    const auto root = fs::absolute(workspace.root());
    Command command;
    command.arguments = {"makechrootpkg", "-c", "-T", "-U", account_.name, "-r", buildroot()};
    const auto repositories = useRepositories(workspace, record.extraRepos);
    command.arguments.insert(command.arguments.end(), repositories.begin(), repositories.end());
    command.arguments.insert(command.arguments.end(), {"--", "--nosign", "--noconfirm", "--nocolor"});
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
