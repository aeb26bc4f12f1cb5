// SPDX-License-Identifier: MIT
#include "service/server_care.h"

#include "util/text.h"

#include <apbfarm/errors.h>

namespace apbfarm::service {

namespace {

constexpr std::size_t kLongestNote = 2000;
constexpr std::size_t kTurnsKept = 100;

std::string drainedKey(const ServerId& server)
{
    return "server.drained " + server;
}

std::string noteKey(const ServerId& server)
{
    return "server.note " + server;
}

std::string healthWord(const fleet::ServerView& server)
{
    const std::string word(toText(server.snapshot.health));
    return server.failures > 0 && server.snapshot.health != ServerHealth::Unavailable ? word + ", no answer" : word;
}

} // namespace

ServerCare::ServerCare(SettingStore& settings, AuditStore& audit, fleet::Fleet& fleet, const util::Clock& clock,
                       Probe probe)
    : settings_(settings), audit_(audit), fleet_(fleet), clock_(clock), probe_(std::move(probe))
{
    for (const auto& server : fleet_.list())
        fleet_.setDrained(server.snapshot.id, settings_.get(drainedKey(server.snapshot.id)).has_value());
}

void ServerCare::drain(const ServerId& server, const Caller& caller)
{
    require(server);
    settings_.set(drainedKey(server), caller.who.username);
    fleet_.setDrained(server, true);
    record("server_drained", server, caller);
}

void ServerCare::resume(const ServerId& server, const Caller& caller)
{
    require(server);
    settings_.remove(drainedKey(server));
    fleet_.setDrained(server, false);
    record("server_resumed", server, caller);
}

void ServerCare::setNote(const ServerId& server, const std::string& note, const Caller& caller)
{
    require(server);
    if (note.size() > kLongestNote || !util::isUtf8(note))
        throw InvalidInput("note must be text of at most " + std::to_string(kLongestNote) + " bytes", "invalid_input",
                           {{"note", "is too long or not UTF-8"}});
    if (util::trim(note).empty())
        settings_.remove(noteKey(server));
    else
        settings_.set(noteKey(server), note);
    record("server_note_changed", server, caller);
}

std::string ServerCare::note(const ServerId& server) const
{
    return settings_.get(noteKey(server)).value_or("");
}

ServerCare::Trial ServerCare::test(const ServerId& server, const Caller& caller)
{
    require(server);
    const auto begin = clock_.steady();
    const auto answer = probe_(server);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - begin).count();
    Trial trial;
    if (const auto* info = std::get_if<fleet::ServerInfo>(&answer)) {
        trial.answered = true;
        trial.sentence = "It answered within " + std::to_string(took) + " ms: version " + info->version + ", "
                         + info->architecture + ", " + std::to_string(info->slots) + " slots";
    } else {
        trial.sentence = "It did not answer as it should: " + std::get<fleet::CallError>(answer).text;
    }
    trial.sentence = util::oneLine(trial.sentence, 400);
    record("server_tested", server, caller, trial.answered ? "ok" : "failed");
    return trial;
}

void ServerCare::observe()
{
    const auto now = clock_.wall();
    for (const auto& server : fleet_.list()) {
        const auto word = healthWord(server) + (server.drained ? ", drained" : "");
        turns_.with([&](auto& all) {
            auto& turns = all[server.snapshot.id];
            if (!turns.empty() && turns.front().health == word)
                return;
            turns.push_front({now, word, util::oneLine(server.reason, 400)});
            if (turns.size() > kTurnsKept)
                turns.pop_back();
        });
    }
}

std::vector<ServerCare::Turn> ServerCare::history(const ServerId& server) const
{
    return turns_.with([&](const auto& all) {
        const auto found = all.find(server);
        return found == all.end() ? std::vector<Turn>() : std::vector<Turn>(found->second.begin(), found->second.end());
    });
}

void ServerCare::require(const ServerId& server) const
{
    if (!fleet_.find(server))
        throw NotFound("There is no build server '" + util::oneLine(server, 128) + "'", "server_not_found",
                       "Server not found");
}

void ServerCare::record(const char* action, const ServerId& server, const Caller& caller, const std::string& result)
{
    audit_.append({clock_.wall(), caller.who.username, action, server, caller.address, result, caller.requestId});
}

} // namespace apbfarm::service
