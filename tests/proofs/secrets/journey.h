// SPDX-License-Identifier: MIT
#pragma once

#include "plugins/mail_server.h"
#include "proofs/secrets/canaries.h"
#include "support/fake_build_server.h"
#include "support/farm_process.h"

#include <utility>

namespace apbfarm::proofs {

/// A farm that is given every kind of secret through every input that takes one, and everything that it answered.
class Journey {
public:
    explicit Journey(const char* logFormat);

    /// Log-ins, right and wrong; accounts; mail; submissions; requests that carry secrets where they do not belong.
    void run();
    /// GET of every route, by everybody.
    void readEverything();

    test::FarmProcess& farm() { return farm_; }
    const Canaries& canaries() const { return canaries_; }
    /// With what may stand in each: a new token in the answer that hands it over.
    struct Answer {
        std::string what, text;
        std::set<std::string> allowed;
    };
    const std::vector<Answer>& answers() const { return answers_; }
    std::vector<std::string> mails() const;
    bool serverWasToldItsSecret() const;

private:
    std::string login(const std::string& name, const std::string& password);
    std::string browserSession(const std::string& name, const std::string& password);
    void wrongLogins();
    void secretsInWrongPlaces();
    void accounts();
    void mail();
    void submissions();
    void ask(const test::HttpClient& client, const std::string& method, const std::string& target,
             const std::string& body = "", test::HttpHeaders headers = {});
    std::string fetched(const std::string& target, const test::HttpHeaders& headers) const;

    test::FakeBuildServer server_{"x86_64", 3};
    Canaries canaries_;
    std::string mailPassword_;
    test::MailServer mails_;
    test::FarmProcess farm_;
    std::vector<Answer> answers_;
    std::string serverSecret_, adminPassword_, alicePassword_, adminToken_, aliceToken_, cookie_;
    test::HttpClient admin_{0}, alice_{0};
};

}
