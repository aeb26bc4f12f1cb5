// SPDX-License-Identifier: MIT
#include "proofs/powerloss/run.h"

#include "package/tarball_writer.h"
#include "proofs/powerloss/records.h"
#include "support/fake_build_server.h"
#include "support/farm_process.h"
#include "support/noise.h"
#include "support/packages.h"
#include "util/sha256_list.h"

#include <Poco/JSON/Array.h>

#include <random>

namespace apbfarm::proofs::power {

namespace {

constexpr int kSubmissions = 40;
constexpr std::size_t kLarge = 100'000;      // bytes: such a tarball goes into the spool
constexpr std::size_t kLargest = 5'000'000;  // this one in blocks, by threads of their own

class Run {
public:
    Run(const std::filesystem::path& folder, std::uint64_t seed)
        : folder_(folder), file_((folder / "recording").string()), random_(seed),
          farm_(test::FarmProcess::Servers{{"x86_64", x86_.url()}, {"aarch64", arm_.url()}})
    {
    }

    Recording record()
    {
        start();
        for (int i = 0; i < kSubmissions; ++i) {
            submit(i);
            if (i % 4 == 3)
                finishSome();
            if (i % 10 == 9)
                addAccount(i);
            if (i == kSubmissions / 3 || i == 2 * kSubmissions / 3) {
                farm_.kill();
                start();
            }
        }
        while (!open_.empty())
            finishSome();
        farm_.stop();
        return {farm_.stateDirectory().string(), file_, {backUp("farm.tar"), backUp("farm")}};
    }

private:
    void start()
    {
        // Inherited by the child only: this process has no use for the recorder.
        const auto library = recorder();
        ::setenv("POWERLOSS_ROOT", farm_.stateDirectory().c_str(), 1);
        ::setenv("POWERLOSS_RECORDING", file_.c_str(), 1);
        ::setenv("LD_PRELOAD", library.c_str(), 1);
        farm_.start();
        ::unsetenv("LD_PRELOAD");
    }

    Backup backUp(const std::string& name)
    {
        const auto place = folder_ / ("backup of " + name) / name, recording = folder_ / ("recording of " + name);
        std::filesystem::create_directory(place.parent_path());
        test::ChildProcess program({test::buildDirectory() / "bin/apb-farm", "--config", farm_.folder() / "apb.json",
                                    "--properties", farm_.folder() / "farm.properties", "backup", place},
                                   folder_ / "backup-output",
                                   {{"POWERLOSS_ROOT", place.parent_path()}, {"POWERLOSS_RECORDING", recording},
                                    {"LD_PRELOAD", recorder()}});
        if (program.wait(std::chrono::minutes(2)) != 0)
            throw std::runtime_error("the backup failed: " + program.output());
        return {place, recording};
    }

    static std::filesystem::path recorder()
    {
        return test::buildDirectory() / "tests/proofs/libpowerloss-recorder.so";
    }

    std::string tarball(int number)
    {
        const auto architectures = number % 3 == 0 ? "'x86_64' 'aarch64'" : "'x86_64'";
        const auto text = test::pkgbuild("package" + std::to_string(number), architectures);
        if (number % 5 != 2)
            return test::tarballOf(text);
        const auto size = number % 20 == 7 ? kLargest : kLarge;
        return package::writeTarball({{"PKGBUILD", text}, {"noise.bin", test::noise(size, random_)}});
    }

    void submit(int number)
    {
        const auto content = tarball(number);
        const auto answer = test::submitTarball(farm_.admin(), content);
        if (answer.status != 200)
            throw std::runtime_error("a submission was refused: " + answer.body);
        std::string ids;
        const auto builds = test::json(answer)->getArray("builds");
        for (std::size_t i = 0; i < builds->size(); ++i) {
            open_.push_back(builds->getObject(static_cast<unsigned>(i))->getValue<std::string>("build_id"));
            ids += (ids.empty() ? "" : " ") + open_.back();
        }
        tell(file_, "accepted", util::sha256ListHex(content) + " " + ids);
        if (number % 7 == 5)
            cancel(open_.back());
    }

    void cancel(const std::string& id)
    {
        const auto answer = farm_.admin().post("/build/" + id + "/cancel");
        if (answer.status == 200 && test::member(answer, "success") == "true")
            tell(file_, "cancelled", id);
    }

    /// Whatever a server has by now ends, some of it badly.
    void finishSome()
    {
        std::vector<std::string> left;
        for (const auto& id : open_)
            if (!finish(id))
                left.push_back(id);
        open_ = std::move(left);
    }

    bool finish(const std::string& id)
    {
        for (auto* server : {&x86_, &arm_}) {
            if (server->statusOf(id) != BuildStatus::Building)
                continue;
            for (std::uint64_t line = 0; line < 20 + random_() % 200; ++line)
                server->appendLog(id, lineOf(id, line));
            const bool good = random_() % 4 != 0;
            server->finish(id, good ? BuildStatus::Completed : BuildStatus::Failed,
                           good ? std::vector<test::FakeFile>{{"package-1.0-1-any.pkg.tar.zst", "package of " + id}} : std::vector<test::FakeFile>{});
        }
        const auto guest = farm_.guest();
        std::string status;
        test::eventually([&] { return test::isFinal(status = test::statusOf(guest, id)); }, std::chrono::milliseconds(1500));
        if (test::isFinal(status))
            tell(file_, "ended", id + " " + status);
        return test::isFinal(status);
    }

    void addAccount(int number)
    {
        const auto name = "user" + std::to_string(number);
        const auto answer = farm_.admin().postJson("/auth/users", "{\"username\":\"" + name + "\",\"password\":\"a good one 123\",\"role\":\"user\",\"email\":\"" + name + "@example.com\"}");
        if (answer.status != 200 && answer.status != 201)
            throw std::runtime_error("an account was refused: " + answer.body);
        tell(file_, "account", name);
    }

    std::filesystem::path folder_;
    std::string file_;
    std::mt19937_64 random_;
    test::FakeBuildServer x86_{"x86_64", 3}, arm_{"aarch64", 2};
    test::FarmProcess farm_;
    std::vector<std::string> open_;
};

}

std::string lineOf(const std::string& build, std::uint64_t number)
{
    return std::to_string(number) + " of " + build + std::string(number % 97, '.');
}

Recording record(const std::filesystem::path& folder, std::uint64_t seed)
{
    ::setenv("TMPDIR", folder.c_str(), 1);
    const auto recording = Run(folder, seed).record();
    ::unsetenv("TMPDIR");
    return recording;
}

}
