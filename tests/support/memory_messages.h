// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/notifier.h>
#include <apbfarm/storage.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace apbfarm::test {

/// An outbox that can be looked into.
class MemoryOutbox final : public OutboxStore {
public:
    void add(const Notification& notification) override { messages.push_back(notification); }
    std::vector<Notification> due(Timestamp now, int) override
    {
        std::vector<Notification> found;
        for (const auto& message : messages)
            if (dueAt(message.id) <= now)
                found.push_back(message);
        return found;
    }
    void delivered(const std::string& id) override { take(id); }
    void retryAt(const std::string& id, Timestamp when, int attempts, const std::string&) override
    {
        times[id] = when;
        for (auto& message : messages)
            if (message.id == id)
                message.attempts = attempts;
    }
    void giveUp(const std::string& id, const std::string& error) override
    {
        take(id);
        givenUp[id] = error;
    }
    OutboxSize size() override
    {
        return {static_cast<std::int64_t>(messages.size()), static_cast<std::int64_t>(givenUp.size())};
    }

    Timestamp dueAt(const std::string& id) const { return times.contains(id) ? times.at(id) : Timestamp{}; }
    void take(const std::string& id)
    {
        std::erase_if(messages, [&](const Notification& message) { return message.id == id; });
    }

    std::vector<Notification> messages;
    std::map<std::string, Timestamp> times;
    std::map<std::string, std::string> givenUp;   ///< why
};

class SwitchedNotifier final : public Notifier {
public:
    explicit SwitchedNotifier(Audience whom = Audience::People) : whom(whom) {}
    bool enabled() override { return on; }
    Audience audience() override { return whom; }
    void deliver(const Notification& message) override
    {
        ++calls;
        if (trouble)
            trouble();
        delivered.push_back(message.id);
    }

    Audience whom;
    bool on = true;
    std::function<void()> trouble;   ///< throws
    int calls = 0;
    std::vector<std::string> delivered;
};

class MemorySettings final : public SettingStore {
public:
    std::optional<std::string> get(const std::string& key) override
    {
        const auto found = values.find(key);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    }
    void set(const std::string& key, const std::string& value) override { values[key] = value; }
    void remove(const std::string& key) override { values.erase(key); }

    std::map<std::string, std::string> values;
};

} // namespace apbfarm::test
