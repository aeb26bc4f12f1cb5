// SPDX-License-Identifier: MIT
#include "pacman_config.h"

#include "util/json_reader.h"
#include "util/text.h"

#include <set>
#include <sstream>
#include <stdexcept>

namespace apbfarm::server {

namespace {

std::set<std::string> sectionsOf(const std::string& config)
{
    std::set<std::string> names;
    std::istringstream lines(config);
    for (std::string line; std::getline(lines, line);) {
        const auto text = util::trim(line);
        if (text.size() > 2 && text.front() == '[' && text.back() == ']')
            names.emplace(text.substr(1, text.size() - 2));
    }
    return names;
}

} // namespace

std::string withRepositories(const std::string& base, const std::string& extraRepos)
{
    auto names = sectionsOf(base);
    names.insert({"options", "local"});
    auto text = base;
    const auto list = util::parseJsonObject("{\"list\":" + extraRepos + "}")->getArray("list");
    for (unsigned i = 0; i < list->size(); ++i) {
        const auto repository = list->getObject(i);
        const auto name = repository->getValue<std::string>("name");
        // A second section of that name would change the settings of the first, down to which signatures it asks for.
        if (!names.insert(name).second)
            throw std::runtime_error("the extra repository '" + name + "' has the name of another one");
        const bool isSigned = !repository->optValue<std::string>("gpg_key_id", "").empty();
        text += "\n[" + name + "]\nSigLevel = " + (isSigned ? "Required DatabaseOptional" : "Optional TrustAll") +
                "\nServer = " + repository->getValue<std::string>("url") + "\n";
    }
    return text;
}

} // namespace apbfarm::server
