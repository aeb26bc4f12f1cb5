// SPDX-License-Identifier: MIT
#include "pam_session.h"

#include <apbfarm/errors.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace pam {

using apbfarm::Unavailable;

namespace {

/// Modules ask for pauses after a failure. The farm slows down who guesses by itself, without holding a thread.
void noDelay(int, unsigned, void*) {}

/// PAM could not find out; everything else but success is a no.
bool isTrouble(int result)
{
    switch (result) {
    case PAM_OPEN_ERR:
    case PAM_SYMBOL_ERR:
    case PAM_SERVICE_ERR:
    case PAM_SYSTEM_ERR:
    case PAM_BUF_ERR:
    case PAM_ABORT:
    case PAM_AUTHINFO_UNAVAIL:
    case PAM_MODULE_UNKNOWN:
    case PAM_BAD_ITEM:
        return true;
    default:
        return false;
    }
}

} // namespace

Session::Session(const std::string& service, const std::string& directory, const std::string& name,
                 std::string password, const std::string& clientAddress)
    : password_(std::move(password))
{
    const pam_conv conversation{converse, this};
    last_ = ::pam_start_confdir(service.c_str(), name.c_str(), &conversation,
                                directory.empty() ? nullptr : directory.c_str(), &handle_);
    if (last_ != PAM_SUCCESS)
        throw Unavailable(std::string("PAM: ") + ::pam_strerror(handle_, last_), "pam_unavailable");
    ::pam_set_item(handle_, PAM_RHOST, clientAddress.c_str());
    ::pam_set_item(handle_, PAM_FAIL_DELAY, reinterpret_cast<const void*>(&noDelay));
}

Session::~Session()
{
    if (handle_)
        ::pam_end(handle_, last_);
    ::explicit_bzero(password_.data(), password_.size());
}

std::string Session::check(bool allowEmpty)
{
    const int flags = PAM_SILENT | (allowEmpty ? 0 : PAM_DISALLOW_NULL_AUTHTOK);
    // An expired password is a no: there is nobody here who could type a new one.
    if (!isYes(::pam_authenticate(handle_, flags)) || !answered_ || !isYes(::pam_acct_mgmt(handle_, flags)))
        return {};
    const void* name = nullptr;
    if (!isYes(::pam_get_item(handle_, PAM_USER, &name)) || !name)
        return {};
    return static_cast<const char*>(name);
}

bool Session::isYes(int result)
{
    last_ = result;
    if (isTrouble(result))
        throw Unavailable(std::string("PAM: ") + ::pam_strerror(handle_, result), "pam_unavailable");
    return result == PAM_SUCCESS;
}

int Session::converse(int count, const pam_message** messages, pam_response** responses, void* session)
{
    if (count <= 0 || count > PAM_MAX_NUM_MSG)
        return PAM_CONV_ERR;
    auto* answers = static_cast<pam_response*>(std::calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
    if (!answers)
        return PAM_BUF_ERR;
    for (int i = 0; i < count; ++i) {
        answers[i] = static_cast<Session*>(session)->answer(*messages[i]);
        const int style = messages[i]->msg_style;
        const bool isQuestion = style == PAM_PROMPT_ECHO_OFF || style == PAM_PROMPT_ECHO_ON;
        if (!isQuestion || answers[i].resp)
            continue;
        for (int k = 0; k < i; ++k)
            if (answers[k].resp) {
                ::explicit_bzero(answers[k].resp, std::strlen(answers[k].resp));
                std::free(answers[k].resp);
            }
        std::free(answers);
        return PAM_CONV_ERR;
    }
    *responses = answers;
    return PAM_SUCCESS;
}

pam_response Session::answer(const pam_message& message)
{
    if (message.msg_style != PAM_PROMPT_ECHO_OFF || std::exchange(answered_, true))
        return {nullptr, 0};
    return {::strdup(password_.c_str()), 0};
}

} // namespace pam
