// SPDX-License-Identifier: MIT
#pragma once

#include "app/doctor.h"
#include "app/state_layout.h"
#include "storage/database_facts.h"

#include <optional>

namespace apbfarm::app {

/// Gathers findings; the worst of several faults of one kind is shown with how many there are.
class Findings {
public:
    void ok(std::string check, std::string text)
    {
        list_.push_back({std::move(check), Verdict::Ok, std::move(text), ""});
    }
    void warn(std::string check, std::string text, std::string remedy)
    {
        list_.push_back({std::move(check), Verdict::Warn, std::move(text), std::move(remedy)});
    }
    void fail(std::string check, std::string text, std::string remedy)
    {
        list_.push_back({std::move(check), Verdict::Fail, std::move(text), std::move(remedy)});
    }
    /// Fine when `faults` is empty; otherwise the first few of them.
    void summarize(const std::string& check, Verdict verdict, const std::vector<std::string>& faults,
                   const std::string& allIsWell, const std::string& remedy);

    const std::vector<Finding>& list() const { return list_; }

private:
    std::vector<Finding> list_;
};

void checkFolders(const StateLayout& layout, Findings& findings);
void checkInterruptions(const StateLayout& layout, Findings& findings);
void checkDisk(const FarmConfig& config, Findings& findings);
/// Empty when there is nothing in it that could be looked at.
std::optional<storage::DatabaseFacts> checkDatabase(const StateLayout& layout, Findings& findings);
void checkFiles(const StateLayout& layout, const storage::DatabaseFacts& facts, bool deep, Findings& findings);
void checkKey(const StateLayout& layout, Findings& findings);
void checkServers(const FarmConfig& config, Findings& findings);
void checkClock(const storage::DatabaseFacts* facts, Findings& findings);
void checkOpenFiles(const FarmConfig& config, const StateLayout& layout, Findings& findings);

} // namespace apbfarm::app
