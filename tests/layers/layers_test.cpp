// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace fs = std::filesystem;

namespace {

using Folders = std::set<std::string>;

/// What a folder of core/src may include, besides itself and the SDK. The picture is in docs/architecture.md.
const std::map<std::string, Folders> kMayInclude{
    {"util", {}},
    {"life", {"util"}},
    {"http", {"util"}},
    {"package", {"util"}},
    {"files", {"util"}},
    {"storage", {"util"}},
    {"fleet", {"util"}},
    {"service", {"util", "life", "package", "files", "fleet"}},
    {"plugin", {"util"}},
    {"dispatch", {"util", "life", "files", "fleet", "service"}},
    {"api", {"util", "http", "package", "files", "fleet", "service"}},
    {"app", {"util", "life", "http", "package", "files", "storage", "fleet", "service", "plugin", "dispatch", "api"}},
};

fs::path source()
{
    const char* folder = std::getenv("APB_FARM_SOURCE_DIR");
    BOOST_REQUIRE_MESSAGE(folder, "APB_FARM_SOURCE_DIR is not set");
    return folder;
}

/// Calls `f(file, quoted, name)` for every #include below `folder`; `quoted` tells "name" from <name>.
template <class F> void forEachInclude(const fs::path& folder, F f)
{
    const std::regex include(R"re(^\s*#\s*include\s*(["<])([^">]+)[">])re");
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const auto ending = entry.path().extension();
        if (!entry.is_regular_file() || (ending != ".h" && ending != ".cpp"))
            continue;
        std::ifstream file(entry.path());
        std::smatch match;
        for (std::string line; std::getline(file, line);)
            if (std::regex_search(line, match, include))
                f(entry.path(), match[1] == "\"", match[2].str());
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(Layers)

BOOST_AUTO_TEST_CASE(includes_of_the_core_point_downwards_only)
{
    std::size_t seen = 0;
    for (const auto& [folder, allowed] : kMayInclude)
        forEachInclude(source() / "core/src" / folder, [&](const fs::path& file, bool quoted, const std::string& name) {
            const auto target = name.substr(0, name.find('/'));
            if (!quoted || !kMayInclude.contains(target))
                return;
            ++seen;
            BOOST_TEST((target == folder || allowed.contains(target)),
                       file.string() << " includes " << name << ", but " << folder << " may not look into " << target);
        });
    BOOST_TEST(seen > 50u);
}

BOOST_AUTO_TEST_CASE(every_folder_of_the_core_has_its_place_among_the_layers)
{
    for (const auto& entry : fs::directory_iterator(source() / "core/src"))
        if (entry.is_directory())
            BOOST_TEST(kMayInclude.contains(entry.path().filename().string()), entry.path().string() << " has no layer");
}

BOOST_AUTO_TEST_CASE(the_sdk_includes_nothing_of_the_core)
{
    forEachInclude(source() / "core/include", [](const fs::path& file, bool quoted, const std::string& name) {
        BOOST_TEST(!quoted, file.string() << " includes \"" << name << "\"");
        BOOST_TEST(!kMayInclude.contains(name.substr(0, name.find('/'))), file.string() << " includes " << name);
    });
}

BOOST_AUTO_TEST_CASE(plugins_use_the_sdk_and_only_the_storage_plugin_its_library)
{
    forEachInclude(source() / "plugins", [](const fs::path& file, bool quoted, const std::string& name) {
        const auto target = name.substr(0, name.find('/'));
        if (!quoted || !kMayInclude.contains(target))
            return;
        const bool storage = file.string().find("storage-sqlite") != std::string::npos && target == "storage";
        BOOST_TEST(storage, file.string() << " includes " << name);
    });
}

BOOST_AUTO_TEST_CASE(the_build_server_stands_on_the_same_ground_and_knows_nothing_of_the_farm)
{
    const Folders ground{"util", "http", "package"};
    forEachInclude(source() / "server", [&](const fs::path& file, bool quoted, const std::string& name) {
        const auto target = name.substr(0, name.find('/'));
        if (quoted && kMayInclude.contains(target))
            BOOST_TEST(ground.contains(target), file.string() << " includes " << name);
    });
}

BOOST_AUTO_TEST_CASE(the_core_names_no_plugin)
{
    const std::regex plugin("leastload|roundrobin|scheduler-fit|auth-local|notify-smtp|notify-webhook");
    for (const auto& entry : fs::recursive_directory_iterator(source() / "core/src")) {
        // The table of options holds the documented defaults.
        if (!entry.is_regular_file() || entry.path().filename() == "farm_config_options.cpp")
            continue;
        std::ifstream file(entry.path());
        for (std::string line; std::getline(file, line);)
            BOOST_TEST(!std::regex_search(line.substr(0, line.find("//")), plugin), entry.path().string() << ": " << line);
    }
}

/// Generators that can be foretold have no business here, not even where nothing secret is made: copies go astray.
/// The conformance suites are tests, which want the same numbers each time.
BOOST_AUTO_TEST_CASE(random_numbers_come_from_the_operating_system_only_C3)
{
    const std::regex foreign(R"(\bs?rand\s*\(|drand48|mt19937|minstd_rand|random_device|Poco/(Random|UUIDGenerator)\.h|RAND_bytes)");
    std::size_t seen = 0;
    for (const auto* folder : {"core", "plugins", "server"})
        for (const auto& entry : fs::recursive_directory_iterator(source() / folder)) {
            const auto ending = entry.path().extension();
            if ((ending != ".h" && ending != ".cpp") || entry.path().parent_path().filename() == "conformance")
                continue;
            std::ifstream file(entry.path());
            ++seen;
            for (std::string line; std::getline(file, line);)
                BOOST_TEST(!std::regex_search(line, foreign), entry.path().string() << ": " << line);
        }
    BOOST_TEST(seen > 100u);
}

BOOST_AUTO_TEST_SUITE_END()
