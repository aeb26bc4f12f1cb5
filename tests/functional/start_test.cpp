// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "support/instrumented.h"
#include "real_server.h"

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

namespace {

constexpr int kExitConfig = 78;      // sysexits.h: what service managers know as a configuration error
constexpr int kExitUsage = 64;

constexpr auto kServers = R"({"servers": {"x86_64": ["http://127.0.0.1:9"]}})";

struct Ended {
    int code;
    std::string output;
};

/// Starts of the daemon that are to end by themselves.
struct Start {
    Start() { write("apb.json", kServers); }

    void write(const std::string& name, const std::string& text) const { std::ofstream(folder / name) << text; }

    Ended run(const std::vector<std::string>& arguments) const
    {
        std::vector<std::string> command{buildDirectory() / "bin/apb-farm"};
        command.insert(command.end(), arguments.begin(), arguments.end());
        std::filesystem::remove(folder / "output");
        ChildProcess farm(command, folder / "output", {{"HOME", folder.path()}});
        const auto code = farm.wait(30s);
        return {code.value_or(-1), farm.output()};
    }

    /// With these lines at the top of the properties.
    Ended runWith(const std::string& lines, const std::vector<std::string>& arguments = {}) const
    {
        write("farm.properties", lines + "\nhttp.host = 127.0.0.1\nhttp.port = 0\nplugins.dir = " +
                                     (buildDirectory() / "plugins").string() + "\nweb.directory = " +
                                     (sourceDirectory() / "web").string() + "\nstate.directory = " +
                                     (folder / "state").string() + "\ndatabase.path = " +
                                     (folder / "state/farm.db").string());
        std::vector<std::string> all{"--properties", folder / "farm.properties", "--config", folder / "apb.json",
                                     "--port-file", folder / "port"};
        all.insert(all.end(), arguments.begin(), arguments.end());
        return run(all);
    }

    TempDir folder;
};

bool has(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

void checkRefused(const Start& start, const Ended& ended, const std::vector<std::string>& parts)
{
    BOOST_TEST(ended.code == kExitConfig, ended.output);
    for (const auto& part : parts)
        BOOST_TEST(has(ended.output, part), "'" << part << "' is not in: " << ended.output);
    BOOST_TEST(!std::filesystem::exists(start.folder / "port"));
}

long residentKiB(pid_t process)
{
    std::istringstream lines(readFile("/proc/" + std::to_string(process) + "/status"));
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("VmRSS:"))
            return std::stol(line.substr(6));
    return -1;
}

} // namespace

BOOST_AUTO_TEST_SUITE(StartAndStop)

BOOST_FIXTURE_TEST_CASE(it_tells_what_it_is_without_any_configuration, Start)
{
    const auto help = run({"--help"});
    BOOST_TEST(help.code == 0);
    for (const auto* option : {"--host", "--port", "--config", "--database", "--properties", "--log-level", "--no-auth",
                               "--check-config", "--import-check", "--list-plugins", "--version", "backup DIR|FILE", "restore BACKUP",
                               "doctor", "secrets rotate", "set-admin-password [USER]"})
        BOOST_TEST(has(help.output, option), option);
    const auto version = run({"--version"});
    BOOST_TEST(version.code == 0);
    BOOST_TEST(version.output.starts_with("apb-farm "));
    BOOST_TEST(run({"--nonsense"}).code != 0);
    BOOST_TEST(run({"nonsense"}).code == kExitUsage);
    BOOST_TEST(run({"backup"}).code == kExitUsage);
    BOOST_TEST(run({"doctor", "nonsense"}).code == kExitUsage);
    const auto misplaced = run({"doctor", "--force"});
    BOOST_TEST(misplaced.code == kExitUsage);
    BOOST_TEST(has(misplaced.output, "--force belongs to apb-farm restore"), misplaced.output);
}

BOOST_FIXTURE_TEST_CASE(it_lists_its_plugins_with_their_options, Start)
{
    const auto list = runWith("", {"--list-plugins"});
    BOOST_TEST(list.code == 0);
    for (const auto* part : {"leastload", "roundrobin", "local", "ldap", "pam", "smtp", "sqlite", "queueWeight", "iterations"})
        BOOST_TEST(has(list.output, part), part);
}

BOOST_FIXTURE_TEST_CASE(it_lists_every_bundled_plugin_without_any_configuration, Start)
{
    std::filesystem::remove(folder / "apb.json");
    write("dir.properties", "plugins.dir = " + (buildDirectory() / "plugins").string());
    const auto list = run({"--list-plugins", "--properties", folder / "dir.properties"});
    BOOST_TEST(list.code == 0, list.output);
    std::size_t bundled = 0;
    for (const auto& entry : std::filesystem::directory_iterator(buildDirectory() / "plugins"))
        if (entry.path().extension() == ".so") {
            ++bundled;
            BOOST_TEST(has(list.output, "(" + entry.path().stem().string() + ")\n    "), entry.path() << "\n" << list.output);
        }
    BOOST_TEST(bundled >= 5u);
    for (const auto* option : {"scheduler.leastload.queueWeight = 1.0\n        What a build waiting on a server counts, compared "
                               "with a running one (number of at least 0)", "auth.local.legacyFormat = false\n", "(flag)",
                               "storage.sqlite.path = \n", "(text)", "notify.smtp.implicitTlsPorts = 465\n        Ports on which TLS "
                               "begins with the first byte instead of STARTTLS (text)", "notify.smtp.optional = false\n"})
        BOOST_TEST(has(list.output, option), option);
}

BOOST_FIXTURE_TEST_CASE(the_options_of_plugins_in_the_properties_file_are_those_that_they_declare, Start)
{
    const auto list = runWith("", {"--list-plugins"}).output;
    const auto properties = readFile(sourceDirectory() / "etc/apb-farm.properties");
    static const std::regex option(R"(\n# (.*)\. \((.*)\)\n#(\S+) = ?(.*))");
    int seen = 0;
    for (std::sregex_iterator at(properties.begin(), properties.end(), option), end; at != end; ++at, ++seen) {
        const auto& found = *at;
        BOOST_TEST(has(list, "    " + found.str(3) + " = " + found.str(4) + "\n        " + found.str(1) + " (" + found.str(2) +
                                 ")\n"), found.str());
    }
    BOOST_TEST(seen >= 18);
}

BOOST_FIXTURE_TEST_CASE(it_checks_a_configuration_without_starting, Start)
{
    const auto fine = runWith("", {"--check-config"});
    BOOST_TEST(fine.code == 0, fine.output);
    BOOST_TEST(!std::filesystem::exists(folder / "state/farm.db"));
    checkRefused(*this, runWith("http.prot = 8080", {"--check-config"}), {"farm.properties:1", "http.prot"});
    checkRefused(*this, runWith("scheduler = coinflip", {"--check-config"}), {"scheduler", "coinflip", "leastload"});
    checkRefused(*this, runWith("\nscheduler.leastload.queueWeight = heavy", {"--check-config"}),
                 {"farm.properties:2", "queueWeight = 'heavy'", "a number of at least 0"});
}

BOOST_FIXTURE_TEST_CASE(wrong_properties_stop_the_start_with_file_line_and_key_O1, Start)
{
    checkRefused(*this, runWith("\nhttp.prot = 8080"), {"farm.properties:2", "http.prot"});
    checkRefused(*this, runWith("http.workers = many"), {"farm.properties:1", "http.workers"});
    checkRefused(*this, runWith("# a comment\n\ndispatch.interval = 5 parsecs"),
                 {"farm.properties:3", "dispatch.interval"});
    checkRefused(*this, runWith("auth.local.iterations = 1"),
                 {"farm.properties:1", "auth.local.iterations = '1'", "from 10000 to 10000000"});
    checkRefused(*this, runWith("auth.local.rounds = 1"), {"farm.properties:1", "auth.local.rounds", "auth.local.iterations"});
    checkRefused(*this, runWith("log.level = LOUD"), {"farm.properties:1", "log.level", "WARNING"});
    checkRefused(*this, runWith("log.level = INFO\nlog.level = DEBUG"), {"farm.properties:2", "log.level"});
    checkRefused(*this, runWith("just words"), {"farm.properties:1", "just words"});
    checkRefused(*this, runWith("", {"--port", "99999"}), {"--port"});
}

BOOST_FIXTURE_TEST_CASE(plugins_that_cannot_be_used_stop_the_start_with_a_remedy, Start)
{
    const std::string load = "plugins.load = storage-sqlite, auth-local, notify-smtp, ";
    checkRefused(*this, runWith(load + "scheduler-absent"), {"scheduler-absent.so"});
    checkRefused(*this, runWith(load + "../scheduler-leastload"), {"plugins.load", "../scheduler-leastload"});
    checkRefused(*this, runWith(load), {"scheduler", "leastload"});
    checkRefused(*this, runWith("scheduler = coinflip"), {"coinflip"});
    checkRefused(*this, runWith("scheduler.leastload.queueWait = 1"), {"queueWait", "queueWeight"});
    checkRefused(*this, runWith("scheduler.leastload.queueWeight = heavy"), {"queueWeight"});
}

/// One sentence each, which says what to do; besides, there is only the log.
BOOST_FIXTURE_TEST_CASE(a_wrong_option_a_missing_file_a_wrong_abi_and_a_writable_plugin_stop_the_start_G1_G2, Start)
{
    const auto plugins = folder / "plugins";
    std::filesystem::create_directory(plugins);
    for (const auto& entry : std::filesystem::directory_iterator(buildDirectory() / "plugins"))
        if (entry.path().extension() == ".so")
            std::filesystem::copy_file(entry.path(), plugins / entry.path().filename());
    std::filesystem::copy_file(buildDirectory() / "tests/loader/broken/scheduler-wrong-abi.so", plugins / "scheduler-wrong-abi.so");
    for (const auto& entry : std::filesystem::directory_iterator(plugins))
        std::filesystem::permissions(entry, std::filesystem::perms(0755));
    const std::string load = "plugins.load = storage-sqlite, auth-local, notify-smtp, scheduler-leastload";
    const auto start = [&](const std::string& lines) {
        write("farm.properties", lines + "\nplugins.dir = " + plugins.string() + "\nhttp.host = 127.0.0.1\nhttp.port = 0\nstate.directory = " +
                                     (folder / "state").string() + "\ndatabase.path = " + (folder / "state/farm.db").string() + "\n");
        return run({"--properties", folder / "farm.properties", "--config", folder / "apb.json", "--port-file", folder / "port"});
    };
    const auto refused = [&](const Ended& ended, const std::vector<std::string>& parts) {
        checkRefused(*this, ended, parts);
        std::istringstream lines(ended.output);
        int sentences = 0;
        for (std::string line; std::getline(lines, line);)
            if (line.starts_with("apb-farm: "))
                ++sentences;
            else
                BOOST_TEST(has(line, " INFO "), line);
        BOOST_TEST(sentences == 1, ended.output);
    };
    refused(start(load + "\nscheduler.leastload.queueWeigth = 2"), {"scheduler.leastload.queueWeigth", "Known are: scheduler.leastload.queueWeight"});
    refused(start("\n" + load + "\nscheduler.lestload.queueWeight = 2"),
            {"farm.properties:3: unknown key 'scheduler.lestload.queueWeight'", "did you mean 'scheduler.leastload.queueWeight'?"});
    refused(start(load + ", notify-pigeon"), {"notify-pigeon.so", "plugins.load"});
    refused(start(load + ", scheduler-wrong-abi"), {"scheduler-wrong-abi.so was built for plugin ABI", "Rebuild it"});
    std::filesystem::permissions(plugins / "notify-smtp.so", std::filesystem::perms(0757));
    refused(start(load), {"notify-smtp.so", "chmod"});
}

BOOST_FIXTURE_TEST_CASE(options_of_plugins_that_are_installed_and_not_loaded_may_stay_in_the_file, Start)
{
    const auto fine = runWith("scheduler.fit.history = 100\nauth.ldap.url = ldaps://ldap.example.com\n"
                              "notify.webhook.timeout = 5", {"--check-config"});
    BOOST_TEST(fine.code == 0, fine.output);
    checkRefused(*this, runWith("scheduler.fitt.history = 100", {"--check-config"}),
                 {"farm.properties:1: unknown key 'scheduler.fitt.history'", "did you mean 'scheduler.fit.history'?"});
}

BOOST_FIXTURE_TEST_CASE(a_wrong_list_of_servers_stops_the_start_with_its_place, Start)
{
    const auto with = [&](const std::string& text) {
        write("apb.json", text);
        return runWith("");
    };
    checkRefused(*this, with("{\n\"servers\": {\n"), {"apb.json:", "JSON"});
    checkRefused(*this, with("{}"), {"apb.json", "servers"});
    checkRefused(*this, with(R"({"servers": {}})"), {"apb.json", "servers"});
    checkRefused(*this, with(R"({"servers": {"x86_64": "http://a:1"}})"), {"apb.json", "servers.x86_64"});
    checkRefused(*this, with(R"({"servers": {"x86_64": ["http://a:1", "ftp://b"]}})"),
                 {"apb.json", "servers.x86_64[1]"});
    checkRefused(*this, with(R"({"servers": {"x86_64": ["http://me:secret@a:1"]}})"),
                 {"apb.json", "servers.x86_64[0]"});
    checkRefused(*this, with(R"({"cache": {"enabled": "yes"}, "servers": {"x86_64": ["http://a:1"]}})"),
                 {"apb.json", "cache.enabled"});

    std::filesystem::remove(folder / "apb.json");
    checkRefused(*this, runWith(""), {"apb.json", "cannot be read"});
    std::filesystem::create_directory(folder / "apb.json");
    checkRefused(*this, runWith(""), {"apb.json", "folder"});
}

BOOST_AUTO_TEST_CASE(a_second_farm_on_the_same_state_refuses_to_start_D12)
{
    FakeBuildServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    ChildProcess second({buildDirectory() / "bin/apb-farm", "--port", "0", "--config", farm.folder() / "apb.json",
                         "--properties", farm.folder() / "farm.properties"},
                        farm.folder() / "second.log");
    const auto code = second.wait(30s);
    BOOST_TEST_REQUIRE(code.has_value());
    BOOST_TEST(*code > 0);
    BOOST_TEST(has(second.output(), "Another farm is running on this state"), second.output());
    BOOST_TEST(farm.guest().get("/health").status == 200);
    BOOST_TEST(server.waitForAccepted(acceptedBuild(submit(farm.admin(), "undisturbed"))));

    farm.stop();
    farm.start();
    BOOST_TEST(farm.guest().get("/health").status == 200);
}

BOOST_AUTO_TEST_CASE(a_port_that_cannot_be_told_ends_the_start_with_a_sentence)
{
    FakeBuildServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    std::filesystem::create_symlink("/dev/full", farm.folder() / "port.new");
    farm.launch();
    BOOST_TEST(farm.process().wait(30s).value_or(0) > 0);
    BOOST_TEST(has(farm.log(), "cannot write the port"), farm.log());
}

BOOST_AUTO_TEST_CASE(it_stops_within_five_seconds_whatever_is_going_on)
{
    FakeBuildServer server, silent("aarch64");
    FarmProcess farm({{"x86_64", server.url()}, {"aarch64", silent.url()}});
    farm.start();
    const auto running = acceptedBuild(submit(farm.admin(), "running"));
    BOOST_TEST_REQUIRE(server.waitForAccepted(running));
    silent.misbehave({.fault = Fault::Silence});
    acceptedBuild(submit(farm.admin(), "hanging", "'aarch64'"));
    EventStreamClient viewer(farm.guest(), "/build/" + running + "/stream");
    TcpConnection idle(farm.port()), uploading(farm.port());
    uploading.write(farm.admin().requestHead("POST", "/build", {{"Content-Type", "multipart/form-data; boundary=x"},
                                                                 {"Content-Length", "100000"}}) + "\r\n--x\r\n");
    BOOST_TEST(farm.process().terminate(kAllowance * 5s) == 0, farm.log());

    farm.start();
    BOOST_TEST(statusOf(farm.guest(), running) == "building");
    farm.process().signal(SIGINT);
    BOOST_TEST(farm.process().wait(kAllowance * 5s).value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(it_listens_within_300_ms_and_idles_below_40_MiB)
{
    FakeBuildServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    farm.admin();
    farm.stop();
    auto fastest = std::chrono::steady_clock::duration::max();
    long smallest = std::numeric_limits<long>::max();
    for (int i = 0; i < 3; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        farm.start();
        fastest = std::min(fastest, std::chrono::steady_clock::now() - begin);
        BOOST_TEST_REQUIRE(server.waitForRequests("GET /", 3 * (i + 1)));
        BOOST_TEST(farm.guest().get("/dashboard").status == 200);
        smallest = std::min(smallest, residentKiB(farm.process().pid()));
        farm.stop();
    }
    BOOST_TEST((fastest < kAllowance * 300ms), std::chrono::duration_cast<std::chrono::milliseconds>(fastest).count());
    BOOST_TEST(smallest > 0);
    BOOST_TEST(smallest < kAllowance * 40 * 1024);
}

BOOST_AUTO_TEST_CASE(without_authentication_everybody_may_submit_and_the_log_warns)
{
    FakeBuildServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start({"--no-auth"});
    BOOST_TEST(server.waitForAccepted(acceptedBuild(submit(farm.guest(), "unguarded"))));
    BOOST_TEST(has(farm.log(), "Authentication is switched off"));
}

BOOST_AUTO_TEST_SUITE_END()
