// SPDX-License-Identifier: MIT
#include "app/rotate_command.h"

#include "app/state_layout.h"
#include "service/audit_trail.h"
#include "storage/lock_file.h"
#include "storage/sealed_values.h"
#include "storage/sqlite_storage.h"
#include "util/durable_file.h"
#include "util/secret_box.h"

#include <apbfarm/errors.h>

#include <sys/stat.h>
#include <unistd.h>

#include <ostream>

namespace apbfarm::app {

namespace fs = std::filesystem;

namespace {

std::string reseal(const storage::SealedValue& value, util::AesSecretBox& both, util::AesSecretBox& fresh)
{
    try {
        return fresh.seal(both.open(value.sealed, value.place()), value.place());
    } catch (const InvalidInput&) {
        throw Conflict(
            value.table + "." + value.column + " of row " + std::to_string(value.row) +
                " opens with no key that "
                "is there. Enter that secret again, or put the key back that it was sealed with, then rotate. "
                "Nothing was changed",
            "secret_unreadable");
    }
}

/// Whoever may use the old key may use the new one, also when root exchanges it.
void giveOwner(const fs::path& file, const fs::path& like)
{
    struct stat info {};
    if (::geteuid() == 0 && (::stat(like.c_str(), &info) != 0 || ::chown(file.c_str(), info.st_uid, info.st_gid) != 0))
        throw Unavailable("Cannot give " + file.string() + " the owner of " + like.string(), "storage_failed");
}

void prove(const fs::path& database, util::AesSecretBox& fresh)
{
    for (const auto& value : storage::listSealedValues(database))
        fresh.open(value.sealed, value.place());
}

void record(const fs::path& database, std::size_t count)
{
    const auto storage = storage::openSqlite({.file = database, .readers = 1});
    const util::SystemClock clock;
    service::AuditTrail(storage->audit(), clock)
        .record("key_rotated", "sealing key", std::to_string(count) + " secrets");
}

} // namespace

void rotateKey(const FarmConfig& config, const fs::path& keyFile, std::ostream& out)
{
    const StateLayout layout(config);
    const auto key = keyFile.empty() ? layout.key : keyFile;
    if (!fs::exists(layout.database) || !fs::exists(key))
        throw NotFound("There is no " + (fs::exists(key) ? layout.database : key).string() + ", so there is nothing to "
                       "rotate. If the key lies elsewhere, name it with --key", "no_key");
    const auto next = util::nextKeyFile(key);
    std::size_t count = 0;
    {
        const storage::LockFile alone(layout.lock());
        const bool goesOn = fs::exists(next);
        util::AesSecretBox both(util::readOrMakeKey(key), util::readOrMakeKey(next)), fresh(util::readOrMakeKey(next));
        giveOwner(next, key);
        try {
            storage::resealValues(layout.database, [&](const auto& value) {
                ++count;
                return reseal(value, both, fresh);
            });
        } catch (const Conflict&) {
            if (!goesOn)
                fs::remove(next);
            throw;
        }
        prove(layout.database, fresh);
        fs::rename(next, key);
        util::syncDirectory(key.parent_path());
    }
    record(layout.database, count);
    out << "The key in " << key.string() << " is new; sealed with it: " << count
        << (count == 1 ? " secret" : " secrets") << ". Backups from before need the old key for their secrets\n";
}

} // namespace apbfarm::app
