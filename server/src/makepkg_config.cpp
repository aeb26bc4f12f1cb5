// SPDX-License-Identifier: MIT
#include "makepkg_config.h"

#include "util/text.h"

#include <sys/utsname.h>

#include <fstream>

namespace apbfarm::server {

namespace {

std::string quoted(const std::string& text)
{
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::string downloadAgents(bool allowNetwork)
{
    if (!allowNetwork)
        return "DLAGENTS=()\n";
    return "DLAGENTS=('file::/usr/bin/curl -qgC - -o %o %u'\n"
           "          'ftp::/usr/bin/curl -qgfC - --ftp-pasv --retry 3 --retry-delay 3 -o %o %u'\n"
           "          'http::/usr/bin/curl -qgb \"\" -fLC - --retry 3 --retry-delay 3 -o %o %u'\n"
           "          'https::/usr/bin/curl -qgb \"\" -fLC - --retry 3 --retry-delay 3 -o %o %u')\n";
}

constexpr auto kFixedPart = R"conf(
VCSCLIENTS=('bzr::bzr' 'fossil::fossil' 'git::git' 'hg::mercurial' 'svn::subversion')
BUILDENV=(!distcc !color !ccache check !sign)
OPTIONS=(strip docs !libtool !staticlibs emptydirs zipman purge !debug !lto)
INTEGRITY_CHECK=(sha256)
STRIP_BINARIES="--strip-all"
STRIP_SHARED="--strip-unneeded"
STRIP_STATIC="--strip-debug"
MAN_DIRS=({usr{,/local}{,/share},opt/*}/{man,info})
DOC_DIRS=(usr/{,local/}{,share/}{doc,gtk-doc} opt/*/{doc,gtk-doc})
PURGE_TARGETS=(usr/{,share}/info/dir .packlist *.pod)
DBGSRCDIR="/usr/src/debug"
COMPRESSGZ=(gzip -c -f -n)
COMPRESSBZ2=(bzip2 -c -f)
COMPRESSXZ=(xz -c -z -)
COMPRESSZST=(zstd -c -z -q -)
PKGEXT='.pkg.tar.zst'
SRCEXT='.src.tar.gz'
CFLAGS="-O2 -pipe -fno-plt -fexceptions -Wp,-D_FORTIFY_SOURCE=2 -fstack-clash-protection"
CXXFLAGS="$CFLAGS"
LDFLAGS="-Wl,-O1,--sort-common,--as-needed,-z,relro,-z,now"
)conf";

std::string pacmanArchitecture()
{
    std::ifstream file("/etc/pacman.conf");
    for (std::string line; std::getline(file, line);) {
        const auto equals = line.find('=');
        if (equals != std::string::npos && util::trim(line.substr(0, equals)) == "Architecture")
            return std::string(util::trim(line.substr(equals + 1)));
    }
    return {};
}

} // namespace

std::string MakepkgConfig::text() const
{
    const auto arch = packageArchitecture(architecture);
    std::string out = "CARCH=" + quoted(arch) + "\nCHOST=" + quoted(arch + "-linux-gnu") + "\n";
    for (const auto& [name, folder] : {std::pair("BUILDDIR", "build"), {"SRCDEST", "sources"},
                                       {"PKGDEST", "packages"}, {"SRCPKGDEST", "packages"}, {"LOGDEST", "build"}})
        out += std::string(name) + "=" + quoted((root / folder).string()) + "\n";
    out += "PACKAGER=" + quoted(packager) + "\nMAKEFLAGS=-j" + std::to_string(jobs) + "\n";
    return out + downloadAgents(allowNetwork) + kFixedPart;
}

std::string packageArchitecture(const std::string& architecture)
{
    return architecture == "espresso" ? "powerpc" : architecture;
}

std::string machineArchitecture()
{
    if (auto configured = pacmanArchitecture(); !configured.empty() && configured != "auto")
        return configured.substr(0, configured.find(' '));
    utsname machine{};
    ::uname(&machine);
    const std::string name = machine.machine;
    if (name == "ppc64le")
        return "powerpc64le";
    return name == "ppc64" ? "powerpc64" : name == "ppc" ? "powerpc" : name;
}

} // namespace apbfarm::server
