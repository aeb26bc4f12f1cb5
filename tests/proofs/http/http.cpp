// SPDX-License-Identifier: MIT
#include "proofs/http/http.h"

#include "proofs/http/boundaries.h"
#include "proofs/http/kept.h"
#include "proofs/http/sender.h"
#include "support/fake_build_server.h"

namespace apbfarm::proofs {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kQuick = 10'000, kFull = 1'000'000;

/// "200-404" of two answers; "none" without any. "?" where something is no answer.
std::string statusesOf(std::string_view answers)
{
    std::string statuses;
    while (!answers.empty()) {
        const auto end = answers.find("\r\n\r\n");
        if (!answers.starts_with("HTTP/1.") || end == answers.npos)
            return statuses + "?";
        const auto status = answers.substr(9, 3);
        const auto field = answers.substr(0, end).find("Content-Length: ");
        const auto length = field == answers.npos ? 0 : std::strtoul(answers.data() + field + 16, nullptr, 10);
        answers.remove_prefix(std::min(end + 4 + length, answers.size()));
        statuses += (statuses.empty() ? "" : "-") + std::string(status);
    }
    return statuses.empty() ? "none" : statuses;
}

void replay(const test::FarmProcess& farm, const std::vector<KeptRequest>& kept, Tally& tally)
{
    std::vector<Sending> list;
    for (const auto& request : kept)
        list.push_back({(127u << 24) | (250u << 16) | static_cast<std::uint32_t>(list.size() + 1), request.bytes});
    const auto answers = sendAll(farm.port(), list, 1s);
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const auto statuses = statusesOf(answers[i]);
        tally.expect(statuses == kept[i].answers, kept[i].name + " was answered with " + statuses);
    }
    tally.say(std::to_string(kept.size()) + " kept requests");
    tally.expect(farm.guest().get("/health").status == 200, "the farm answers nobody any more");
}

std::vector<KeptRequest> chosen(const std::vector<std::string>& words)
{
    auto kept = keptRequests();
    std::erase_if(kept, [&](const KeptRequest& request) {
        return !words.empty() && std::ranges::find(words, request.name) == words.end();
    });
    return kept;
}

}

void http(const Options& options, Tally& tally)
{
    const test::FakeBuildServer server("x86_64", 0);
    test::FarmProcess farm({{"x86_64", server.url()}}, {{"log.level", "DEBUG"}, {"log.format", "json"},
                                                        {"http.trustedProxies", "127.0.0.1"},
                                                        {"auth.maxLoginAttempts", "1000"}});
    farm.start();
    replay(farm, chosen(options.words), tally);
    if (!options.words.empty())
        return;
    Boundaries boundaries(farm, keptRequests(), tally);
    const auto end = std::chrono::steady_clock::now() + options.time.value_or(1000h);
    boundaries.run(options.seed.value_or(1), options.time ? kFull : options.size(kQuick, kFull), end);
}

}
