// SPDX-License-Identifier: MIT
#include "app/log_setup.h"

#include "app/log_queue.h"
#include "util/json_writer.h"
#include "util/text.h"

#include <Poco/AutoPtr.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Formatter.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>

#include <unistd.h>

namespace apbfarm::app {

namespace {

constexpr std::size_t kLongestText = 8192;   // bytes of one event

std::string_view nameOf(Poco::Message::Priority priority)
{
    switch (priority) {
    case Poco::Message::PRIO_FATAL:
    case Poco::Message::PRIO_CRITICAL: return "CRITICAL";
    case Poco::Message::PRIO_ERROR: return "ERROR";
    case Poco::Message::PRIO_WARNING: return "WARNING";
    case Poco::Message::PRIO_NOTICE:
    case Poco::Message::PRIO_INFORMATION: return "INFO";
    default: return "DEBUG";
    }
}

std::string timeOf(const Poco::Message& message)
{
    return Poco::DateTimeFormatter::format(message.getTime(), "%Y-%m-%dT%H:%M:%S.%iZ");
}

class TextLine final : public Poco::Formatter {
public:
    void format(const Poco::Message& message, std::string& line) override
    {
        line = timeOf(message) + " " + std::string(nameOf(message.getPriority())) + " " +
               (message.getSource().empty() ? "" : message.getSource() + ": ") +
               util::oneLine(message.getText(), kLongestText);
    }
};

class JsonLine final : public Poco::Formatter {
public:
    void format(const Poco::Message& message, std::string& line) override
    {
        util::JsonWriter out;
        out.beginObject().member("time", timeOf(message)).member("level", nameOf(message.getPriority()));
        out.member("source", message.getSource());
        out.member("message", util::oneLine(message.getText(), kLongestText));
        for (const auto* name : {"request_id", "client", "user", "method", "path"})
            if (message.has(name))
                out.member(name, util::oneLine(message.get(name), kLongestText));
        for (const auto* name : {"status", "bytes", "duration_us"})
            if (message.has(name))
                out.key(name).raw(message.get(name));
        out.endObject();
        line = out.take();
    }
};

int pocoLevel(LogLevel level)
{
    switch (level) {
    case LogLevel::Debug: return Poco::Message::PRIO_DEBUG;
    case LogLevel::Warning: return Poco::Message::PRIO_WARNING;
    case LogLevel::Error: return Poco::Message::PRIO_ERROR;
    case LogLevel::Critical: return Poco::Message::PRIO_CRITICAL;
    default: return Poco::Message::PRIO_INFORMATION;
    }
}

} // namespace

void setUpLog(LogLevel level, LogFormat format)
{
    Poco::AutoPtr<Poco::Formatter> formatter;
    if (format == LogFormat::Json)
        formatter = new JsonLine;
    else
        formatter = new TextLine;
    const auto report = [formatter](std::uint64_t dropped) mutable {
        std::string line;
        formatter->format({"log", std::to_string(dropped) + " lines were dropped: nobody read them in time",
                           Poco::Message::PRIO_WARNING}, line);
        return line;
    };
    Poco::AutoPtr<Poco::Channel> output(new LogQueue(STDERR_FILENO, report));
    Poco::AutoPtr<Poco::Channel> channel(new Poco::FormattingChannel(formatter, output));
    Poco::Logger::setChannel("", channel);
    setLogLevel(level);
}

void setLogLevel(LogLevel level)
{
    Poco::Logger::setLevel("", pocoLevel(level));
}

} // namespace apbfarm::app
