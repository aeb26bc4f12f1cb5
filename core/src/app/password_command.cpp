// SPDX-License-Identifier: MIT
#include "app/password_command.h"

#include "app/control_socket.h"
#include "app/farm.h"
#include "app/install_paths.h"
#include "app/state_layout.h"
#include "plugin/plugin_set.h"
#include "util/json_reader.h"
#include "util/json_writer.h"

#include <openssl/crypto.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>

namespace apbfarm::app {

namespace {

/// Nothing that is typed while it lives is shown.
class HiddenTyping {
public:
    HiddenTyping()
    {
        ::tcgetattr(STDIN_FILENO, &before_);
        auto hidden = before_;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    ~HiddenTyping() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }

private:
    termios before_{};
};

std::string typed(const std::string& prompt)
{
    const HiddenTyping hidden;
    std::cerr << prompt << std::flush;
    std::string line;
    std::getline(std::cin, line);
    std::cerr << "\n";
    return line;
}

std::string askForPassword(const std::string& username)
{
    std::string line;
    if (::isatty(STDIN_FILENO)) {
        line = typed("New password of " + username + ": ");
        if (typed("Once more: ") != line)
            throw InvalidInput("The two are not the same. Nothing was changed", "not_the_same");
    } else {
        std::getline(std::cin, line);
    }
    if (line.empty())
        throw InvalidInput("No password was given. Nothing was changed", "no_password");
    return line;
}

std::string questionOf(const std::string& username, const std::string& password)
{
    return util::JsonWriter().beginObject().member("command", "set-admin-password").member("username", username)
        .member("password", password).endObject().take();
}

void throwRefusal(const std::string& answer)
{
    const auto said = util::parseJsonObject(answer)->optValue<std::string>("refused", "");
    if (!said.empty())
        throw Conflict(said, "refused");
}

/// As much of a farm as it takes to change an account.
void changeInDatabase(const FarmConfig& config, const std::string& username, const std::string& password,
                      Poco::Logger& logger)
{
    refuseHalfRestored(config);
    util::SystemClock clock;
    auto secrets = util::AesSecretBox::fromFile(config.state.secretKey);
    plugin::PluginLoader loader(pluginDirectory(config));
    plugin::ExtensionCatalog catalog;
    auto options = pluginConfiguration(config);
    plugin::loadPlugins(loader, config.plugins.load, catalog, options, logger);
    giveDatabasePath(config, catalog, options);
    plugin::ExtensionHost extensions(catalog, options, secrets, config.state.directory.string() + "/", clock);
    auto& storage = extensions.createStorage(config.storage);
    service::AuthenticatorChain authenticators(authenticatorsOf(config, extensions), storage.users());
    service::PasswordPool passwords;
    service::LoginThrottle throttle(clock);
    service::SessionService sessions(storage.users(), storage.tokens(), storage.audit(), authenticators, passwords,
                                     throttle, clock);
    service::NotificationService notifications(storage.users(), storage.outbox(), {}, clock, config.http.publicUrl);
    service::UserService users(
        {storage.users(), storage.audit(), authenticators.own(), passwords, sessions, notifications, clock});
    users.resetAdministrator(username, password);
}

} // namespace

void setAdminPassword(const FarmConfig& config, const std::string& wanted, Poco::Logger& logger, std::ostream& out)
{
    const auto username = wanted.empty() ? std::string(service::kDefaultAdminName) : wanted;
    if (!std::filesystem::exists(config.state.directory))
        throw NotFound("There is no farm's state in " + config.state.directory.string() +
                           ": start the farm once, or name "
                           "its configuration with --config and --properties",
                       "no_state");
    auto password = askForPassword(username);
    if (const auto answer = askFarm(config.state.directory, questionOf(username, password))) {
        throwRefusal(*answer);
    } else {
        if (config.storage == "sqlite")
            refuseForeignRoot(StateLayout(config));
        changeInDatabase(config, username, password, logger);
    }
    OPENSSL_cleanse(password.data(), password.size());
    out << "The administrator " << username << " has the new password. Sessions that this account had have ended\n";
}

std::string answerCommand(const std::string& question, service::UserService& users)
{
    util::JsonWriter answer;
    answer.beginObject();
    try {
        const auto asked = util::parseJsonObject(question);
        if (asked->getValue<std::string>("command") != "set-admin-password")
            throw InvalidInput("The running farm does not know this command; restart it after an upgrade",
                               "unknown_command");
        users.resetAdministrator(asked->getValue<std::string>("username"), asked->getValue<std::string>("password"));
        answer.member("done", true);
    } catch (const std::exception& error) {
        answer.member("refused", std::string(error.what()));
    }
    return answer.endObject().take();
}

} // namespace apbfarm::app
