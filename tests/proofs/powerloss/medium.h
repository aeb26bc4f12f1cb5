// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/powerloss/records.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace apbfarm::proofs::power {

/// What is left of writes that were not synced when the power went.
enum class Loss {
    Nothing,    ///< all writes made it: a kill of the process
    All,        ///< only what was synced is there
    Some,       ///< each sector and each name by chance, the last write torn
    Late        ///< the oldest are lost, the younger are there
};

/// A disk that knows what is on it for certain and what may or may not be.
class Medium {
public:
    explicit Medium(std::string root) : root_(std::move(root)) {}

    void play(const Record& record);
    /// Puts what a power cut now would leave into an empty folder.
    void leave(const std::filesystem::path& folder, Loss loss, std::mt19937_64& random) const;

private:
    struct Change {
        bool cut = false;
        std::uint64_t offset = 0;    ///< or the size, when it is cut
        std::string bytes;
    };
    struct File {
        std::string synced;
        std::vector<Change> open;
    };
    using FilePtr = std::shared_ptr<File>;
    struct Entry {
        FilePtr file;                ///< none: a folder
    };
    using Names = std::map<std::string, Entry>;
    /// One name that comes or goes, or comes in the place of another.
    struct NameChange {
        std::string path;
        std::optional<Entry> entry;  ///< none: the name goes
        std::uint64_t number = 0;
        std::string before;          ///< the other name; empty when there is none
    };

    void name(const std::string& path, std::optional<Entry> entry, const std::string& before = {});
    void syncNames(const std::string& folder);
    void syncAll();
    FilePtr& fileOf(std::uint64_t number);
    Names namesLeft(Loss loss, std::mt19937_64& random) const;
    static void put(Names& names, const NameChange& change);
    static void apply(std::string& content, const Change& change);
    static void sync(File& file);
    static std::string contentLeft(const File& file, Loss loss, std::mt19937_64& random);
    static void writeSome(std::string& content, const Change& change, bool torn, std::mt19937_64& random);

    std::string root_;
    std::map<std::uint64_t, FilePtr> files_;
    Names now_, synced_;
    std::vector<NameChange> open_;
    std::uint64_t changes_ = 0;
};

}
