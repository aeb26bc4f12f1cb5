// SPDX-License-Identifier: MIT
#pragma once

#include "support/temp_dir.h"

#include <filesystem>
#include <fstream>
#include <string>

namespace apbfarm::test {

/// A PAM service in a folder of its own. A program behind `pam_exec` decides: everybody's password is "<name> of the
/// machine"; `expired` may not log in with it, and for
/// `broken` the module fails.
class PamService {
public:
    PamService()
    {
        script("password", "case \"$PAM_USER:$(tr -d '\\0')\" in\n"
                           "  carol:'carol of the machine' | dave:'dave of the machine') exit 0 ;;\n"
                           "  root:'root of the machine' | expired:'expired of the machine') exit 0 ;;\n"
                           "esac\nexit 1\n");
        script("away", "[ \"$PAM_USER\" != broken ]\n");
        script("account", "[ \"$PAM_USER\" != expired ]\n");
        const auto run = [&](const std::string& options, const std::string& name) {
            return "pam_exec.so quiet " + options + " " + std::string(dir_ / name) + "\n";
        };
        write("farm", "auth required " + run("", "away") + "auth sufficient " + run("expose_authtok", "password")
                          + "auth required pam_deny.so\naccount sufficient " + run("", "account")
                          + "account required pam_deny.so\n");
        write("careless", "auth required pam_permit.so\naccount required pam_permit.so\n");
    }

    std::string directory() const { return dir_.path(); }

private:
    void write(const std::string& name, const std::string& text) { std::ofstream(dir_ / name) << text; }
    void script(const std::string& name, const std::string& body)
    {
        write(name, "#!/bin/sh\n" + body);
        std::filesystem::permissions(dir_ / name, std::filesystem::perms::owner_all);
    }

    TempDir dir_;
};

} // namespace apbfarm::test
