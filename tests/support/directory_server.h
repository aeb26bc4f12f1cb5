// SPDX-License-Identifier: MIT
#pragma once

#include "support/certificate.h"
#include "support/child_process.h"
#include "support/free_port.h"
#include "support/temp_dir.h"

#include <fstream>
#include <memory>
#include <string>

namespace apbfarm::test {

/// Debian's slapd with a few people, on free ports of this machine. Its certificate is for 127.0.0.1 and signs itself.
///
/// carol (administrator), dave, `o'neil(x)*` and somebody whose DN has to be escaped; the passwords are "<first word of
/// the name> of the directory". Only the account cn=farm may search.
class DirectoryServer {
public:
    explicit DirectoryServer(const std::string& people = kPeople)
    {
        std::filesystem::create_directory(dir_ / "data");
        std::ofstream(dir_ / "slapd.conf") << configuration();
        std::ofstream(dir_ / "people.ldif") << people;
        std::ofstream(dir_ / "password") << "password of the farm\n";
        std::filesystem::permissions(dir_ / "password", std::filesystem::perms::owner_read);
        ChildProcess add({"/usr/sbin/slapadd", "-f", dir_ / "slapd.conf", "-l", dir_ / "people.ldif"},
                         dir_ / "slapadd.log");
        if (add.wait() != 0)
            throw std::runtime_error("slapadd: " + add.output());
        start();
    }

    /// Under the same address as before, if there was one.
    void start()
    {
        for (int attempt = 0; attempt < 5; ++attempt) {
            if (attempt > 0 || port_ == 0) {
                port_ = freePort();
                tlsPort_ = freePort();
            }
            program_ = std::make_unique<ChildProcess>(
                std::vector<std::string>{"/usr/sbin/slapd", "-f", dir_ / "slapd.conf", "-h", url() + " " + tlsUrl(),
                                         "-d", "0"},
                dir_ / "log");
            eventually([&] { return (listens(port_) && listens(tlsPort_)) || !program_->isRunning(); });
            if (program_->isRunning())
                return;
        }
        throw std::runtime_error("slapd did not start:\n" + program_->output());
    }
    void stop() { program_->terminate(); }
    /// It takes connections and says nothing.
    void freeze() { program_->signal(SIGSTOP); }
    void thaw() { program_->signal(SIGCONT); }

    std::string url() const { return "ldap://127.0.0.1:" + std::to_string(port_); }
    std::string tlsUrl(const std::string& host = "127.0.0.1") const
    {
        return "ldaps://" + host + ":" + std::to_string(tlsPort_);
    }
    std::string caFile() const { return certificate_.certificate; }
    std::string passwordFile() const { return dir_ / "password"; }

    /// Options of `auth.ldap` that find people by a search over TLS.
    std::map<std::string, std::string> searchOptions() const
    {
        return {{"url", tlsUrl()},
                {"caFile", caFile()},
                {"searchBase", "ou=people,dc=example,dc=org"},
                {"bindDn", "cn=farm,dc=example,dc=org"},
                {"bindPasswordFile", passwordFile()},
                {"adminGroup", "cn=operators,ou=groups,dc=example,dc=org"}};
    }

private:
    static constexpr auto kPeople = R"(dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: cn=farm,dc=example,dc=org
objectClass: organizationalRole
objectClass: simpleSecurityObject
userPassword: password of the farm

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit

dn: uid=carol,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
sn: C
cn: Carol
uid: carol
mail: carol@example.org
userPassword: carol of the directory

dn: uid=dave,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
sn: D
cn: Dave
uid: dave
userPassword: dave of the directory

dn: uid=o'neil(x)*,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
sn: O
cn: O
uid: o'neil(x)*
userPassword: o'neil of the directory

dn: uid=a\,b\+c\"d\\e,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
sn: A
cn: A
uid: a,b+c"d\e
userPassword: a of the directory

dn: cn=twin,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
sn: T
cn: twin
uid: twin
userPassword: twin of the directory

dn: cn=other twin,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
sn: T
cn: other twin
uid: twin
userPassword: twin of the directory

dn: uid=silent,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
sn: S
cn: without a password
uid: silent

dn: ou=groups,dc=example,dc=org
objectClass: organizationalUnit

dn: cn=operators,ou=groups,dc=example,dc=org
objectClass: groupOfNames
member: uid=carol,ou=people,dc=example,dc=org

dn: cn=builders,ou=groups,dc=example,dc=org
objectClass: posixGroup
gidNumber: 1000
memberUid: dave
)";

    static bool listens(std::uint16_t port)
    {
        const util::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return ::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }

    std::string configuration() const
    {
        std::string text;
        for (const auto* schema : {"core", "cosine", "inetorgperson", "nis"})
            text += std::string("include /etc/ldap/schema/") + schema + ".schema\n";
        return text + "modulepath /usr/lib/ldap\nmoduleload back_mdb\npidfile " + std::string(dir_ / "pid") + "\n"
               + "TLSCACertificateFile " + certificate_.certificate + "\nTLSCertificateFile " + certificate_.certificate
               + "\nTLSCertificateKeyFile " + certificate_.key
               + "\ndatabase mdb\nmaxsize 16777216\nsuffix dc=example,dc=org\n"
               + "directory " + std::string(dir_ / "data") + "\n"
               + "access to attrs=userPassword by anonymous auth by * none\n"
               + "access to * by dn.exact=cn=farm,dc=example,dc=org read by self read by anonymous auth by * none\n";
    }

    TempDir dir_;
    Certificate certificate_{dir_, "IP:127.0.0.1"};
    std::unique_ptr<ChildProcess> program_;
    std::uint16_t port_ = 0, tlsPort_ = 0;
};

} // namespace apbfarm::test
