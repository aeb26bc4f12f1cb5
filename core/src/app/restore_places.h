// SPDX-License-Identifier: MIT
#pragma once

#include "util/durable_file.h"

#include <filesystem>
#include <vector>

namespace apbfarm::app {

/// What a restore that is refused has made: taken away again, unless something is in it.
class Footprint {
public:
    explicit Footprint(std::filesystem::path place)
    {
        for (; !place.empty() && !std::filesystem::exists(place) && place != place.parent_path();
             place = place.parent_path())
            made_.push_back(place);
    }
    void keep() { made_.clear(); }
    ~Footprint()
    {
        std::error_code ignored;
        for (const auto& place : made_)
            std::filesystem::remove(place, ignored);
    }
    Footprint(const Footprint&) = delete;
    Footprint& operator=(const Footprint&) = delete;

private:
    std::vector<std::filesystem::path> made_;     ///< the innermost first
};

/// A folder that goes away with the command.
class Staging {
public:
    explicit Staging(std::filesystem::path place) : place_(std::move(place))
    {
        std::filesystem::remove_all(place_);
        util::makePrivateDirectory(place_);
    }
    ~Staging()
    {
        std::error_code ignored;
        std::filesystem::remove_all(place_, ignored);
    }
    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;

    const std::filesystem::path& path() const { return place_; }

private:
    std::filesystem::path place_;
};

} // namespace apbfarm::app
