// SPDX-License-Identifier: MIT
#pragma once

#include "support/certificate.h"
#include "support/child_process.h"
#include "support/temp_dir.h"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <memory>
#include <string>
#include <vector>

namespace apbfarm::test {

/// A mail as a real server received it.
struct ReceivedMail {
    std::string content;             ///< headers and body, CRLF
    Poco::JSON::Object::Ptr facts;   ///< from, to, tls, login

    std::string head() const { return content.substr(0, content.find("\r\n\r\n") + 2); }
    std::string body() const { return content.substr(content.find("\r\n\r\n") + 4); }
    /// Folded lines joined; empty when there is no such header.
    std::string header(const std::string& name) const
    {
        auto text = "\r\n" + head();
        for (auto at = text.find("\r\n "); at != std::string::npos; at = text.find("\r\n "))
            text.erase(at, 2);
        const auto begin = text.find("\r\n" + name + ": ");
        if (begin == std::string::npos)
            return {};
        const auto value = begin + name.size() + 4;
        return text.substr(value, text.find("\r\n", value) - value);
    }
};

/// A real SMTP server on a free port of this machine.
class MailServer {
public:
    explicit MailServer(std::vector<std::string> options = {})
    {
        std::vector<std::string> command{"/usr/bin/python3", (sourceDirectory() / "tests/support/smtp_server.py"),
                                         "--folder", dir_.path(), "--port-file", dir_ / "port"};
        command.insert(command.end(), options.begin(), options.end());
        program_ = std::make_unique<ChildProcess>(command, dir_ / "log");
        port_ = waitForPort(dir_ / "port", *program_);
    }

    std::uint16_t port() const { return port_; }
    bool hasMail(int number) const { return std::filesystem::exists(dir_ / (std::to_string(number) + ".json")); }
    ReceivedMail mail(int number = 1) const
    {
        const auto base = std::to_string(number);
        Poco::JSON::Parser parser;
        return {readFile(dir_ / (base + ".eml")),
                parser.parse(readFile(dir_ / (base + ".json"))).extract<Poco::JSON::Object::Ptr>()};
    }

private:
    TempDir dir_;
    std::unique_ptr<ChildProcess> program_;
    std::uint16_t port_ = 0;
};

} // namespace apbfarm::test
