// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/notifier.h>
#include <apbfarm/storage.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace apbfarm::test {

/// An outbox that can be looked into.
class MemoryOutbox final : public OutboxStore {
public:
    void add(const Notification& notification) override { messages.push_back(notification); }
    std::vector<Notification> due(Timestamp, int) override { return messages; }
    void delivered(const std::string&) override {}
    void retryAt(const std::string&, Timestamp, int, const std::string&) override {}
    void giveUp(const std::string&, const std::string&) override {}
    OutboxSize size() override { return {static_cast<std::int64_t>(messages.size()), 0}; }

    std::vector<Notification> messages;
};

class SwitchedNotifier final : public Notifier {
public:
    bool enabled() override { return on; }
    void deliver(const Notification&) override {}

    bool on = true;
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
