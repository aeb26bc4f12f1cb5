// SPDX-License-Identifier: MIT
#include "builder.h"

#include "builders.h"
#include "makepkg_config.h"

#include <algorithm>
#include <stdexcept>
#include <thread>

namespace apbfarm::server {

std::vector<std::string> Builder::makepkg(const std::filesystem::path& configuration)
{
    // No pacman database and no keyring belong to a build here: dependencies are the system's, sources are held to
    // their checksums.
    return {"makepkg", "--config", configuration, "--nodeps", "--nosign", "--noconfirm", "--nocolor", "--skippgpcheck"};
}

std::vector<std::string> Builder::environment(const std::filesystem::path& root) const
{
    return {"PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
            "HOME=" + (root / "home").string(),
            "TMPDIR=" + (root / "tmp").string(),
            "USER=" + account_.name,
            "LOGNAME=" + account_.name,
            "LANG=C.UTF-8",
            "TERM=dumb",
            "SHELL=/bin/bash"};
}

std::string Builder::configuration(const std::filesystem::path& root) const
{
    MakepkgConfig config;
    config.architecture = settings_.architecture;
    config.root = root;
    config.packager = settings_.packager;
    const int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    config.jobs = std::max(1, (cores + settings_.maxConcurrent - 1) / settings_.maxConcurrent);
    config.allowNetwork = settings_.allowNetwork;
    return config.text();
}

std::optional<Command> Builder::recreateBuildroot() const
{
    if (settings_.buildrootCommand.empty())
        return std::nullopt;
    return Command{{"sh", "-c", settings_.buildrootCommand, "sh", settings_.buildroot},
                   {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8"},
                   {}, std::nullopt};
}

namespace {

std::unique_ptr<Builder> make(BuilderKind kind, const Settings& settings, const Account& account)
{
    switch (kind) {
    case BuilderKind::Chroot: return std::make_unique<ChrootBuilder>(settings, account);
    case BuilderKind::Plain: return std::make_unique<PlainBuilder>(settings, account);
    default: return std::make_unique<SandboxBuilder>(settings, account);
    }
}

} // namespace

std::unique_ptr<Builder> chooseBuilder(const Settings& settings, const Account& account, std::string& warn)
{
    if (settings.builder != BuilderKind::Auto) {
        auto builder = make(settings.builder, settings, account);
        if (const auto why = builder->whyUnusable(); !why.empty())
            throw std::runtime_error("the builder '" + builder->name() + "' does not work here: " + why);
        if (settings.builder == BuilderKind::Plain)
            warn = "builds run without a sandbox: they can read what the account '" + account.name + "' can read";
        return builder;
    }
    std::string reasons;
    for (const auto kind : {BuilderKind::Chroot, BuilderKind::Sandbox, BuilderKind::Plain}) {
        auto builder = make(kind, settings, account);
        const auto why = builder->whyUnusable();
        if (why.empty()) {
            if (kind == BuilderKind::Plain)
                warn = "NO SANDBOX: builds run as the account '" + account.name
                       + "' and can read what it can read and use the network" + reasons;
            return builder;
        }
        reasons += "; " + builder->name() + ": " + why;
    }
    throw std::runtime_error("nothing here can build packages" + reasons);
}

} // namespace apbfarm::server
