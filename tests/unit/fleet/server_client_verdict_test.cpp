// SPDX-License-Identifier: MIT
#include "fleet/server_client.h"

#include "support/fake_build_server.h"
#include "support/temp_dir.h"
#include "util/durable_file.h"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>

#include <filesystem>
#include <fstream>

using namespace apbfarm;
using namespace apbfarm::fleet;
using namespace std::chrono_literals;
using apbfarm::test::FakeBuildServer;
using apbfarm::test::Fault;
using apbfarm::test::TempDir;
using apbfarm::test::Misbehaviour;

namespace {

const BuildId kBuild = "bdf6a18a-6ae5-4cfa-bff8-dfe49883e816";

ClientOptions impatient()
{
    ClientOptions options;
    options.answerTimeout = 300ms;
    options.submitTimeout = 300ms;
    options.stallTimeout = 300ms;
    return options;
}

struct Submitting {
    FakeBuildServer server;
    ServerClient client{server.url(), {}};
    ServerClient hasty{server.url(), impatient()};

    HandOverResult submit(ServerClient& by)
    {
        Payload payload{"some bytes", {}, 0};
        return by.submit({kBuild}, payload);
    }
    HandOverResult answered(int status, const std::string& body, std::map<std::string, std::string> headers = {})
    {
        server.behave();
        server.misbehave({.fault = Fault::Answer, .path = "/build", .status = status, .body = body,
                          .headers = std::move(headers)});
        return submit(client);
    }
    Verdict verdict(int status, const std::string& body) { return answered(status, body).verdict; }
};

std::string nested(const std::string& title, const std::string& text = "Why")
{
    return R"({"detail":{"error":")" + title + R"(","detail":")" + text + R"("}})";
}

} // namespace

BOOST_AUTO_TEST_SUITE(ServerClientVerdict)

// L2: each documented outcome of a hand-over.

BOOST_FIXTURE_TEST_CASE(L2_a_json_answer_of_success_is_accepted, Submitting)
{
    BOOST_TEST((submit(client).verdict == Verdict::Accepted));
    BOOST_TEST((verdict(202, R"({"build_id":")" + kBuild + R"("})") == Verdict::Accepted));
}

BOOST_FIXTURE_TEST_CASE(L2_an_id_that_exists_already_is_accepted, Submitting)
{
    submit(client);
    BOOST_TEST((submit(client).verdict == Verdict::Accepted));
    BOOST_TEST(server.acceptedCount().at(kBuild) == 1);
    BOOST_TEST((verdict(400, R"({"detail":"Build id Already Exists"})") == Verdict::Accepted));
}

BOOST_FIXTURE_TEST_CASE(L2_an_explanation_that_quotes_existing_files_is_no_acceptance, Submitting)
{
    BOOST_TEST((verdict(400, nested("Invalid tarball", "tar: PKGBUILD already exists")) == Verdict::Rejected));
}

BOOST_FIXTURE_TEST_CASE(L2_a_refusal_that_blames_the_submission_is_rejected_with_its_words, Submitting)
{
    const auto result = answered(400, nested("Invalid tarball", "Could not extract tarball: not a gzip file"));
    BOOST_TEST((result.verdict == Verdict::Rejected));
    BOOST_TEST(result.text == "HTTP 400: Invalid tarball: Could not extract tarball: not a gzip file");
    BOOST_TEST((verdict(422, R"({"detail":[{"loc":["body","build_id"],"msg":"field required"}]})") == Verdict::Rejected));
    BOOST_TEST((verdict(422, "{}") == Verdict::Rejected));
}

BOOST_FIXTURE_TEST_CASE(L2_only_a_tarball_is_answered_with_single_files, Submitting)
{
    const auto wanted = R"({"detail":[{"type":"missing","loc":["body","pkgbuild"],"msg":"Field required","input":null}]})";
    BOOST_TEST((verdict(422, wanted) == Verdict::NeedsFiles));
    const TempDir folder;
    const auto file = util::temporaryFile(folder.path());
    FilesForm form({kBuild}, file.get());
    form.beginFile("PKGBUILD");
    form.finish();
    BOOST_TEST((client.submitFiles(form).verdict == Verdict::Rejected));
}

BOOST_FIXTURE_TEST_CASE(L2_too_large_and_forbidden_need_no_readable_body, Submitting)
{
    BOOST_TEST((verdict(413, "<html>nginx") == Verdict::TooLarge));
    BOOST_TEST((verdict(413, nested("File too large")) == Verdict::TooLarge));
    BOOST_TEST((verdict(401, "") == Verdict::Forbidden));
    BOOST_TEST((verdict(403, "<html>") == Verdict::Forbidden));
}

BOOST_FIXTURE_TEST_CASE(L2_a_busy_server_did_not_take_it, Submitting)
{
    for (const int status : {429, 503})
        BOOST_TEST((verdict(status, "Service Unavailable") == Verdict::NotTaken), "status " << status);
}

BOOST_FIXTURE_TEST_CASE(L2_a_proxy_that_gave_up_on_its_server_proves_nothing, Submitting)
{
    for (const int status : {502, 504})
        BOOST_TEST((verdict(status, "<html>Bad Gateway") == Verdict::Unclear), "status " << status);
}

BOOST_FIXTURE_TEST_CASE(L2_a_server_that_is_down_did_not_take_it, Submitting)
{
    server.goDown();
    const auto result = submit(client);
    BOOST_TEST((result.verdict == Verdict::NotTaken));
    BOOST_TEST(result.text.find("refused") != std::string::npos);
    server.comeUp();
    BOOST_TEST((submit(client).verdict == Verdict::Accepted));
}

BOOST_FIXTURE_TEST_CASE(L2_all_other_answers_are_unclear, Submitting)
{
    const std::string other = R"({"build_id":"00000000-0000-4000-8000-000000000000","status":"queued"})";
    BOOST_TEST((verdict(200, "<html>") == Verdict::Unclear));
    BOOST_TEST((verdict(200, "{}") == Verdict::Unclear));
    BOOST_TEST((verdict(200, R"({"build_id":)") == Verdict::Unclear));
    BOOST_TEST((verdict(200, other) == Verdict::Unclear));
    BOOST_TEST((verdict(204, "") == Verdict::Unclear));
    BOOST_TEST((verdict(400, "<html>Bad Request") == Verdict::Unclear));
    BOOST_TEST((verdict(409, "{}") == Verdict::Unclear));
    for (const int status : {301, 302, 307, 308, 404, 405, 408, 500, 507})
        BOOST_TEST((verdict(status, nested("Disk full")) == Verdict::Unclear), "status " << status);
}

BOOST_FIXTURE_TEST_CASE(L2_a_lost_answer_is_unclear_whether_it_was_taken_or_not, Submitting)
{
    server.misbehave({.fault = Fault::ResetBefore, .times = 1});
    BOOST_TEST((submit(client).verdict == Verdict::Unclear));
    BOOST_TEST(server.acceptedCount().empty());
    server.misbehave({.fault = Fault::ResetAfter, .times = 1});
    BOOST_TEST((submit(client).verdict == Verdict::Unclear));
    BOOST_TEST(server.acceptedCount().at(kBuild) == 1);
}

BOOST_FIXTURE_TEST_CASE(L2_a_submission_is_never_sent_twice_by_itself, Submitting)
{
    client.info();
    server.misbehave({.fault = Fault::ResetBefore, .path = "/build"});
    submit(client);
    BOOST_TEST(server.requests().size() == 2);
}

BOOST_FIXTURE_TEST_CASE(L2_silence_is_unclear_after_its_time, Submitting)
{
    server.misbehave({Fault::Silence});
    BOOST_TEST((submit(hasty).verdict == Verdict::Unclear));
    server.behave();
    server.misbehave({Fault::SilenceAfter});
    BOOST_TEST((submit(hasty).verdict == Verdict::Unclear));
    BOOST_TEST(server.acceptedCount().at(kBuild) == 1);
}

BOOST_FIXTURE_TEST_CASE(L2_half_an_answer_is_unclear, Submitting)
{
    server.misbehave({.fault = Fault::HalfJson, .times = 1});
    BOOST_TEST((submit(client).verdict == Verdict::Unclear));
    server.misbehave({.fault = Fault::Truncated, .times = 1});
    BOOST_TEST((submit(client).verdict == Verdict::Unclear));
    server.misbehave({.fault = Fault::Drip, .times = 1, .pace = 10ms});
    BOOST_TEST((submit(hasty).verdict == Verdict::Unclear));
}

BOOST_FIXTURE_TEST_CASE(L2_a_refusal_in_the_middle_of_the_upload_is_read, Submitting)
{
    const test::TempDir folder;
    std::ofstream(folder / "payload") << "x";
    constexpr std::uint64_t size = 64 << 20;
    std::filesystem::resize_file(folder / "payload", size);
    server.misbehave({.fault = Fault::EarlyAnswer, .path = "/build", .status = 413, .body = nested("File too large")});
    Payload file{{}, util::UniqueFd(::open((folder / "payload").c_str(), O_RDONLY | O_CLOEXEC)), size};
    BOOST_TEST((client.submit({kBuild}, file).verdict == Verdict::TooLarge));
    Payload memory{std::string(size, 'x'), {}, 0};
    const auto result = client.submit({kBuild}, memory);
    BOOST_TEST((result.verdict == Verdict::TooLarge));
    BOOST_TEST(result.text == "HTTP 413: File too large: Why");
}

BOOST_FIXTURE_TEST_CASE(L2_success_before_the_whole_upload_is_unclear, Submitting)
{
    server.misbehave({.fault = Fault::EarlyAnswer, .path = "/build", .status = 200,
                      .body = R"({"build_id":")" + kBuild + R"("})"});
    Payload payload{std::string(64 << 20, 'x'), {}, 0};
    BOOST_TEST((client.submit({kBuild}, payload).verdict == Verdict::Unclear));
}

BOOST_FIXTURE_TEST_CASE(retry_after_is_understood_in_both_forms_and_capped, Submitting)
{
    const auto retryAfter = [this](const std::string& value) {
        return answered(503, "busy", {{"retry-after", value}}).retryAfter;
    };
    BOOST_TEST((retryAfter("7") == 7s));
    BOOST_TEST((retryAfter("0") == 0s));
    BOOST_TEST((retryAfter("86400") == 3600s));
    BOOST_TEST((retryAfter("99999999999999999999999999") == 3600s));
    BOOST_TEST((retryAfter("Fri, 31 Dec 2199 23:59:59 GMT") == 3600s));
    BOOST_TEST((retryAfter("Wed, 21 Oct 2015 07:28:00 GMT") == 0s));
    for (const std::string nonsense : {"-1", "+5", "soon", "1.5", ""})
        BOOST_TEST((retryAfter(nonsense) == std::nullopt), nonsense);
}

BOOST_FIXTURE_TEST_CASE(V8_texts_of_servers_are_one_short_printable_line, Submitting)
{
    const auto result = answered(400, nested("Bad\\u001b]8;;evil\\u0007\\r\\nLog: forged \\u202e", std::string(5000, 'x')));
    BOOST_TEST((result.verdict == Verdict::Rejected));
    BOOST_TEST(result.text.size() <= 2048u);
    BOOST_TEST((result.text.find_first_of("\x1b\r\n\x07") == std::string::npos));
    BOOST_TEST((result.text.find("\xe2\x80\xae") == std::string::npos));
    BOOST_TEST(answered(503, "Service Unavailable\n", {{"content-type", "text/plain"}}).text ==
               "HTTP 503: Service Unavailable");
    BOOST_TEST(answered(502, "<html><script>", {{"content-type", "text/html"}}).text == "HTTP 502");
}

BOOST_AUTO_TEST_SUITE_END()
