// SPDX-License-Identifier: MIT
#include "builders.h"

#include "util/text.h"

#include <unistd.h>

namespace apbfarm::server {

namespace fs = std::filesystem;

namespace {

constexpr auto kRoot = "/build";

std::string passwdOf(const Account& account)
{
    return "root:x:0:0:root:/:/usr/sbin/nologin\n" + account.name + ":x:" + std::to_string(account.uid) + ":"
           + std::to_string(account.gid) + ":builder:/build/home:/bin/bash\n";
}

std::string groupOf(const Account& account)
{
    return "root:x:0:\n" + account.name + ":x:" + std::to_string(account.gid) + ":\n";
}

} // namespace

SandboxBuilder::SandboxBuilder(const Settings& settings, const Account& account) : Builder(settings, account) {}

/// As root the kernel's own mounts are used and the account is changed to inside, so that a builds directory need not
/// be open to the account. Otherwise a user namespace stands in.
std::vector<std::string> SandboxBuilder::isolation() const
{
    std::vector<std::string> arguments{"bwrap", "--die-with-parent", "--new-session", "--unshare-ipc", "--unshare-pid",
                                       "--unshare-uts", "--unshare-cgroup-try", "--hostname", "builder"};
    if (!settings_.allowNetwork)
        arguments.push_back("--unshare-net");
    const std::vector<std::string> rights =
        account_.differsFromOurs
            ? std::vector<std::string>{"--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID",
                                       "--cap-add", "CAP_SETPCAP"}
            : std::vector<std::string>{"--unshare-user", "--uid", std::to_string(account_.uid), "--gid",
                                       std::to_string(account_.gid), "--cap-drop", "ALL"};
    arguments.insert(arguments.end(), rights.begin(), rights.end());
    return arguments;
}

std::vector<std::string> SandboxBuilder::system() const
{
    const fs::path root = settings_.buildroot.empty() ? fs::path("/") : settings_.buildroot;
    std::vector<std::string> arguments;
    const auto add = [&](std::initializer_list<std::string> more) { arguments.insert(arguments.end(), more); };
    add({"--ro-bind", root / "usr", "/usr"});
    for (const char* name : {"bin", "sbin", "lib", "lib32", "lib64", "libx32"}) {
        const auto path = root / name;
        if (fs::is_symlink(path))
            add({"--symlink", fs::read_symlink(path), std::string("/") + name});
        else if (fs::is_directory(path))
            add({"--ro-bind", path, std::string("/") + name});
    }
    // Folders that bwrap makes on the way to a file are closed to everyone else.
    for (const char* name : {"/etc", "/etc/ssl", "/var", "/var/lib", "/var/lib/pacman", "/var/lib/pacman/local"})
        add({"--perms", "0755", "--dir", name});
    for (const char* name : {"alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ssl/certs",
                             "ca-certificates", "localtime", "magic", "protocols", "services"})
        add({"--ro-bind-try", root / "etc" / name, std::string("/etc/") + name});
    if (settings_.allowNetwork)
        for (const char* name : {"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/gai.conf"})
            add({"--ro-bind-try", name, name});
    add({"--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/dev/shm", "--perms", "1777", "--tmpfs",
         "/tmp", "--perms", "1777", "--tmpfs", "/var/tmp"});
    return arguments;
}

std::vector<std::string> SandboxBuilder::dropPrivileges() const
{
    if (!account_.differsFromOurs)
        return {};
    return {"setpriv", "--reuid", std::to_string(account_.uid), "--regid", std::to_string(account_.gid),
            "--clear-groups", "--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all", "--"};
}

Command SandboxBuilder::prepare(const Workspace& workspace, const BuildRecord&) const
{
    workspace.writeEtc("makepkg.conf", configuration(kRoot));
    workspace.writeEtc("passwd", passwdOf(account_));
    workspace.writeEtc("group", groupOf(account_));
    workspace.writeEtc("pacman.conf", "[options]\nArchitecture = auto\n");
    workspace.writeEtc("alpm-version", "9\n");
    Command command;
    const auto add = [&](const std::vector<std::string>& more) {
        command.arguments.insert(command.arguments.end(), more.begin(), more.end());
    };
    add(isolation());
    add(system());
    for (const char* name : {"makepkg.conf", "pacman.conf", "passwd", "group"})
        add({"--ro-bind", workspace.etc() / name, std::string("/etc/") + name});
    // An empty database: makepkg asks what is installed, for the record that it puts into a package.
    add({"--ro-bind", workspace.etc() / "alpm-version", "/var/lib/pacman/local/ALPM_DB_VERSION"});
    add({"--bind", workspace.root(), kRoot, "--remount-ro", "/", "--chdir", "/", "--"});
    add(dropPrivileges());
    // Not by bwrap itself: its root has given up the right to enter the account's folders.
    add({"env", std::string("--chdir=") + kRoot + "/start"});
    add(makepkg("/etc/makepkg.conf"));
    command.environment = environment(kRoot);
    command.directory = "/";
    return command;
}

std::string SandboxBuilder::whyUnusable() const
{
    auto arguments = isolation();
    for (const auto& list : {system(), std::vector<std::string>{"--"}, dropPrivileges(),
                             std::vector<std::string>{"sh", "-c", "command -v makepkg >/dev/null && fakeroot true"}})
        arguments.insert(arguments.end(), list.begin(), list.end());
    const auto result = runToEnd({arguments, environment("/tmp"), "/", std::nullopt});
    if (result.code == 0)
        return {};
    const auto said = util::oneLine(util::trim(result.output), 300);
    return said.empty() ? "bubblewrap, makepkg or fakeroot is missing" : said;
}

} // namespace apbfarm::server
