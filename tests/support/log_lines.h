// SPDX-License-Identifier: MIT
#pragma once

#include <Poco/Channel.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

namespace apbfarm::test {

/// A logger of its own whose lines a test can read.
class LogLines {
public:
    explicit LogLines(const std::string& name) : name_(name), channel_(new Lines), logger_(Poco::Logger::get(name))
    {
        logger_.setChannel(channel_);
        logger_.setLevel(Poco::Message::PRIO_TRACE);
    }
    ~LogLines() { Poco::Logger::destroy(name_); }
    LogLines(const LogLines&) = delete;
    LogLines& operator=(const LogLines&) = delete;

    Poco::Logger& logger() { return logger_; }
    std::vector<std::string> lines() const
    {
        std::lock_guard lock(channel_->mutex);
        return channel_->lines;
    }
    bool contain(const std::string& part) const
    {
        const auto all = lines();
        return std::any_of(all.begin(), all.end(), [&](const auto& line) { return line.find(part) != line.npos; });
    }

private:
    struct Lines final : Poco::Channel {
        void log(const Poco::Message& message) override
        {
            std::lock_guard lock(mutex);
            lines.push_back(message.getText());
        }
        mutable std::mutex mutex;
        std::vector<std::string> lines;
    };

    std::string name_;
    Poco::AutoPtr<Lines> channel_;
    Poco::Logger& logger_;
};

} // namespace apbfarm::test
