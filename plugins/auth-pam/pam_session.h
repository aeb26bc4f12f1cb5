// SPDX-License-Identifier: MIT
#pragma once

#include <security/pam_appl.h>

#include <string>

namespace pam {

/// One question to PAM: is this the password of that name, and may it log in? Not thread-safe.
///
/// PAM is answered one thing only, the password, once. A service that asks for more than that lets nobody in.
class Session {
public:
    /// `directory` has the service's file; empty: the system's. Throws `apbfarm::Unavailable`.
    Session(const std::string& service, const std::string& directory, const std::string& name, std::string password,
            const std::string& clientAddress);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Empty when PAM says no; else the name, which modules may have changed. Throws `apbfarm::Unavailable` when PAM
    /// could not find out.
    std::string check(bool allowEmpty);

private:
    static int converse(int count, const pam_message** messages, pam_response** responses, void* session);
    pam_response answer(const pam_message& message);
    bool isYes(int result);

    std::string password_;
    bool answered_ = false;
    pam_handle_t* handle_ = nullptr;
    int last_ = PAM_SUCCESS;
};

} // namespace pam
