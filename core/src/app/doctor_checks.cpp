// SPDX-License-Identifier: MIT
// Database, key, servers and machine.
#include "app/doctor_checks.h"

#include "app/control_socket.h"
#include "app/live_settings.h"
#include "fleet/server_client.h"
#include "storage/sealed_values.h"
#include "util/secret_box.h"

#include <apbfarm/errors.h>

#include <sys/resource.h>

#include <fstream>
#include <sstream>

namespace apbfarm::app {

namespace fs = std::filesystem;

namespace {

constexpr rlim_t kFilesBesideConnections = 1000;   // logs, uploads, database, servers

/// "Max open files  65536  65536  files"
std::optional<rlim_t> openFilesOf(pid_t process)
{
    std::ifstream limits("/proc/" + std::to_string(process) + "/limits");
    for (std::string line; std::getline(limits, line);)
        if (line.starts_with("Max open files")) {
            rlim_t soft = 0;
            std::istringstream(line.substr(14)) >> soft;
            return soft;
        }
    return std::nullopt;
}

rlim_t ownOpenFiles()
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

std::string complaintAbout(const fleet::Answer<fleet::ServerInfo>& answer, const ServerEntry& server)
{
    if (const auto* error = std::get_if<fleet::CallError>(&answer))
        return server.url + ": " + error->text;
    const auto& architecture = std::get<fleet::ServerInfo>(answer).architecture;
    if (!architecture.empty() && architecture != server.group)
        return server.url + " builds for " + architecture + " and is configured for " + server.group;
    return "";
}

} // namespace

std::optional<storage::DatabaseFacts> checkDatabase(const StateLayout& layout, Findings& findings)
{
    if (!fs::exists(layout.database)) {
        findings.warn("database", layout.database.string() + " does not exist",
                      "A first start of the farm makes it; check database.path if there was one");
        return std::nullopt;
    }
    auto facts = storage::readDatabaseFacts(layout.database);
    findings.summarize("database", Verdict::Fail, facts.faults, layout.database.string() + " is whole",
                       "Stop the farm and restore a backup: apb-farm restore --force BACKUP");
    if (!facts.faults.empty())
        return std::nullopt;
    if (facts.foreignKeyFaults > 0)
        findings.warn("references", std::to_string(facts.foreignKeyFaults) + " rows refer to rows that are not there",
                      "Restore a backup if this is new; rows of an older farm may be so and do no harm");
    if (facts.schema > facts.knownSchema)
        findings.fail("schema", std::to_string(facts.schema) + ", newer than this program knows",
                      "Install the newer program again, or restore the backup from before the upgrade");
    else if (facts.schema < facts.knownSchema)
        findings.warn("schema",
                      std::to_string(facts.schema) + ", older than this program's " + std::to_string(facts.knownSchema),
                      "The next start copies the database and brings it up to date; apb-farm --import-check tells how");
    else
        findings.ok("schema", std::to_string(facts.schema));
    return facts.schema == facts.knownSchema ? std::optional(std::move(facts)) : std::nullopt;
}

void checkKey(const StateLayout& layout, Findings& findings)
{
    if (!fs::exists(layout.database))
        return;
    const auto values = storage::listSealedValues(layout.database);
    if (!fs::exists(layout.key)) {
        if (values.empty())
            return findings.ok("key", "Nothing is sealed yet");
        return findings.fail("key",
                             layout.key.string() + " is missing and " + std::to_string(values.size()) +
                                 " secrets are sealed with it",
                             "Put it back from where you keep a copy, or enter the secrets again");
    }
    auto box = util::AesSecretBox::fromFile(layout.key);
    std::vector<std::string> closed;
    for (const auto& value : values) {
        try {
            box.open(value.sealed, value.place());
        } catch (const InvalidInput&) {
            closed.push_back(value.table + "." + value.column + " of row " + std::to_string(value.row) +
                             " does not open");
        }
    }
    findings.summarize("key", Verdict::Fail, closed, "opens all " + std::to_string(values.size()) + " secrets",
                       layout.key.string() + " is not the key that they were sealed with: put that one back, or enter "
                       "the secrets again");
}

void checkServers(const FarmConfig& config, Findings& findings)
{
    std::vector<std::string> silent;
    const auto options = clientOptionsOf(config, serverSecretsOf(config, [](const std::string&) {}));
    for (const auto& server : config.servers)
        if (auto complaint = complaintAbout(fleet::ServerClient(server.url, options).info(), server);
            !complaint.empty())
            silent.push_back(std::move(complaint));
    findings.summarize("build servers", silent.size() < config.servers.size() ? Verdict::Warn : Verdict::Fail, silent,
                       "all " + std::to_string(config.servers.size()) + " answer",
                       "Look at that machine; builds that it has are kept, others go elsewhere meanwhile");
}

void checkClock(const storage::DatabaseFacts* facts, Findings& findings)
{
    const auto now = util::SystemClock().wall();
    if (facts && facts->newest && *facts->newest > now + std::chrono::minutes(1))
        return findings.fail("clock", "The newest build was submitted in the future: the clock was set back",
                             "Set the clock, and let the machine follow a time server");
    findings.ok("clock", "not before the newest build");
}

void checkOpenFiles(const FarmConfig& config, const StateLayout& layout, Findings& findings)
{
    const auto farm = runningFarm(layout.directory);
    const auto ofFarm = farm ? openFilesOf(*farm) : std::nullopt;
    const auto limit = ofFarm.value_or(ownOpenFiles());
    const auto text = std::to_string(limit) + (ofFarm ? " for the running farm" : " here");
    if (limit < config.http.maxConnections + kFilesBesideConnections)
        findings.warn("open files",
                      text + ", fewer than http.maxConnections = " + std::to_string(config.http.maxConnections) +
                          " and " + std::to_string(kFilesBesideConnections) + " more",
                      "Set LimitNOFILE= in the unit or ulimit -n, or lower http.maxConnections");
    else
        findings.ok("open files", text);
}

} // namespace apbfarm::app
