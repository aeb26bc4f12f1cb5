// SPDX-License-Identifier: MIT
#include "app/doctor.h"

#include "app/config_check.h"
#include "app/control_socket.h"
#include "app/doctor_checks.h"
#include "util/json_writer.h"
#include "util/text.h"

#include <algorithm>
#include <ostream>

namespace apbfarm::app {

namespace {

const char* toText(Verdict verdict)
{
    switch (verdict) {
    case Verdict::Ok: return "ok";
    case Verdict::Warn: return "warn";
    case Verdict::Fail: return "fail";
    }
    return "";
}

/// What a check throws is a finding as well: the others are still wanted.
template <class Check> void attempt(const char* name, const char* remedy, Findings& findings, Check check)
{
    try {
        check();
    } catch (const std::exception& error) {
        findings.fail(name, error.what(), remedy);
    }
}

void checkPlugins(const FarmConfig& config, Poco::Logger& logger, Findings& findings)
{
    app::checkPlugins(config, logger);
    findings.ok("plugins", util::join(config.plugins.load, ", "));
}

void checkConfiguration(const FarmConfig& config, Findings& findings)
{
    for (const auto& warning : config.warnings)
        findings.warn("configuration", warning, "Change it, or live with it knowingly");
    if (config.warnings.empty())
        findings.ok("configuration", config.jsonFile.string() +
                                         (config.propertiesFile.empty() ? "" : ", " + config.propertiesFile.string()));
}

void checkState(const FarmConfig& config, bool deep, Findings& findings)
{
    const StateLayout layout(config);
    const auto farm = runningFarm(layout.directory);
    findings.ok("process", farm ? "The farm runs" : "No farm runs on this state");
    attempt("folders", "See to it that this account may read the farm's state", findings,
            [&] { checkFolders(layout, findings); });
    checkInterruptions(layout, findings);
    attempt("disk", "", findings, [&] { checkDisk(config, findings); });
    std::optional<storage::DatabaseFacts> facts;
    attempt("database", "Restore a backup: apb-farm restore --force BACKUP", findings,
            [&] { facts = checkDatabase(layout, findings); });
    if (facts)
        attempt("files", "See to it that this account may read the farm's state", findings,
                [&] { checkFiles(layout, *facts, deep, findings); });
    attempt("key", "Put the key back from where you keep a copy", findings, [&] { checkKey(layout, findings); });
    checkClock(facts ? &*facts : nullptr, findings);
    checkOpenFiles(config, layout, findings);
}

std::string asJson(const std::vector<Finding>& list, Verdict worst)
{
    util::JsonWriter json;
    json.beginObject().member("verdict", toText(worst)).key("checks").beginArray();
    for (const auto& finding : list)
        json.beginObject().member("check", finding.check).member("verdict", toText(finding.verdict))
            .member("text", finding.text).member("remedy", finding.remedy).endObject();
    return json.endArray().endObject().take() + "\n";
}

std::string asLines(const std::vector<Finding>& list)
{
    std::string text;
    for (const auto& finding : list)
        text += std::string(toText(finding.verdict)) + "  " + finding.check + ": " + util::oneLine(finding.text) +
                (finding.remedy.empty() ? "" : " -> " + util::oneLine(finding.remedy)) + "\n";
    return text;
}

} // namespace

int runDoctor(const std::function<FarmConfig()>& load, const DoctorOptions& options, Poco::Logger& logger,
              std::ostream& out)
{
    Findings findings;
    std::optional<FarmConfig> config;
    attempt("configuration", "Correct it; apb-farm --check-config tells whether it is fine", findings,
            [&] { config = load(); });
    if (config) {
        checkConfiguration(*config, findings);
        attempt("plugins",
                "Correct plugins.load, or install what is missing; apb-farm --list-plugins shows what there is",
                findings, [&] { checkPlugins(*config, logger, findings); });
        attempt("state", "", findings, [&] { checkState(*config, options.deep, findings); });
        attempt("build servers", "", findings, [&] { checkServers(*config, findings); });
    }
    const auto worst = std::ranges::max(findings.list(), {}, &Finding::verdict).verdict;
    out << (options.json ? asJson(findings.list(), worst) : asLines(findings.list()));
    return static_cast<int>(worst);
}

} // namespace apbfarm::app
