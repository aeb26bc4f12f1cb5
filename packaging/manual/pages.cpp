// SPDX-License-Identifier: MIT
#include "pages.h"

#include "page_text.h"

namespace apbfarm::manual {

std::string farmPage(const Facts& facts)
{
    PageText page("apb-farm", "8", "control plane of a package build farm");
    page.heading("Synopsis").paragraph("apb-farm [OPTION]... [COMMAND]");
    page.heading("Description")
        .paragraph("apb-farm takes PKGBUILD submissions over HTTP, keeps them in a durable queue, hands each to a build "
                   "server of the right architecture that has a free slot, follows it, stores its log and packages, "
                   "and tells people. It runs in the foreground and writes its log to standard error.")
        .paragraph("Build servers are listed in apb.json(5), all else is set in apb-farm.properties(5). The first start "
                   "makes the account admin with the password admin123, which works from the same machine only, until "
                   "it is changed.");
    page.heading("Commands")
        .paragraph("Without one it serves until it is told to stop. A command does what it says and ends. It reads the "
                   "same configuration, so it takes the same options, and runs as the user whom the farm runs as.");
    for (const auto& command : facts.farmCommands)
        page.item(command.name + (command.argument.empty() ? "" : " " + command.argument),
                  command.help + (command.type.empty() ? "." : ". Takes " + command.type + "."));
    page.heading("Options");
    for (const auto& option : facts.farmOptions)
        page.option(option);
    page.heading("Signals")
        .item("SIGHUP", "Reads apb.json and the properties file again: takes over all of it or, when anything is wrong, "
                        "nothing. The log says which.")
        .item("SIGTERM, SIGINT, SIGQUIT", "Stops. Builds go on on their servers and are taken up at the next start.");
    page.heading("Environment")
        .item("APB_FARM_HOST, APB_FARM_PORT, APB_FARM_CONFIG, APB_FARM_DATABASE, APB_FARM_LOG_LEVEL, APB_FARM_PROPERTIES",
              "As the options of these names, which win over them; they win over the files.")
        .item("HOME", "What ~ in paths stands for.")
        .item("NOTIFY_SOCKET, WATCHDOG_USEC", "A service manager that is told of start, reload, end, and that the "
                                              "farm answers itself, as sd_notify(3) describes.")
        .item("CREDENTIALS_DIRECTORY", "If it holds apb-farm.key, that is the key with which secrets in the database are "
                                       "encrypted, instead of secret.key in the state directory.");
    page.heading("Exit status")
        .item("0", "Stopped as asked, done, or the check found nothing.")
        .item("1, 2", "What backup, doctor and --import-check say with it.")
        .item("64", "Unknown arguments.")
        .item("69", "A part could not start, for example because something else listens on the port.")
        .item("74", "Nothing could be stored any more.")
        .item("78", "The configuration or a plugin is wrong; a sentence on standard error says what to do.");
    page.heading("Files")
        .item("/etc/apb-farm/apb-farm.properties, /etc/apb-farm/apb.json", "The configuration of the packaged service.")
        .item("/var/lib/apb-farm", "Its database, uploads, logs, packages and key.")
        .item("/etc/credstore/apb-farm.key", "The key, 32 random bytes, if it shall not lie beside the data; systemd "
                                             "hands it to the service. A farm that has one already: stop it, move "
                                             "/var/lib/apb-farm/state/secret.key there, start it.");
    page.seeAlso({"apb-server(8)", "apb-farm.properties(5)", "apb.json(5)"});
    return page.text();
}

std::string serverPage(const Facts& facts)
{
    PageText page("apb-server", "8", "build server of a package build farm");
    page.heading("Synopsis").paragraph("apb-server [OPTION]...");
    page.heading("Description")
        .paragraph("apb-server takes PKGBUILD submissions over HTTP, builds packages with makepkg(8), each in a sandbox "
                   "of its own, and keeps logs and packages until they are fetched. Farms such as apb-farm(8) give it "
                   "its work. It runs in the foreground and writes its log to standard error.")
        .paragraph("Whoever reaches its port may have code built. Let only the farm reach it, and give it a secret.");
    page.heading("Options").paragraph("Defaults are in brackets.");
    for (const auto& option : facts.serverOptions)
        page.option(option);
    page.heading("Secret")
        .paragraph("With --secret-file it answers only to requests that have a secret of that file as Authorization: "
                   "Bearer; without, they get 401 secret_required. /health is answered to everybody. The file has one "
                   "secret per line, at most two, each of 16 to 256 visible ASCII characters; lines that begin with # "
                   "are left out. Others on the machine must not be able to read it: it is root's or the service's, "
                   "for example root:apb-server with the mode 0640. It is read again when it changes; when the change "
                   "makes no sense, the secrets stay as they were and the log says so.")
        .paragraph("To exchange a secret without a pause: put the new one on a second line, give it to the farm, then "
                   "take the first line out. The secret is readable on the way unless a proxy before the server has "
                   "TLS. Builds of the builder plain can read what the server can read, the file too.");
    page.heading("Memory")
        .paragraph("The status of a build that has ended has peak_memory, in bytes: what all its processes held "
                   "together at most, seen once a second, and at least what its largest process ever held. What was read "
                   "from files counts in that largest process only. Memory that processes share after a fork counts "
                   "for each; what was swapped out and files in a tmpfs do not count. server_memory is what the "
                   "machine has, or less when a control group around the server, such as that of a container, allows "
                   "less. The scheduler fit of apb-farm(8) learns from both.");
    page.heading("Files")
        .item("/etc/default/apb-server", "APB_SERVER_OPTIONS of the packaged service.")
        .item("/var/lib/apb-server/builds", "Where the packaged service keeps builds.");
    page.seeAlso({"apb-farm(8)", "makepkg(8)", "bwrap(1)"});
    return page.text();
}

std::string propertiesPage(const Facts& facts)
{
    PageText page("apb-farm.properties", "5", "settings of apb-farm and its plugins");
    page.heading("Description")
        .paragraph("Lines of the form key = value. Blank lines and lines that begin with # are left out; a line "
                   "that ends with a backslash goes on in the next. An unknown key, a value that makes no sense and a "
                   "key that is set twice stop the start with a sentence that names file, line and remedy. Options of "
                   "plugins that are installed and not loaded may stay in the file.")
        .paragraph("The first of these is read: what --properties or APB_FARM_PROPERTIES names, "
                   "etc/apb-farm.properties in the current folder, /etc/apb-farm/apb-farm.properties. Command line, "
                   "environment and apb.json(5) win over it.")
        .paragraph("Durations are numbers with ms, s, m, h or d, sizes are numbers with KB, MB or GB, flags are "
                   "true or false, lists are separated by commas.");
    page.heading("Settings").paragraph("Shown with their defaults.");
    for (const auto& group : facts.properties) {
        page.subheading(group.title);
        for (const auto& fact : group.facts)
            page.setting(fact);
    }
    page.seeAlso({"apb-farm(8)", "apb.json(5)"});
    return page.text();
}

std::string jsonPage(const Facts& facts)
{
    PageText page("apb.json", "5", "build servers and settings that farms and their clients share");
    page.heading("Description")
        .paragraph("A JSON object. servers is required: for each architecture a list with the base URLs of build "
                   "servers. What is not known here, for example the settings of clients, is left alone.")
        .example("{\n    \"servers\": {\n        \"x86_64\": [\"http://server1.example.com:8000\"],\n"
                 "        \"aarch64\": [\"http://server2.example.com:8000\"]\n    },\n"
                 "    \"farm_url\": \"https://farm.example.com\",\n    \"cache\": { \"retention_days\": 30 }\n}")
        .paragraph("The farm reads what --config or APB_FARM_CONFIG names, or the first of ./apb.json, "
                   "/etc/apb/apb.json, ~/.apb/apb.json and ~/.apb-farm/apb.json. It wins over "
                   "apb-farm.properties(5).");
    page.heading("Settings").paragraph("A point stands for an object in the object. Each stands for a setting of "
                                       "apb-farm.properties(5).");
    for (const auto& fact : facts.jsonSettings)
        page.item(fact.name, "As " + fact.help + "; " + fact.type + ".");
    page.seeAlso({"apb-farm(8)", "apb-farm.properties(5)"});
    return page.text();
}

} // namespace apbfarm::manual
