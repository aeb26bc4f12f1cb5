// SPDX-License-Identifier: MIT
#include "proofs/http/witness.h"

#include "util/json_reader.h"
#include "util/text.h"

#include <apbfarm/errors.h>

#include <fstream>
#include <sstream>

namespace apbfarm::proofs {

namespace {

constexpr std::size_t kCompared = 200;

/// nginx writes "-", HAProxy "400/<NOSRV>" for what never reached the farm.
int statusIn(const std::string& text)
{
    return text.find("<NOSRV>") == text.npos ? static_cast<int>(util::parseUnsigned(text.substr(0, text.find('/')), 999).value_or(0)) : 0;
}

}

std::vector<std::string> LogReader::lines()
{
    std::ifstream in(file_, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(at_));
    std::ostringstream text;
    text << in.rdbuf();
    const auto fresh = text.str().substr(0, text.str().rfind('\n') + 1);
    at_ += fresh.size();
    std::istringstream split(fresh);
    std::vector<std::string> list;
    for (std::string line; std::getline(split, line);)
        list.push_back(line);
    return list;
}

/// HAProxy writes some characters as "#" and two digits, nginx and the farm in JSON; none of them is needed to tell
/// requests apart. Neither is the query, of which the farm does not write down everything.
std::string plainTarget(std::string_view method, std::string_view target)
{
    constexpr std::string_view kept = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/.%-";
    std::string text(method);
    text += ' ';
    for (std::size_t i = 0; i < target.size() && text.size() < kCompared && target[i] != '?'; ++i)
        if (target[i] == '#')
            i += 2;
        else if (kept.find(target[i]) != kept.npos)
            text += target[i];
    return text;
}

void readFarmLine(const std::string& line, Seen& seen)
{
    if (!line.starts_with('{') || line.find("\"client\"") == line.npos)
        return;
    const auto entry = util::parseJsonObject(line);
    const auto text = [&](const char* name) { return entry->optValue<std::string>(name, ""); };
    const auto target = text("path");
    seen[text("client")].push_back({target.empty() ? "" : plainTarget(text("method"), target),
                                    entry->optValue<int>("status", 0)});
}

/// "REQUEST<tab>127.1.2.3<tab>200<tab>GET /health HTTP/1.1", the status that of the farm.
void readProxyLine(const std::string& line, Seen& seen)
{
    constexpr std::string_view begin = "REQUEST\t";
    const auto start = line.find(begin);
    if (start == line.npos)
        return;
    std::istringstream fields(line.substr(start + begin.size()));
    std::string client, status, request;
    std::getline(fields, client, '\t');
    std::getline(fields, status, '\t');
    std::getline(fields, request);
    const auto first = std::min(request.find(' '), request.size());
    const auto last = request.rfind(" HTTP/");
    const auto target = std::string_view(request).substr(std::min(first + 1, request.size()));
    seen[client].push_back({plainTarget(std::string_view(request).substr(0, first),
                                        last == request.npos || last < first ? target : target.substr(0, last - first - 1)),
                            statusIn(status)});
}

}
