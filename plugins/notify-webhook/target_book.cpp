// SPDX-License-Identifier: MIT
#include "target_book.h"

namespace webhook {

TargetBook::TargetBook(std::string file, const HookOptions& options, Poco::Logger& logger)
    : file_(std::move(file)), options_(options), logger_(logger), seen_(versionOf(file_)),
      targets_(std::make_shared<const std::vector<Target>>(file_.empty() ? std::vector<Target>() : readTargets(file_, options_)))
{
}

/// All zero for a file that is not there. The time is that of the last change of content, owner or rights.
TargetBook::Version TargetBook::versionOf(const std::string& file)
{
    struct stat about {};
    if (::stat(file.c_str(), &about) != 0)
        return {};
    return {about.st_ino, about.st_size, about.st_ctim.tv_sec, about.st_ctim.tv_nsec};
}

TargetBook::Targets TargetBook::current()
{
    const auto version = versionOf(file_);
    {
        std::lock_guard lock(mutex_);
        if (version == seen_)
            return targets_;
        seen_ = version;
    }
    try {
        const auto fresh = std::make_shared<const std::vector<Target>>(readTargets(file_, options_));
        logger_.information("The targets of webhooks were read again: there are %z", fresh->size());
        return replace(version, fresh);
    } catch (const std::exception& error) {
        logger_.error("The targets of webhooks stay as they were: %s", std::string(error.what()));
        return replace(version, nullptr);
    }
}

/// Unless somebody has seen a later version meanwhile.
TargetBook::Targets TargetBook::replace(const Version& version, Targets fresh)
{
    std::lock_guard lock(mutex_);
    if (fresh && version == seen_)
        targets_ = std::move(fresh);
    return targets_;
}

} // namespace webhook
