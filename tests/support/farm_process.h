// SPDX-License-Identifier: MIT
#pragma once

#include "support/child_process.h"
#include "support/http_client.h"
#include "support/temp_dir.h"

#include "util/json_reader.h"

#include <apbfarm/model.h>

#include <atomic>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace apbfarm::test {

/// The real daemon in a folder of its own: start it, kill it, start it again on the same state.
///
/// Every interval is short, so that tests wait for events and not for clocks.
class FarmProcess {
public:
    using Servers = std::vector<std::pair<std::string, std::string>>;   ///< architecture, base URL

    explicit FarmProcess(Servers servers, std::map<std::string, std::string> properties = {})
        : properties_(std::move(properties))
    {
        setServers(servers);
    }

    void setServers(const Servers& servers)
    {
        std::map<std::string, std::string> groups;
        for (const auto& [architecture, url] : servers) {
            auto& list = groups[architecture];
            list += (list.empty() ? "\"" : ", \"") + url + "\"";
        }
        std::string json;
        for (const auto& [architecture, list] : groups)
            json += (json.empty() ? "\"" : ", \"") + architecture + "\": [" + list + "]";
        std::ofstream(folder_ / "apb.json") << "{\"servers\": {" << json << "}}\n";
    }

    void setProperty(const std::string& key, const std::string& value) { properties_[key] = value; }

    /// Returns when it listens and has taken up its builds.
    void start(const std::vector<std::string>& arguments = {})
    {
        launch(arguments);
        awaitPort();
    }
    /// The first half of `start`: returns while it is starting.
    void launch(const std::vector<std::string>& arguments = {})
    {
        writeProperties();
        std::filesystem::remove(folder_ / "port");
        std::vector<std::string> command{(buildDirectory() / "bin/apb-farm").string(), "--port", "0", "--port-file",
                                         (folder_ / "port").string(), "--config", (folder_ / "apb.json").string(),
                                         "--properties", (folder_ / "farm.properties").string()};
        command.insert(command.end(), arguments.begin(), arguments.end());
        process_ = std::make_unique<ChildProcess>(command, folder_ / "farm.log");
    }
    void awaitPort() { port_ = waitForPort(folder_ / "port", *process_); }
    /// Has it read its configuration again, with the properties as they are now.
    void reload()
    {
        writeProperties();
        process_->signal(SIGHUP);
    }
    int stop() { return process_->terminate(); }
    /// What a power cut would look like to the program.
    void kill() { process_->kill(); }

    std::uint16_t port() const { return port_; }
    ChildProcess& process() { return *process_; }
    std::filesystem::path folder() const { return folder_.path(); }
    std::filesystem::path stateDirectory() const { return folder_ / "state"; }
    std::string log() const { return readFile(folder_ / "farm.log"); }

    HttpClient guest() const { return HttpClient(port_); }

    /// Signed in with these; waits for the account that the first start makes.
    HttpClient as(const std::string& name, const std::string& password)
    {
        HttpClient client(port_);
        client.always("Authorization", "Bearer " + tokenOf(name, password));
        return client;
    }
    HttpClient admin() { return as("admin", "admin123"); }

    std::string tokenOf(const std::string& name, const std::string& password)
    {
        auto& token = tokens_[name];
        if (token.empty())
            eventually([&] {
                const auto answer = HttpClient(port_).postJson("/auth/login", "{\"username\":\"" + name +
                                                                                  "\",\"password\":\"" + password + "\"}");
                if (answer.status == 200)
                    token = util::parseJsonObject(answer.body)->getValue<std::string>("token");
                return !token.empty();
            });
        if (token.empty())
            throw std::runtime_error("no log-in as " + name + "; the farm said:\n" + log());
        return token;
    }

    /// At each start; earlier for who runs the program by itself.
    void writeProperties()
    {
        std::map<std::string, std::string> all{
            {"http.host", "127.0.0.1"},
            {"state.directory", stateDirectory().string()},
            {"database.path", (folder_ / "state/farm.db").string()},
            {"plugins.dir", (buildDirectory() / "plugins").string()},
            {"web.directory", (sourceDirectory() / "web").string()},
            {"auth.local.iterations", "10000"},
            {"limits.submissionsPerMinute", "1000000"},
            {"follow.statusInterval", "100ms"},
            {"follow.logInterval", "50ms"},
            {"follow.probeInterval", "200ms"},
            {"settle.notFoundGap", "300ms"},
            {"dispatch.interval", "1s"},
        };
        for (const auto& [key, value] : properties_)
            all[key] = value;
        std::ofstream file(folder_ / "farm.properties");
        for (const auto& [key, value] : all)
            file << key << " = " << value << "\n";
    }

private:
    TempDir folder_;
    std::map<std::string, std::string> properties_;
    std::unique_ptr<ChildProcess> process_;
    std::atomic<std::uint16_t> port_ = 0;   // others read it while this starts again
    std::map<std::string, std::string> tokens_;
};

} // namespace apbfarm::test
