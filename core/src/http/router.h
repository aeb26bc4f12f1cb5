// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/http.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::http {

/// The route table: segments to routes. Filled at start, then only read; reading is thread-safe and allocation-free.
class Router final : public RouteTable {
public:
    Router();
    ~Router() override;

    void add(Route route) override;

    struct Match {
        const Route* route = nullptr;      ///< null: see `allowed`
        std::string_view allowed;          ///< for 405: "GET, HEAD, POST"; empty when no such path exists
        /// Names and values of the `{...}` segments, in order. Values point into the segments given to `find`.
        std::vector<std::pair<std::string_view, std::string_view>> params;
    };
    /// `segments` are decoded (H15). A HEAD request looks for the GET route.
    Match find(std::string_view method, const std::vector<std::string>& segments) const;

    /// All routes in the order of declaration, for the API description and the access matrix.
    const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

private:
    struct Node;
    std::unique_ptr<Node> root_;
    std::vector<std::unique_ptr<Route>> routes_;
};

} // namespace apbfarm::http
