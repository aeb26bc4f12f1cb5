// SPDX-License-Identifier: MIT
#include "package/shell_variables.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace apbfarm::package {

void ShellValue::append(std::string_view more)
{
    if (!known)
        return;
    if (text.size() + more.size() > kMaxShellValue)
        forget();
    else
        text.append(more);
}

void ShellValue::append(const ShellValue& other)
{
    if (!other.known) {
        forget();
        return;
    }
    append(other.text);
    depth = std::max(depth, other.depth);
}

void ShellVariables::assign(std::string_view name, ShellVariable value)
{
    const auto at = variables_.find(name);
    if (at == variables_.end())
        variables_.emplace(name, std::move(value));
    else
        at->second = std::move(value);
}

void ShellVariables::append(std::string_view name, ShellVariable value)
{
    const auto at = variables_.find(name);
    if (at == variables_.end() || !at->second.known || !value.known) {
        forget(name);
        return;
    }
    auto& items = at->second.items;
    items.insert(items.end(), std::make_move_iterator(value.items.begin()), std::make_move_iterator(value.items.end()));
}

void ShellVariables::appendText(std::string_view name, const ShellValue& value)
{
    const auto at = variables_.find(name);
    if (at == variables_.end() || !at->second.known) {
        forget(name);
        return;
    }
    auto& items = at->second.items;
    if (items.empty())
        items.emplace_back();
    items.front().append(value);
}

void ShellVariables::erase(std::string_view name)
{
    if (const auto at = variables_.find(name); at != variables_.end())
        variables_.erase(at);
}

const ShellVariable* ShellVariables::find(std::string_view name) const
{
    const auto at = variables_.find(name);
    return at == variables_.end() ? nullptr : &at->second;
}

} // namespace apbfarm::package
