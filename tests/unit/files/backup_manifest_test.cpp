// SPDX-License-Identifier: MIT
#include "files/backup_manifest.h"
#include "support/child_process.h"
#include "support/temp_dir.h"
#include "util/secrets.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

struct Written {
    void write(const std::string& text)
    {
        std::ofstream(folder / "manifest.json") << text;
        std::ofstream(folder / "manifest.sha256") << util::sha256Hex(text) << "  manifest.json\n";
    }
    std::string refusal()
    {
        try {
            files::readManifest(folder.path());
            return "none";
        } catch (const InvalidInput& error) {
            return error.what();
        }
    }

    TempDir folder;
};

files::BackupManifest manifest()
{
    return {
        "2026-01-02T03:04:05Z",
        "1.0",
        4,
        true,
        {{"state/logs/ab/x.log", 5, std::string(64, 'a'), true}, {"database/farm.db", 1u << 31, std::string(64, 'b')}}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(BackupManifest)

BOOST_FIXTURE_TEST_CASE(what_is_written_is_read_again_and_sha256sum_checks_it, Written)
{
    write(files::toJson(manifest()));
    const auto read = files::readManifest(folder.path());
    BOOST_TEST(files::toJson(read) == files::toJson(manifest()));
    BOOST_TEST(read.files.at(0).readOnly);
    BOOST_TEST(!read.files.at(1).readOnly);
    ChildProcess check(
        {"env", "--chdir=" + folder.path().string(), "sha256sum", "--check", "--quiet", "manifest.sha256"},
        folder / "output");
    BOOST_TEST(check.wait().value_or(-1) == 0, check.output());
}

BOOST_FIXTURE_TEST_CASE(a_name_that_leads_out_is_refused_X5, Written)
{
    for (const auto* name : {"../evil", "/etc/passwd", "state/../../evil", "", "./x", "x/"}) {
        auto bad = manifest();
        bad.files.at(0).path = name;
        write(files::toJson(bad));
        BOOST_TEST(refusal().find("outside of itself") != std::string::npos, "'" << name << "': " << refusal());
    }
}

BOOST_FIXTURE_TEST_CASE(one_that_is_changed_cut_or_newer_is_refused, Written)
{
    const auto text = files::toJson(manifest());
    write(text);
    std::ofstream(folder / "manifest.json", std::ios::app) << " ";
    BOOST_TEST(refusal().find("not the one that was written") != std::string::npos);
    for (const auto& bad : {text.substr(0, text.size() / 2), std::string("{}"), std::string("[]"),
                            "{\"form\":2," + text.substr(text.find(',') + 1)}) {
        write(bad);
        BOOST_TEST(refusal() != "none", bad);
    }
}

BOOST_AUTO_TEST_SUITE_END()
