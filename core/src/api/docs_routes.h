// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/http.h>

#include <filesystem>
#include <map>
#include <string>

namespace apbfarm::api {

/// The description of the HTTP API: `/openapi.json` for programs, `/docs` for people.
class DocsRoutes {
public:
    /// Throws `InvalidInput` ("broken_web_directory") when a file of the page cannot be read.
    explicit DocsRoutes(const std::filesystem::path& webDirectory);

    void declare(RouteTable& routes);
    /// What `/openapi.json` answers. Before the first request.
    void publish(std::string document) { document_ = std::move(document); }

private:
    void send(std::string_view name, HttpResponse& response) const;

    std::map<std::string, FileReply, std::less<>> files_;
    std::string document_;
};

} // namespace apbfarm::api
