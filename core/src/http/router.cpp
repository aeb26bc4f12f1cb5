// SPDX-License-Identifier: MIT
#include "http/router.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace apbfarm::http {

namespace {

constexpr std::array<std::string_view, 4> kMethodNames = {"GET", "POST", "PUT", "DELETE"};

std::vector<std::string> splitPattern(const std::string& pattern)
{
    if (pattern.empty() || pattern.front() != '/')
        throw std::logic_error("route pattern must begin with a slash: " + pattern);
    std::vector<std::string> pieces;
    for (std::size_t at = 1; at < pattern.size();) {
        const auto slash = std::min(pattern.find('/', at), pattern.size());
        if (slash == at)
            throw std::logic_error("route pattern has an empty segment: " + pattern);
        pieces.push_back(pattern.substr(at, slash - at));
        at = slash + 1;
        if (at == pattern.size())
            pieces.emplace_back();
    }
    return pieces;
}

bool isParameter(std::string_view piece)
{
    return piece.size() > 2 && piece.front() == '{' && piece.back() == '}';
}

} // namespace

struct Router::Node {
    struct Entry {
        const Route* route = nullptr;
        std::vector<std::string> names; // of the {...} segments, in order
    };

    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> parameter;
    std::array<Entry, kMethodNames.size()> entries;
    std::string allowed;

    Node& child(const std::string& piece)
    {
        auto& slot = isParameter(piece) ? parameter : literals[piece];
        if (!slot)
            slot = std::make_unique<Node>();
        return *slot;
    }
    void listAllowed()
    {
        allowed.clear();
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (!entries[i].route)
                continue;
            allowed += allowed.empty() ? "" : ", ";
            allowed += kMethodNames[i];
            if (i == 0)
                allowed += ", HEAD";
        }
    }
};

namespace {

/// One walk through the tree. A literal segment is preferred; what it leads to must also take the method.
template <class Node> struct Search {
    std::size_t method;
    const std::vector<std::string>& segments;
    std::array<std::string_view, 32> values{};
    std::size_t count = 0;
    std::string_view allowed{};

    const typename Node::Entry* walk(const Node& node, std::size_t depth)
    {
        if (depth == segments.size())
            return take(node);
        const auto& segment = segments[depth];
        if (const auto literal = node.literals.find(segment); literal != node.literals.end())
            if (const auto* found = walk(*literal->second, depth + 1))
                return found;
        if (!node.parameter || segment.empty() || count == values.size())
            return nullptr;
        values[count++] = segment;
        const auto* found = walk(*node.parameter, depth + 1);
        if (!found)
            --count;
        return found;
    }
    const typename Node::Entry* take(const Node& node)
    {
        if (allowed.empty())
            allowed = node.allowed;
        const bool fits = method < node.entries.size() && node.entries[method].route;
        return fits ? &node.entries[method] : nullptr;
    }
};

} // namespace

Router::Router() : root_(std::make_unique<Node>()) {}

Router::~Router() = default;

void Router::add(Route route)
{
    if (!route.handler)
        throw std::logic_error("route without a handler: " + route.pattern);
    auto* node = root_.get();
    std::vector<std::string> names;
    for (const auto& piece : splitPattern(route.pattern)) {
        if (isParameter(piece))
            names.push_back(piece.substr(1, piece.size() - 2));
        node = &node->child(piece);
    }
    auto& entry = node->entries[static_cast<std::size_t>(route.method)];
    if (entry.route)
        throw std::logic_error("route declared twice: " + route.pattern);
    routes_.push_back(std::make_unique<Route>(std::move(route)));
    entry = {routes_.back().get(), std::move(names)};
    node->listAllowed();
}

Router::Match Router::find(std::string_view method, const std::vector<std::string>& segments) const
{
    const auto wanted = method == "HEAD" ? std::string_view("GET") : method;
    const auto index = std::find(kMethodNames.begin(), kMethodNames.end(), wanted) - kMethodNames.begin();
    Search<Node> search{static_cast<std::size_t>(index), segments};
    const auto* entry = search.walk(*root_, 0);
    Match match;
    match.allowed = search.allowed;
    if (!entry)
        return match;
    match.route = entry->route;
    match.params.reserve(search.count);
    for (std::size_t i = 0; i < search.count; ++i)
        match.params.emplace_back(entry->names[i], search.values[i]);
    return match;
}

} // namespace apbfarm::http
