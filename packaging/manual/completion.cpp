// SPDX-License-Identifier: MIT
#include "completion.h"

#include "util/text.h"

namespace apbfarm::manual {

namespace {

constexpr auto kNote = "# Made from the option table; do not edit.\n";

enum class Wanted { Nothing, Anything, File, Folder, Choice };

Wanted wantedBy(const Fact& option)
{
    const auto argument = util::toLower(option.argument);
    if (argument.empty())
        return Wanted::Nothing;
    if (!choicesIn(option.help).empty())
        return Wanted::Choice;
    return argument == "file" ? Wanted::File : argument == "folder" ? Wanted::Folder : Wanted::Anything;
}

std::string wordsOf(const Fact& option)
{
    return util::join(choicesIn(option.help), " ");
}

std::string replaced(std::string text, const std::string& from, const std::string& to)
{
    for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

std::string bashCase(const Fact& option)
{
    const auto answer = [&](const std::string& how) {
        return "        --" + option.name + ") COMPREPLY=($(compgen " + how + " -- \"$word\")); return ;;\n";
    };
    switch (wantedBy(option)) {
    case Wanted::Nothing: return "";
    case Wanted::Choice: return answer("-W \"" + wordsOf(option) + "\"");
    case Wanted::File: return answer("-f");
    case Wanted::Folder: return answer("-d");
    case Wanted::Anything: return "        --" + option.name + ") return ;;\n";
    }
    return "";
}

std::string zshAction(const Fact& option)
{
    switch (wantedBy(option)) {
    case Wanted::Nothing: return "";
    case Wanted::Choice: return ":" + option.argument + ":(" + wordsOf(option) + ")";
    case Wanted::File: return ":" + option.argument + ":_files";
    case Wanted::Folder: return ":" + option.argument + ":_files -/";
    case Wanted::Anything: return ":" + option.argument + ": ";
    }
    return "";
}

/// The word that a command begins with: "secrets" of "secrets rotate".
std::string firstWord(const Fact& command)
{
    return command.name.substr(0, command.name.find(' '));
}

/// Of commands with two words, the second.
std::string bashSecondWord(const Fact& command)
{
    const auto space = command.name.find(' ');
    return space == command.name.npos ? "" : "        " + firstWord(command) + ") COMPREPLY=($(compgen -W \"" +
                                                 command.name.substr(space + 1) + "\" -- \"$word\")); return ;;\n";
}

std::string fishQuoted(const std::string& text)
{
    return replaced(replaced(text, "\\", "\\\\"), "'", "\\'");
}

bool takesFile(const Fact& command)
{
    return command.argument == "BACKUP" || command.argument == "DIR|FILE";
}

} // namespace

std::string bashCompletion(const std::string& program, const std::vector<Fact>& options, const std::vector<Fact>& commands)
{
    const auto function = "_" + replaced(program, "-", "_");
    std::string names, cases;
    for (const auto& option : options) {
        names += (names.empty() ? "--" : " --") + option.name;
        cases += bashCase(option);
    }
    for (const auto& command : commands) {
        names += " " + firstWord(command);
        cases += bashSecondWord(command);
        if (takesFile(command))
            cases += "        " + command.name + ") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n";
    }
    return kNote + function + "()\n{\n    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
           "    case $before in\n" + cases + "    esac\n    COMPREPLY=($(compgen -W \"" + names + "\" -- \"$word\"))\n}\n"
           "complete -o filenames -F " + function + " " + program + "\n";
}

std::string zshCompletion(const std::string& program, const std::vector<Fact>& options, const std::vector<Fact>& commands)
{
    std::string text = "#compdef " + program + "\n" + kNote + "_arguments -s";
    for (const auto& option : options) {
        auto help = option.help;
        for (const auto* special : {"[", "]", ":"})
            help = replaced(help, special, std::string("\\") + special);
        text += " \\\n    '--" + option.name + "[" + replaced(help, "'", "'\\''") + "]" + zshAction(option) + "'";
    }
    std::string words, second;
    for (const auto& command : commands) {
        words += (words.empty() ? "" : " ") + firstWord(command);
        if (const auto space = command.name.find(' '); space != command.name.npos)
            second += (second.empty() ? "" : " ") + command.name.substr(space + 1);
    }
    if (!words.empty())
        text += " \\\n    '1::command:(" + words + ")' \\\n    '2::argument:{ _files; compadd " + second + " }'";
    return text + "\n";
}

std::string fishCompletion(const std::string& program, const std::vector<Fact>& options, const std::vector<Fact>& commands)
{
    std::string text = kNote + ("complete -c " + program + " -f\n");
    for (const auto& option : options) {
        text += "complete -c " + program + " -l " + option.name;
        switch (wantedBy(option)) {
        case Wanted::Nothing: break;
        case Wanted::Choice: text += " -x -a '" + wordsOf(option) + "'"; break;
        case Wanted::File: text += " -r -F"; break;
        case Wanted::Folder: text += " -x -a '(__fish_complete_directories)'"; break;
        case Wanted::Anything: text += " -x"; break;
        }
        text += " -d '" + fishQuoted(option.help) + "'\n";
    }
    for (const auto& command : commands) {
        const auto first = firstWord(command);
        text += "complete -c " + program + " -n __fish_use_subcommand -a '" + first + "' -d '" + fishQuoted(command.help) + "'\n";
        if (const auto space = command.name.find(' '); space != command.name.npos)
            text += "complete -c " + program + " -n '__fish_seen_subcommand_from " + first + "' -a '" +
                    command.name.substr(space + 1) + "'\n";
        if (takesFile(command))
            text += "complete -c " + program + " -n '__fish_seen_subcommand_from " + first + "' -F\n";
    }
    return text;
}

} // namespace apbfarm::manual
