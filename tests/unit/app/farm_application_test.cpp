// SPDX-License-Identifier: MIT
#include "app/farm_application.h"

#include "support/short_memory.h"

#include <Poco/Util/Application.h>

#include <boost/test/unit_test.hpp>

#include <iostream>
#include <streambuf>
#include <string>

using namespace apbfarm;

namespace {

/// There is no memory any more from the first word on.
class LastWords final : public std::streambuf {
public:
    std::string text;   // without memory of its own, if it is short

private:
    std::streamsize xsputn(const char* bytes, std::streamsize count) override
    {
        if (text.empty())
            text.assign(bytes, static_cast<std::size_t>(count));
        test::failAllocations(1, test::kWithoutEnd);
        return count;
    }
    int overflow(int character) override { return character; }
};

} // namespace

BOOST_AUTO_TEST_SUITE(FarmApplication)

BOOST_AUTO_TEST_CASE(the_end_of_the_process_needs_no_memory)
{
    LastWords words;
    app::FarmApplication farm;
    auto* const before = std::cout.rdbuf(&words);
    const int code = farm.run({"apb-farm", "--version"});
    const auto failed = test::endFailing();
    std::cout.rdbuf(before);
    BOOST_TEST(words.text.starts_with("apb-farm"));
    BOOST_TEST(failed > 0);
    BOOST_TEST(code == Poco::Util::Application::EXIT_OK);
}

BOOST_AUTO_TEST_SUITE_END()
