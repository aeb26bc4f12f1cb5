// SPDX-License-Identifier: MIT
#include "proofs/secrets/journey.h"
#include "proofs/secrets/secrets.h"

#include "util/text.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

namespace apbfarm::proofs {

namespace {

namespace fs = std::filesystem;

class Search {
public:
    Search(const Canaries& canaries, Tally& tally) : canaries_(canaries), tally_(tally) {}

    void look(const std::string& where, std::string_view text, const std::set<std::string>& allowed = {})
    {
        ++places_;
        bytes_ += text.size();
        const auto found = canaries_.in(text, allowed);
        tally_.expect(found.empty(), where + " holds: " + util::join(found, ", "));
    }
    void told(const char* format) const
    {
        tally_.say(std::string("log as ") + format + ": " + std::to_string(canaries_.count()) + " secrets looked for in "
                   + std::to_string(places_) + " places, " + std::to_string(bytes_ >> 10) + " KiB");
    }

private:
    const Canaries& canaries_;
    Tally& tally_;
    std::size_t places_ = 0, bytes_ = 0;
};

/// The key lies in its own file only, and keys of submissions are kept for comparison: in the database.
std::set<std::string> allowedIn(const fs::path& file)
{
    if (file.filename() == "secret.key")
        return {"the key that seals"};
    if (file.filename().string().starts_with("farm.db"))
        return {"an idempotency key"};
    return {};
}

void lookAtFiles(const fs::path& folder, Search& search, Tally& tally)
{
    std::size_t databases = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        struct stat facts{};
        ::lstat(entry.path().c_str(), &facts);
        const auto name = fs::relative(entry.path(), folder).string();
        tally.expect((facts.st_mode & 077) == 0, name + " can be read by others (O2, X8)");
        if (!entry.is_regular_file())
            continue;
        search.look("the file " + name, test::readFile(entry.path()), allowedIn(entry.path()));
        databases += entry.path().filename().string().starts_with("farm.db");
    }
    tally.expect(databases >= 2, "there is no database with a backup to look at");
}

/// Aborted with every permission to leave a core file: there is none (C2).
void checkCore(test::FarmProcess& farm, Tally& tally)
{
    const auto pid = farm.process().pid();
    rlimit all{RLIM_INFINITY, RLIM_INFINITY};
    if (::prlimit(pid, RLIMIT_CORE, &all, nullptr) != 0)
        return tally.say("core files: not tried, their size cannot be raised here");
    farm.process().signal(SIGABRT);
    siginfo_t end{};
    ::waitid(P_PID, static_cast<id_t>(pid), &end, WEXITED | WNOWAIT);
    tally.expect(end.si_code == CLD_KILLED, "a core was dumped");
    farm.process().wait();
}

}

void searchForCanaries(const char* logFormat, Tally& tally)
{
    Journey journey(logFormat);
    auto& farm = journey.farm();
    journey.run();
    journey.readEverything();
    const auto backup = farm.stateDirectory() / "backups/farm.db.backup";
    tally.expect(test::eventually([&] { return fs::exists(backup); }), "there is no backup");
    tally.expect(journey.serverWasToldItsSecret(), "the secret of the build server was not used");
    Search search(journey.canaries(), tally);
    for (const auto& [what, text, allowed] : journey.answers())
        search.look("the answer to " + what, text, allowed);
    for (const auto& mail : journey.mails())
        search.look("a mail", mail);
    for (const auto* file : {"environ", "cmdline", "comm", "status"})
        search.look(std::string("/proc/") + file, test::readFile("/proc/" + std::to_string(farm.process().pid()) + "/" + file));
    lookAtFiles(farm.stateDirectory(), search, tally);   // with what is in the write-ahead log
    checkCore(farm, tally);
    farm.start();
    tally.expect(farm.stop() == 0, "the farm does not end well");
    lookAtFiles(farm.stateDirectory(), search, tally);
    search.look("the log", farm.log());
    search.told(logFormat);
}

}
