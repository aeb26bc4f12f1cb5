// SPDX-License-Identifier: MIT
#include "property.h"

#include "fleet/http_head.h"
#include "fleet/server_answers.h"
#include "fleet/server_wait.h"
#include "util/secrets.h"
#include "util/text.h"

#include <apbfarm/errors.h>

#include <set>

// The first byte of the input chooses which answer of a build server it is.
namespace apbfarm::fuzz {

namespace {

constexpr std::uint64_t kMost = 1 << 20;
constexpr double kLastSecond = 253'402'300'800.0;

void requireLine(std::string_view text, std::size_t most)
{
    require(!hasControls(text) && text.size() <= most + 16 && util::isUtf8(text), "texts are one short line (V8)");
}

void requireTime(const std::optional<double>& time)
{
    require(!time || (*time >= 0 && *time < kLastSecond), "a time is within four-digit years");
}

void requireFiles(const std::vector<fleet::RemoteFile>& files)
{
    static const auto letters = joined({kLower, kUpper, kDigits, "@._+:~-"});
    std::set<std::string> seen;
    require(files.size() <= 1000, "so many files and not more (V2)");
    for (const auto& [name, size] : files) {
        require(!name.empty() && name.size() <= 255 && isMadeOf(name, letters) && name[0] != '.' && name[0] != '-',
                "names of files are plain (V4)");
        require(size >= -1 && seen.insert(name).second, "a size is known or not; no name twice");
    }
}

void readInfo(std::string_view json)
{
    const auto info = fleet::readServerInfo(json, kMost);
    requireLine(info.version, 64);
    require(info.architecture.size() <= 64 && isMadeOf(info.architecture, joined({kLower, kUpper, kDigits, "_-."})),
            "an architecture is a word");
    require(info.building >= 0 && info.queued >= 0 && info.slots >= 0 && info.loadPerCore >= 0, "counts");
    require(!info.current || util::isUuid(*info.current), "the running build has an id");
}

void readBuild(std::string_view json)
{
    const BuildId expected = "01234567-89ab-4cde-8f01-23456789abcd";
    const auto build = fleet::readRemoteBuild(json, kMost, expected);
    requireTime(build.startTime);
    requireTime(build.endTime);
    requireTime(build.createdAt);
    requireLine(build.pkgname, 255);
    requireFiles(build.packages);
    requireFiles(build.logs);
}

void readOutput(std::string_view json)
{
    const auto page = fleet::readOutputPage(json, kMost, 7, 100);
    require(page.lines.size() <= 100, "no more lines than asked for (V2)");
    for (const auto& line : page.lines)
        require(line.find('\n') == line.npos && line.size() <= (64 << 10) + 16, "a line is a line (V2)");
}

void readLists(std::string_view json)
{
    const auto builds = fleet::readLatestBuilds(json, kMost);
    std::set<BuildId> seen;
    require(builds.size() <= 200, "200 builds at most (V2)");
    for (const auto& build : builds) {
        require(util::isUuid(build.id) && seen.insert(build.id).second, "ids, each once");
        requireLine(build.pkgname, 255);
        requireTime(build.startTime);
        requireTime(build.endTime);
    }
}

void readHead(std::string_view bytes)
{
    const auto head = fleet::parseHttpHead(bytes);
    require(head.status >= 100 && head.status <= 599, "a status");
    int lengths = 0, codings = 0;
    for (const auto& [name, value] : head.fields) {
        require(!hasControls(value, "\t"), "a value has no control characters");
        lengths += name == "content-length";
        codings += name == "transfer-encoding";
    }
    require(lengths + codings <= 1, "the length of the body is stated once");
}

}

void tryInput(std::string_view bytes)
{
    const auto kind = bytes.empty() ? 0 : bytes[0] % 5;
    bytes.remove_prefix(std::min<std::size_t>(1, bytes.size()));
    try {
        constexpr void (*readers[])(std::string_view) = {readInfo, readBuild, readOutput, readLists, readHead};
        readers[kind < 0 ? kind + 5 : kind](bytes);
    } catch (const Error&) {
    } catch (const fleet::ExchangeBroken&) {
        require(kind == 4 || kind == -1, "only a head is malformed HTTP");
    }
}

}
