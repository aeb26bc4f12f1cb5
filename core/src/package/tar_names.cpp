// SPDX-License-Identifier: MIT
#include "package/tar_names.h"

#include "package/tarball_error.h"

#include <algorithm>
#include <functional>

namespace apbfarm::package {

namespace {

/// The first component; `path` moves behind it and its slash.
std::string_view takeComponent(std::string_view& path)
{
    const auto slash = path.find('/');
    const auto component = path.substr(0, slash);
    path.remove_prefix(slash == path.npos ? path.size() : slash + 1);
    return component;
}

std::size_t keyOf(std::string_view name)
{
    return std::hash<std::string_view>()(name);
}

} // namespace

void TarNames::checkCharacters(std::string_view name) const
{
    const auto isControl = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (name.empty() || name.size() > limits_.nameLength)
        refuseTarball("the name " + shownName(name) + " is empty or too long");
    if (!util::isUtf8(name) || std::ranges::any_of(name, isControl) || name.find('\\') != name.npos)
        refuseTarball("the name " + shownName(name) + " has characters that are not allowed");
    if (name[0] == '/')
        refuseTarball("the name " + shownName(name) + " is absolute");
}

std::string TarNames::normalized(std::string_view name) const
{
    checkCharacters(name);
    std::string result;
    std::size_t depth = 0;
    for (auto rest = name; !rest.empty();) {
        const auto component = takeComponent(rest);
        if (component.empty() || component == ".")
            continue;
        if (component == "..")
            refuseTarball("the name " + shownName(name) + " leads outside");
        if (component.size() > limits_.componentLength || ++depth > limits_.depth)
            refuseTarball("the name " + shownName(name) + " is too long or too deep");
        result.append(result.empty() ? "" : "/").append(component);
    }
    return result;
}

void TarNames::addDirectory(const std::string& name)
{
    if (!name.empty())
        add(name, Kind::Directory);
}

void TarNames::addFile(const std::string& name)
{
    add(name, Kind::File);
}

void TarNames::addSymlink(const std::string& name, std::string_view target)
{
    checkCharacters(target);
    auto above = std::ranges::count(name, '/');
    bool descended = false;
    for (auto rest = target; !rest.empty();) {
        const auto component = takeComponent(rest);
        if (component == "..") {
            // Behind another name, ".." may start from wherever that name leads.
            if (descended || above-- == 0)
                refuseTarball("the link " + shownName(name) + " leads outside");
        } else if (!component.empty() && component != ".") {
            descended = true;
        }
    }
    add(name, Kind::Link);
}

void TarNames::addHardLink(const std::string& name, std::string_view target)
{
    const auto known = seen_.find(keyOf(normalized(target)));
    if (known == seen_.end() || known->second != Kind::File)
        refuseTarball("the link " + shownName(name) + " does not lead to a file that came before it");
    add(name, Kind::File);
}

void TarNames::add(const std::string& name, Kind kind)
{
    if (name.empty())
        refuseTarball("the top of the archive is not a folder");
    for (auto slash = name.find('/'); slash != name.npos; slash = name.find('/', slash + 1))
        requireDirectory(std::string_view(name).substr(0, slash), name);

    const auto [place, isNew] = seen_.emplace(keyOf(name), kind);
    const bool sameDirectory = kind == Kind::Directory
        && (place->second == Kind::Directory || place->second == Kind::ImpliedDirectory);
    if (!isNew && !sameDirectory)
        refuseTarball(shownName(name) + " is there twice");
}

void TarNames::requireDirectory(std::string_view parent, std::string_view name)
{
    const auto place = seen_.emplace(keyOf(parent), Kind::ImpliedDirectory).first;
    if (place->second != Kind::Directory && place->second != Kind::ImpliedDirectory)
        refuseTarball("the name " + shownName(name) + " leads through something that is not a folder");
}

} // namespace apbfarm::package
