// SPDX-License-Identifier: MIT
#include "ldap_authenticator.h"

#include <apbfarm/plugin.h>

APB_FARM_PLUGIN("auth-ldap", "1.0.0")
{
    using Kind = apbfarm::OptionKind;
    registry.add(apbfarm::Provider<apbfarm::Authenticator>{
        .name = "ldap",
        .summary = "People of an LDAP directory",
        .options =
            {
                {"url", "",
                 "Address of the directory, ldaps://ldap.example.org; several, separated by spaces, are tried in turn"},
                {"startTls", "false", "Encrypt a connection to ldap:// before anything is sent", Kind::Flag},
                {"plaintext", "false", "Allow passwords to travel unencrypted", Kind::Flag},
                {"caFile", "/etc/ssl/certs/ca-certificates.crt",
                 "Certificate authorities that the directory's certificate is checked with"},
                {"searchBase", "", "People are searched for below this DN"},
                {"searchFilter", "(uid={name})", "Finds the one person with the name that was typed"},
                {"bindDn", "", "DN of the account that searches; empty: without a name"},
                {"bindPasswordFile", "", "File with the password of that account"},
                {"bindTemplate", "",
                 "DN of the person with that name, instead of a search: uid={name},ou=people,dc=example,dc=org"},
                {"nameAttribute", "uid", "The account of a person is named after it"},
                {"mailAttribute", "mail", "Address of new accounts"},
                {"subjectAttribute", "entryUUID",
                 "Never changes and is never used again: objectGUID in Active Directory; where it is missing, the DN"},
                {"adminGroup", "", "DN of the group whose members become administrators at their first log-in"},
                {"requiredGroup", "", "DN of the group whose members may log in; empty: everybody"},
                {"groupFilter", "(|(member={dn})(uniqueMember={dn})(memberUid={name}))",
                 "Matches a group that the person is in"},
                {"timeout", "5", "Seconds for all questions of one log-in", Kind::Whole, 1, 60},
            },
        .create = [](apbfarm::ExtensionContext& context) {
            return std::make_unique<directory::LdapAuthenticator>(directory::readSettings(context.config()),
                                                                  context.logger());
        },
    });
}
