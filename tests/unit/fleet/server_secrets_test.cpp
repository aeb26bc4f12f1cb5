// SPDX-License-Identifier: MIT
#include "fleet/server_secrets.h"

#include "support/secret_file.h"
#include "support/temp_dir.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace apbfarm::fleet;

namespace {

const std::string kSecret = "CANARY-secret-of-one";

struct SecretFile {
    std::filesystem::path write(const std::string& text) { return test::writeSecretFile(folder / "secrets", text); }
    std::string complaint(const std::string& text)
    {
        try {
            readServerSecrets(write(text));
        } catch (const InvalidInput& error) {
            return error.what();
        }
        return "accepted";
    }

    test::TempDir folder;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(ServerSecretsFile, SecretFile)

BOOST_AUTO_TEST_CASE(a_server_has_its_secret_however_its_url_is_written_V7)
{
    ServerSecrets secrets(write(R"({"http://One.example.org:80/": "CANARY-secret-of-one", "https://two:8443/x": "CANARY-secret-of-two"})"),
                          [](const std::string&) {});
    for (const auto* url : {"http://one.example.org", "http://one.example.org/", "http://ONE.example.org:80"})
        BOOST_TEST(secrets.of(parseServerUrl(url)) == kSecret, url);
    BOOST_TEST(secrets.of(parseServerUrl("https://two:8443/x")) == "CANARY-secret-of-two");
    for (const auto* url : {"https://one.example.org", "http://one.example.org:8000", "https://two:8443", "https://two/x",
                            "http://two:8443/x", "http://one.example.org.evil.example", "http://one.example.org/x"})
        BOOST_TEST(secrets.of(parseServerUrl(url)).empty(), url);
}

BOOST_AUTO_TEST_CASE(the_file_is_read_again_when_it_has_changed_and_not_when_that_makes_no_sense_V7)
{
    std::vector<std::string> said;
    const auto one = parseServerUrl("http://one:8000");
    ServerSecrets secrets(write(R"({"http://one:8000": "CANARY-secret-of-one"})"),
                          [&](const std::string& sentence) { said.push_back(sentence); });
    BOOST_TEST(secrets.of(one) == kSecret);
    BOOST_TEST(said.empty());
    write(R"({"http://one:8000": "CANARY-next-secret-of-one"})");
    BOOST_TEST(secrets.of(one) == "CANARY-next-secret-of-one");
    write(R"({"http://one:8000": )");
    BOOST_TEST(secrets.of(one) == "CANARY-next-secret-of-one");
    BOOST_TEST(secrets.of(one) == "CANARY-next-secret-of-one");
    BOOST_TEST_REQUIRE(said.size() == 2u);
    BOOST_TEST(said[0].find("were read again") != std::string::npos);
    BOOST_TEST(said[1].find("stay as they were") != std::string::npos);
    for (const auto& sentence : said)
        BOOST_TEST(sentence.find("CANARY") == std::string::npos, sentence);
    write("{}");
    BOOST_TEST(secrets.of(one).empty());
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_the_file_is_said_without_its_secrets_C2)
{
    for (const std::string text :
         {"", "[]", "CANARY-secret-of-one", R"({"http://one:8000": "CANARY-secret-of-one" CANARY})", R"({"http://one:8000": 1})",
          R"({"http://one:8000": "CANARY"})", R"({"http://one:8000": "CANARY secret of one"})", R"({"http://one:8000": {"a": "CANARY"}})",
          R"({"CANARY-secret-of-one": "http://one:8000"})", R"({"http://me:CANARY@one:8000": "CANARY-secret-of-one"})",
          R"({"http://one:8000": "CANARY-secret-of-one", "http://one:8000": "CANARY-secret-of-two"})",
          R"({"http://one:8000": "CANARY-secret-of-one", "http://one:8000/": "CANARY-secret-of-two"})"}) {
        const auto said = complaint(text);
        BOOST_TEST(said.find("secrets' ") != std::string::npos, text << ": " << said);
        BOOST_TEST(said.find("CANARY") == std::string::npos, said);
    }
}

BOOST_AUTO_TEST_CASE(a_file_that_others_can_read_or_change_is_refused_O2)
{
    for (const int mode : {0604, 0602, 0620, 0666}) {
        const auto file = write(R"({"http://one:8000": "CANARY-secret-of-one"})");
        std::filesystem::permissions(file, static_cast<std::filesystem::perms>(mode));
        BOOST_CHECK_THROW(readServerSecrets(file), InvalidInput);
        std::filesystem::permissions(file, std::filesystem::perms(0640));
        BOOST_TEST(readServerSecrets(file).size() == 1u);
    }
    BOOST_CHECK_THROW(readServerSecrets(folder.path()), InvalidInput);
    BOOST_CHECK_THROW(readServerSecrets(folder / "nowhere"), InvalidInput);
}

BOOST_AUTO_TEST_SUITE_END()
