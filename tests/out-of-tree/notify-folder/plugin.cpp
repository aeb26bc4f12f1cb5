// SPDX-License-Identifier: MIT
#include <apbfarm/plugin.h>

#include <unistd.h>

#include <cstdio>
#include <filesystem>

using namespace apbfarm;

namespace {

/// Throws when it is not on the disk.
void writeDurably(const std::string& file, const std::string& text)
{
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::fopen(file.c_str(), "we"), &std::fclose);
    if (!out || std::fwrite(text.data(), 1, text.size(), out.get()) != text.size() || std::fflush(out.get()) != 0 ||
        ::fsync(::fileno(out.get())) != 0)
        throw std::runtime_error("The message cannot be written to " + file);
}

/// One text file for each message, for whatever picks them up.
class FolderNotifier final : public Notifier {
public:
    explicit FolderNotifier(std::filesystem::path folder) : folder_(std::move(folder))
    {
        std::filesystem::create_directories(folder_);
    }

    bool enabled() override { return true; }

    void deliver(const Notification& message) override
    {
        auto text = "To: " + message.recipientEmail + "\nKind: " + std::string(toText(message.kind)) +
                    "\nSubject: " + message.subject + "\n";
        for (const auto& [name, value] : message.facts)
            text += name + ": " + value + "\n";
        // The id is the same when the farm tries again, so a repeat replaces its like.
        const auto file = folder_ / (message.id + ".txt");
        writeDurably(file.string() + ".part", text + "\n" + message.text);
        std::filesystem::rename(file.string() + ".part", file);
    }

private:
    std::filesystem::path folder_;
};

} // namespace

APB_FARM_PLUGIN("notify-folder", "1.0.0")
{
    registry.add(Provider<Notifier>{
        .name = "folder",
        .summary = "Writes each message into a file of its own",
        .options = {{"path", "", "The folder; empty: messages/ in the farm's state directory"}},
        .create = [](ExtensionContext& context) {
            const auto path = context.config().getString("path");
            return std::make_unique<FolderNotifier>(path.empty() ? context.stateDirectory() + "messages" : path);
        },
    });
}
