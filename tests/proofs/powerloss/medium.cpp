// SPDX-License-Identifier: MIT
#include "proofs/powerloss/medium.h"

#include "util/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>

namespace apbfarm::proofs::power {

namespace {

constexpr std::uint64_t kSector = 512;

std::string folderOf(const std::string& path)
{
    return path.substr(0, path.rfind('/'));
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
    if (change.entry)
        names[change.path] = *change.entry;
    else
        names.erase(change.path);
}

void Medium::name(const std::string& path, std::optional<Entry> entry, std::uint64_t group)
{
    NameChange change{path, std::move(entry), group};
    put(now_, change);
    open_.push_back(std::move(change));
}

/// All names of the folder are on the medium, and the other halves of renames with them.
void Medium::syncNames(const std::string& folder)
{
    std::set<std::uint64_t> groups;
    for (const auto& change : open_)
        if (folderOf(change.path) == folder)
            groups.insert(change.group);
    for (const auto& change : open_)
        if (groups.contains(change.group))
            put(synced_, change);
    std::erase_if(open_, [&](const NameChange& change) { return groups.contains(change.group); });
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
        return name(record.path, Entry{files_[record.file]}, ++groups_);
    case Kind::Unnamed: files_[record.file] = std::make_shared<File>(); return;
    case Kind::Seen: {
        const auto known = now_.find(record.path);
        if (known != now_.end() && known->second.file)
            files_[record.file] = known->second.file;
        else
            name(record.path, Entry{files_[record.file] = std::make_shared<File>()}, ++groups_);
        return;
    }
    case Kind::Written: fileOf(record.file)->open.push_back({false, record.offset, record.bytes}); return;
    case Kind::Cut: fileOf(record.file)->open.push_back({true, record.offset, {}}); return;
    case Kind::Synced: {
        auto& file = *fileOf(record.file);
        for (const auto& change : file.open)
            apply(file.synced, change);
        file.open.clear();
        return;
    }
    case Kind::FolderSynced: return syncNames(record.path);
    case Kind::Linked: return name(record.path, Entry{fileOf(record.file)}, ++groups_);
    case Kind::Removed: return name(record.path, std::nullopt, ++groups_);
    case Kind::Renamed: {
        const auto from = now_.find(record.path);
        const auto entry = from == now_.end() ? Entry{} : from->second;
        const auto group = ++groups_;
        name(record.bytes, entry, group);
        return name(record.path, std::nullopt, group);
    }
    case Kind::FolderMade: return name(record.path, Entry{}, ++groups_);
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
    const auto first = loss == Loss::Late ? random() % groups_ : 0;
    std::map<std::uint64_t, bool> kept;
    for (const auto& change : open_) {
        const auto [choice, isNew] = kept.try_emplace(change.group, false);
        if (isNew)
            choice->second = loss == Loss::Late ? change.group >= first : random() % 2 == 0;
        if (choice->second)
            put(names, change);
    }
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
