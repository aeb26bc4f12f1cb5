// SPDX-License-Identifier: MIT
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace apbfarm::test {

struct ArchiveItem {
    std::string name;
    std::string content;             ///< of a link: where it points to
    unsigned type = AE_IFREG;
};

/// A tar of these items, names taken as they are, also bad ones.
inline std::string makeTar(const std::vector<ArchiveItem>& items, bool gzip = true)
{
    std::string bytes(64 << 20, '\0');
    std::size_t used = 0;
    std::unique_ptr<archive, decltype(&archive_write_free)> out(archive_write_new(), &archive_write_free);
    archive_write_set_format_pax_restricted(out.get());
    if (gzip)
        archive_write_add_filter_gzip(out.get());
    archive_write_open_memory(out.get(), bytes.data(), bytes.size(), &used);
    for (const auto& item : items) {
        std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(), &archive_entry_free);
        archive_entry_set_pathname(entry.get(), item.name.c_str());
        archive_entry_set_filetype(entry.get(), item.type);
        archive_entry_set_perm(entry.get(), 0755);
        if (item.type == AE_IFLNK)
            archive_entry_set_symlink(entry.get(), item.content.c_str());
        archive_entry_set_size(entry.get(), item.type == AE_IFREG ? static_cast<la_int64_t>(item.content.size()) : 0);
        if (archive_write_header(out.get(), entry.get()) != ARCHIVE_OK)
            throw std::runtime_error(archive_error_string(out.get()));
        if (item.type == AE_IFREG)
            archive_write_data(out.get(), item.content.data(), item.content.size());
    }
    archive_write_close(out.get());
    bytes.resize(used);
    return bytes;
}

/// All files of a folder, at the top level of the archive.
inline std::string makeTarOf(const std::filesystem::path& folder)
{
    std::vector<ArchiveItem> items;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream in(entry.path(), std::ios::binary);
        items.push_back({entry.path().filename(), {std::istreambuf_iterator<char>(in), {}}});
    }
    return makeTar(items);
}

} // namespace apbfarm::test
