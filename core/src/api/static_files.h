// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/http.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace apbfarm::api {

/// Style sheets, scripts and pictures of the pages: read once, served from memory. Immutable afterwards.
///
/// What a request names is only ever looked up in the list made at start, never on the disk.
class StaticFiles {
public:
    /// Reads every file of a known type in the folder, none in subfolders. Throws `InvalidInput`
    /// ("broken_web_directory") when the folder cannot be read or one of `required` is not in it.
    StaticFiles(const std::filesystem::path& directory, const std::vector<std::string>& required);

    /// Changes when any file changes; pages put it into addresses, so that browsers may keep files for long.
    const std::string& version() const { return version_; }

    /// Answers 200 or 304. Throws `NotFound` ("file_not_found").
    void send(std::string_view name, const HttpRequest& request, HttpResponse& response) const;

private:
    struct File {
        std::string type, content, etag;
    };

    std::map<std::string, File, std::less<>> files_;
    std::string version_;
};

} // namespace apbfarm::api
