// SPDX-License-Identifier: MIT
#include <apbfarm/plugin.h>

#include <crypt.h>

#include <fstream>

using namespace apbfarm;

namespace {

bool matches(std::string_view password, const std::string& hash)
{
    if (password.find('\0') != std::string_view::npos)   // crypt would stop reading there
        return false;
    crypt_data memory{};   // crypt() has one for all threads, crypt_r() one for each call
    const char* made = ::crypt_r(std::string(password).c_str(), hash.c_str(), &memory);
    return made && hash == made;
}

/// Names and passwords from a file of `name:hash` lines, as `openssl passwd` and `htpasswd -B` make them.
class PasswdFile final : public Authenticator {
public:
    explicit PasswdFile(const OptionView& options)
        : file_(options.getString("file")), admin_(options.getString("admin")), mailDomain_(options.getString("mailDomain"))
    {
        if (file_.empty())
            throw InvalidInput("auth.passwd.file must name the file with the passwords");
    }

    std::optional<Identity> authenticate(const Credentials& who) override
    {
        const auto [hash, known] = find(std::string(who.username));
        // An unknown name costs as much as a known one.
        if (!matches(who.password, hash) || !known)
            return std::nullopt;
        const std::string name(who.username);
        return Identity{name, mailDomain_.empty() ? "" : name + "@" + mailDomain_, name == admin_ ? Role::Admin : Role::User};
    }

private:
    /// The hash of that name, else of anybody, and whether it is that name's.
    std::pair<std::string, bool> find(const std::string& name) const
    {
        std::ifstream lines(file_);
        if (!lines)
            throw Unavailable("The list of passwords cannot be read");
        std::string anybody;
        for (std::string line; std::getline(lines, line);) {
            const auto colon = line.find(':');
            if (colon == std::string::npos)
                continue;
            anybody = line.substr(colon + 1);
            if (line.compare(0, colon, name) == 0 && colon > 0)
                return {anybody, true};
        }
        return {anybody, false};
    }

    std::string file_, admin_, mailDomain_;
};

} // namespace

APB_FARM_PLUGIN("auth-passwd", "1.0.0")
{
    registry.add(Provider<Authenticator>{
        .name = "passwd",
        .summary = "Names and passwords from a file of name:hash lines",
        .options =
            {
                {"file", "", "The file; read at every log-in"},
                {"admin", "", "Who becomes administrator at the first log-in"},
                {"mailDomain", "", "New accounts get the address name@mailDomain; empty: none"},
            },
        .create = [](ExtensionContext& context) { return std::make_unique<PasswdFile>(context.config()); },
    });
}
