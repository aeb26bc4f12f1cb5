// SPDX-License-Identifier: MIT
#include "proofs/fuzz/fuzz.h"

#include "support/child_process.h"

#include <algorithm>
#include <filesystem>
#include <regex>

namespace apbfarm::proofs {

namespace {

namespace fs = std::filesystem;
using test::ChildProcess;

constexpr std::chrono::hours kPatience{100};

/// Its exit code; what it printed is in `output`.
int runToEnd(const std::vector<std::string>& command, const fs::path& output)
{
    fs::remove(output);
    return ChildProcess(command, output).wait(kPatience).value_or(-1);
}

/// The programs, built with another compiler than everything else.
class Programs {
public:
    Programs()
    {
        const auto source = test::sourceDirectory() / "tests/proofs/fuzz/targets";
        fs::create_directories(folder());
        step({"cmake", "-S", source.string(), "-B", folder().string(), "-G", "Ninja", "-DCMAKE_CXX_COMPILER=clang++"});
        step({"cmake", "--build", folder().string()});
    }

    static fs::path folder() { return test::buildDirectory() / "fuzz"; }

    static std::vector<std::string> names()
    {
        std::vector<std::string> found;
        for (const auto& entry : fs::directory_iterator(test::sourceDirectory() / "tests/proofs/fuzz/targets"))
            if (entry.path().extension() == ".cpp")
                found.push_back(entry.path().stem().string());
        std::ranges::sort(found);
        return found;
    }

private:
    static void step(const std::vector<std::string>& command)
    {
        const auto output = folder() / "build.txt";
        if (runToEnd(command, output) != 0)
            throw std::runtime_error("the fuzz targets could not be built (Debian: clang libclang-rt-14-dev):\n"
                                     + test::readFile(output));
    }
};

class Target {
public:
    Target(std::string name, const Options& options, Tally& tally) : name_(std::move(name)), options_(options), tally_(tally)
    {
        fs::create_directories(found());
    }

    void run()
    {
        const auto output = Programs::folder() / (name_ + ".txt");
        const auto code = runToEnd(command(), output);
        const auto text = test::readFile(output);
        const auto done = executions(text);
        tally_.say("  " + name_ + ": " + std::to_string(done) + " executions, " + std::to_string(kept())
                   + " inputs in the corpus, " + coverage(text));
        tally_.passed(done);
        if (code != 0)
            tally_.failed(name_ + ": " + reason(text) + "; the input is the newest finding-* in fuzz/found-" + name_
                          + " of the build, for fuzz/fuzz-" + name_ + "; the end of what it printed:\n" + tail(text));
    }

private:
    fs::path found() const { return Programs::folder() / ("found-" + name_); }
    fs::path corpus() const { return test::sourceDirectory() / "tests/proofs/fuzz/corpus" / name_; }

    std::size_t kept() const
    {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(corpus()), fs::directory_iterator()));
    }

    /// What is new goes into the first folder; the others are replayed before anything is tried.
    std::vector<std::string> command() const
    {
        std::vector<std::string> words{(Programs::folder() / ("fuzz-" + name_)).string(), found().string(),
                                       corpus().string()};
        if (name_ == "http_head" || name_ == "chunked")
            for (const auto& entry : fs::directory_iterator(test::sourceDirectory() / "tests/proofs/http/corpus"))
                if (entry.is_directory())
                    words.push_back(entry.path().string());
        if (const auto dictionary = corpus().string() + ".dict"; fs::exists(dictionary))
            words.push_back("-dict=" + dictionary);
        const auto time = options_.time.value_or(std::chrono::seconds(options_.quick ? 5 : 0));
        if (time.count() > 0)
            words.push_back("-max_total_time=" + std::to_string(time.count()));
        else
            words.push_back("-runs=" + std::to_string(options_.size(0, 200'000'000)));
        words.insert(words.end(), {"-seed=" + std::to_string(options_.seed.value_or(1)), "-print_final_stats=1",
                                   "-max_len=8192", "-timeout=20", "-rss_limit_mb=2048",
                                   "-artifact_prefix=" + found().string() + "/finding-"});
        return words;
    }

    static std::uint64_t executions(const std::string& text)
    {
        std::smatch match;
        return std::regex_search(text, match, std::regex("number_of_executed_units: ([0-9]+)")) ? std::stoull(match[1]) : 0;
    }
    static std::string coverage(const std::string& text)
    {
        const auto at = text.rfind("cov: ");
        return at == text.npos ? "no coverage told" : text.substr(at + 5, text.find(' ', at + 5) - at - 5) + " edges seen";
    }
    static std::string reason(const std::string& text)
    {
        std::smatch match;
        const std::regex marks("(VIOLATED: [^\n]*|runtime error: [^\n]*|ERROR: [^\n]*)");
        return std::regex_search(text, match, marks) ? match[1].str() : "it ended early";
    }
    static std::string tail(const std::string& text) { return text.substr(text.size() - std::min<std::size_t>(text.size(), 1500)); }

    const std::string name_;
    const Options& options_;
    Tally& tally_;
};

}

void fuzz(const Options& options, Tally& tally)
{
    const Programs programs;
    auto names = Programs::names();
    for (const auto& word : options.words)
        if (std::ranges::find(names, word) == names.end())
            throw std::runtime_error("there is no target \"" + word + "\"");
    if (!options.words.empty())
        names = options.words;
    tally.say("seed " + std::to_string(options.seed.value_or(1)) + ", " + std::to_string(names.size()) + " parsers");
    for (const auto& name : names)
        Target(name, options, tally).run();
    tally.say("passed are executions without a finding");
}

}
