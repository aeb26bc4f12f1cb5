// SPDX-License-Identifier: MIT
#include "proofs/live/people.h"

#include "support/packages.h"

namespace apbfarm::proofs {

using namespace std::chrono_literals;

namespace {

constexpr auto kPatience = 5s;       // for one answer
constexpr auto kLastPatience = 20s;  // for the last submission, when it is time to go

}

Maintainer::Maintainer(const test::FarmProcess& farm, Book& book, std::string token, std::string name,
                       std::uint64_t seed, Habits habits)
    : farm_(farm), book_(book), token_(std::move(token)), name_(std::move(name)), habits_(std::move(habits)),
      random_(seed), thread_([this] { work(); })
{
}

void Maintainer::stop()
{
    stopping_ = true;
    if (thread_.joinable())
        thread_.join();
}

void Maintainer::work()
{
    while (!stopping_ && number_ < habits_.submissions) {
        ::poll(nullptr, 0, static_cast<int>(habits_.pause.count()));
        if (book_.openCount() >= habits_.mostOpen)
            continue;
        submitNext();
        if (!last_.empty() && random_() % habits_.cancelsOneIn == 0)
            cancelOne();
    }
    done_ = true;
}

test::HttpClient Maintainer::client() const
{
    test::HttpClient client(habits_.through ? habits_.through : farm_.port(), kPatience);
    client.always("Authorization", "Bearer " + token_);
    return client;
}

void Maintainer::submitNext()
{
    const auto package = name_ + std::to_string(number_++);
    const auto tarball = test::tarballOf(test::pkgbuild(package, habits_.architectures[random_() % habits_.architectures.size()]));
    last_.clear();
    auto end = std::optional<std::chrono::steady_clock::time_point>();
    while (last_.empty()) {
        if (auto builds = trySubmit(package, tarball)) {
            last_ = *builds;
            return book_.accepted(package, last_);
        }
        const auto now = std::chrono::steady_clock::now();
        if (stopping_ && now > end.value_or(end.emplace(now + kLastPatience)))
            return;
        ::poll(nullptr, 0, 10);
    }
}

std::optional<std::vector<BuildId>> Maintainer::trySubmit(const std::string& package, const std::string& tarball)
{
    try {
        const auto answer = test::submitTarball(client(), tarball, "", {{"Idempotency-Key", package}});
        if (answer.status != 200)
            return std::nullopt;
        std::vector<BuildId> builds;
        const auto list = test::json(answer)->getArray("builds");
        for (unsigned i = 0; i < list->size(); ++i)
            builds.push_back(list->getObject(i)->getValue<std::string>("build_id"));
        return builds;
    } catch (const std::exception&) {
        return std::nullopt;   // the farm is away: what had no answer was not acknowledged
    }
}

void Maintainer::cancelOne()
{
    const auto build = last_[random_() % last_.size()];
    ::poll(nullptr, 0, static_cast<int>(random_() % 60));   // in any state
    book_.cancelTried(build);
    try {
        const auto answer = client().post("/build/" + build + "/cancel");
        if (answer.status == 200 && test::member(answer, "success") == "true")
            book_.cancelled(build);
    } catch (const std::exception&) {
    }
}

}
