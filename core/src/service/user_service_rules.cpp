// SPDX-License-Identifier: MIT
#include "service/user_service_rules.h"

#include "util/text.h"

#include <algorithm>
#include <array>

namespace apbfarm::service {

namespace {

constexpr std::size_t kLongestEmail = 254;

/// In lower case. Shorter ones are refused by their length already.
constexpr std::array<std::string_view, 88> kCommonPasswords{
    "00000000",     "01234567",     "0123456789",  "11111111",     "1111111111",  "11223344",    "12121212",
    "123123123",    "12341234",     "12344321",    "1234567890",   "123456789",   "12345678",    "123456789a",
    "12345678910",  "123456abc",    "1234abcd",    "1234qwer",     "123qweasd",   "147258369",   "1q2w3e4r",
    "1q2w3e4r5t",   "1qaz2wsx",     "1qazxsw2",    "22222222",     "55555555",    "66666666",    "77777777",
    "87654321",     "88888888",     "987654321",   "99999999",     "a1234567",    "a1b2c3d4",    "aa123456",
    "aaaaaaaa",     "abc12345",     "abcd1234",    "abcdefgh",     "admin123",    "admin1234",   "administrator",
    "archlinux",    "archlinux1",   "asdf1234",    "asdfasdf",     "asdfghjk",    "asdfghjkl",   "baseball",
    "changeme",     "changeme1",    "changeme123", "computer",     "correcthorsebatterystaple",  "default1",
    "football",     "iloveyou",     "internet",    "jennifer",     "letmein1",    "letmein123",  "michelle",
    "p@ssw0rd",     "passw0rd",     "password",    "password!",    "password1",   "password12",  "password123",
    "password1234", "princess",     "q1w2e3r4",    "qazwsxedc",    "qwer1234",    "qwerasdf",    "qwerty123",
    "qwerty12",     "qwertyui",     "qwertyuiop",  "secret123",    "starwars",    "sunshine",    "superman",
    "test1234",     "testtest",     "trustno1",    "welcome1",     "welcome123",
};

bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool consistsOf(std::string_view text, std::string_view extra)
{
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return isLetter(c) || isDigit(c) || extra.find(c) != extra.npos;
    });
}

/// Code points, which is what people count. The text is UTF-8.
std::size_t characters(std::string_view text)
{
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool isEmail(std::string_view text)
{
    const auto at = text.find('@');
    if (text.size() > kLongestEmail || at == text.npos || !consistsOf(text.substr(0, at), "._%+-"))
        return false;
    const auto domain = text.substr(at + 1);
    const auto dot = domain.rfind('.');
    if (dot == domain.npos || !consistsOf(domain.substr(0, dot), ".-"))
        return false;
    const auto top = domain.substr(dot + 1);
    return top.size() >= 2 && std::ranges::all_of(top, isLetter);
}

} // namespace

void Complaints::add(const std::string& field, const std::string& message, std::string sentence)
{
    fields_.push_back({field, message});
    sentences_.push_back(sentence.empty() ? "The " + field + " " + message : std::move(sentence));
}

void Complaints::raise() const
{
    if (!fields_.empty())
        throw InvalidInput(util::join(sentences_, ". "), "invalid_input", fields_);
}

void checkUsername(std::string_view username, Complaints& complaints)
{
    if (username.size() < 3 || username.size() > 50 || !consistsOf(username, "_"))
        complaints.add("username", "must have 3 to 50 characters: letters, digits and underscores only");
}

void checkNewPassword(std::string_view password, std::string_view username, const std::string& field,
                      Complaints& complaints)
{
    const auto length = characters(password);
    if (length < 8)
        complaints.add(field, "must have at least 8 characters");
    else if (length > 100)
        complaints.add(field, "must have at most 100 characters");
    else if (password.find('\0') != std::string_view::npos)
        complaints.add(field, "must not contain a zero byte");
    else if (util::equalsIgnoringCase(password, username))
        complaints.add(field, "must not be the user name");
    else if (std::ranges::find(kCommonPasswords, util::toLower(password)) != kCommonPasswords.end())
        complaints.add(field, "is one of the most common passwords, which are tried first; choose another one");
}

void checkEmail(std::string_view email, bool required, Complaints& complaints)
{
    if (email.empty() && required)
        complaints.add("email", "is required on this farm", "An e-mail address is required on this farm");
    else if (!email.empty() && !isEmail(email))
        complaints.add("email", "must look like name@example.org", "Invalid email format");
}

Role checkedRole(std::string_view word, Complaints& complaints)
{
    const auto role = roleFromText(word);
    if (role == Role::User || role == Role::Admin)
        return *role;
    complaints.add("role", "must be user or admin");
    return Role::User;
}

} // namespace apbfarm::service
