// SPDX-License-Identifier: MIT
#pragma once

#include "target_file.h"

#include <Poco/Logger.h>

#include <sys/stat.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace webhook {

/// The targets as their file has them now: it is read again when it has changed. Thread-safe; no lock is held meanwhile.
class TargetBook {
public:
    using Targets = std::shared_ptr<const std::vector<Target>>;

    /// No targets without a file. Throws `InvalidInput` as `readTargets` does.
    TargetBook(std::string file, const HookOptions& options, Poco::Logger& logger);

    /// Never null. A change that makes no sense leaves the targets as they are; the log says so, once.
    Targets current();

private:
    struct Version {
        ino_t file = 0;
        off_t size = 0;
        time_t seconds = 0;
        long nanoseconds = 0;

        bool operator==(const Version&) const = default;
    };
    static Version versionOf(const std::string& file);
    Targets replace(const Version& version, Targets fresh);

    const std::string file_;
    const HookOptions& options_;
    Poco::Logger& logger_;
    std::mutex mutex_;
    Version seen_;
    Targets targets_;
};

} // namespace webhook
