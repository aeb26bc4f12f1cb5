// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/model.h>
#include <apbfarm/storage.h>

#include <map>
#include <string>
#include <vector>

namespace webhook {

/// A message that a target will never accept.
struct Refusal {
    std::string message, target, event, subject, reason;
    double at = 0;                   ///< seconds since 1970
};

/// Which targets are done with which messages, in the table `webhook_outcomes`, so that a target that has a message
/// does not get it again while another one is away. Refusals stay for 30 days, for administrators. Thread-safe.
class OutcomeLog {
public:
    explicit OutcomeLog(apbfarm::Storage& storage);

    /// Target and why it refused; empty when it took the message.
    std::map<std::string, std::string> of(const std::string& message);
    void delivered(const apbfarm::Notification& message, const std::string& target);
    void refused(const apbfarm::Notification& message, const std::string& target, const std::string& reason);
    /// Newest first.
    std::vector<Refusal> refusals(int limit);

private:
    void write(const apbfarm::Notification& message, const std::string& target, const std::string& reason);

    apbfarm::ModuleTables& tables_;
};

} // namespace webhook
