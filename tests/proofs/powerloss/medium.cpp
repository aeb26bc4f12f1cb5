// SPDX-License-Identifier: MIT
#include "proofs/powerloss/medium.h"

#include "util/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

namespace apbfarm::proofs::power {

namespace {

constexpr std::uint64_t kSector = 512;

std::string folderOf(const std::string& path)
{
    return path.substr(0, path.rfind('/'));
}

/// What `path` is called once its folder, or one above it, is.
std::string renamed(const std::string& path, const std::string& from, const std::string& to)
{
    return path.starts_with(from + "/") ? to + path.substr(from.size()) : path;
}

/// The old name goes, and what is in the folder of that name is in the new one.
template <class Names> void takeAlong(Names& names, const std::string& from, const std::string& to)
{
    names.erase(from);
    Names moved;
    for (auto at = names.lower_bound(from + "/"); at != names.end() && at->first.starts_with(from + "/");) {
        auto entry = names.extract(at++);
        entry.key() = renamed(entry.key(), from, to);
        moved.insert(std::move(entry));
    }
    names.merge(moved);
}

}

Medium::FilePtr& Medium::fileOf(std::uint64_t number)
{
    auto& file = files_[number];
    if (!file)
        file = std::make_shared<File>();
    return file;
}

void Medium::put(Names& names, const NameChange& change)
{
    if (!change.before.empty())
        takeAlong(names, change.before, change.path);
    if (change.entry)
        names[change.path] = *change.entry;
    else
        names.erase(change.path);
}

void Medium::name(const std::string& path, std::optional<Entry> entry, const std::string& before)
{
    NameChange change{path, std::move(entry), ++changes_, before};
    put(now_, change);
    open_.push_back(std::move(change));
}

/// All names of the folder are on the medium, and with them what they were elsewhere.
void Medium::syncNames(const std::string& folder)
{
    std::vector<NameChange> still;
    for (auto& change : open_) {
        if (folderOf(change.path) != folder && (change.before.empty() || folderOf(change.before) != folder)) {
            still.push_back(std::move(change));
            continue;
        }
        put(synced_, change);
        if (!change.before.empty())
            for (auto& older : still)
                older.path = renamed(older.path, change.before, change.path);
    }
    open_ = std::move(still);
}

void Medium::syncAll()
{
    for (const auto& change : open_)
        put(synced_, change);
    open_.clear();
    for (const auto& [_, file] : files_)
        sync(*file);
    for (const auto& [_, entry] : now_)
        if (entry.file)
            sync(*entry.file);
}

void Medium::sync(File& file)
{
    for (const auto& change : file.open)
        apply(file.synced, change);
    file.open.clear();
}

void Medium::apply(std::string& content, const Change& change)
{
    if (change.cut)
        return content.resize(change.offset, '\0');
    if (content.size() < change.offset + change.bytes.size())
        content.resize(change.offset + change.bytes.size(), '\0');
    content.replace(change.offset, change.bytes.size(), change.bytes);
}

void Medium::play(const Record& record)
{
    switch (record.kind) {
    case Kind::Made:
        files_[record.file] = std::make_shared<File>();
        return name(record.path, Entry{files_[record.file]});
    case Kind::Unnamed: files_[record.file] = std::make_shared<File>(); return;
    case Kind::Seen: {
        const auto known = now_.find(record.path);
        if (known != now_.end() && known->second.file)
            files_[record.file] = known->second.file;
        else
            name(record.path, Entry{files_[record.file] = std::make_shared<File>()});
        return;
    }
    case Kind::Written: fileOf(record.file)->open.push_back({false, record.offset, record.bytes}); return;
    case Kind::Cut: fileOf(record.file)->open.push_back({true, record.offset, {}}); return;
    case Kind::Synced: return sync(*fileOf(record.file));
    case Kind::FolderSynced: return syncNames(record.path);
    case Kind::AllSynced: return syncAll();
    case Kind::Linked: return name(record.path, Entry{fileOf(record.file)});
    case Kind::Removed: return name(record.path, std::nullopt);
    case Kind::Renamed: {
        const auto from = now_.find(record.path);
        const auto entry = from == now_.end() ? Entry{} : from->second;
        return name(record.bytes, entry, record.path);
    }
    case Kind::FolderMade: return name(record.path, Entry{});
    case Kind::Told: return;
    }
}

Medium::Names Medium::namesLeft(Loss loss, std::mt19937_64& random) const
{
    if (loss == Loss::Nothing)
        return now_;
    auto names = synced_;
    if (loss == Loss::All || open_.empty())
        return names;
    const auto first = loss == Loss::Late ? random() % changes_ : 0;
    for (const auto& change : open_)
        if (loss == Loss::Late ? change.number >= first : random() % 2 == 0)
            put(names, change);
    return names;
}

/// Whole sectors are there or not; the last one written may be there in part.
void Medium::writeSome(std::string& content, const Change& change, bool torn, std::mt19937_64& random)
{
    for (std::uint64_t at = 0; at < change.bytes.size();) {
        const auto sectorEnd = (change.offset + at) / kSector * kSector + kSector;
        auto length = std::min<std::uint64_t>(sectorEnd - (change.offset + at), change.bytes.size() - at);
        const bool last = at + length >= change.bytes.size();
        if (random() % 4 != 0)
            apply(content, {false, change.offset + at,
                            change.bytes.substr(at, torn && last ? 1 + random() % length : length)});
        at += length;
    }
}

std::string Medium::contentLeft(const File& file, Loss loss, std::mt19937_64& random)
{
    auto content = file.synced;
    if (loss == Loss::All || file.open.empty())
        return content;
    const auto first = loss == Loss::Late ? random() % (file.open.size() + 1) : 0;
    for (std::size_t i = first; i < file.open.size(); ++i) {
        const auto& change = file.open[i];
        if (loss == Loss::Nothing || (loss == Loss::Late) || (change.cut && random() % 2 == 0))
            apply(content, change);
        else if (!change.cut)
            writeSome(content, change, i + 1 == file.open.size(), random);
    }
    return content;
}

void Medium::leave(const std::filesystem::path& folder, Loss loss, std::mt19937_64& random) const
{
    const auto names = namesLeft(loss, random);
    std::map<const File*, std::string> contents;   // a file with two names is one
    for (const auto& [path, entry] : names) {
        const auto place = folder / path.substr(std::min(path.size(), root_.size() + 1));
        if (path == root_ || !std::filesystem::is_directory(place.parent_path()))
            continue;   // nobody can get there: the folder itself was lost
        if (!entry.file) {
            ::mkdir(place.c_str(), 0700);
            continue;
        }
        const auto [content, isNew] = contents.try_emplace(entry.file.get());
        if (isNew)
            content->second = contentLeft(*entry.file, loss, random);
        const util::UniqueFd out(::open(place.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        util::writeAll(out.get(), content->second);
    }
}

}
