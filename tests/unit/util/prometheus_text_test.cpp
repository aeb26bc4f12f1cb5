// SPDX-License-Identifier: MIT
#include "util/prometheus_text.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(PrometheusText)

BOOST_AUTO_TEST_CASE(a_label_may_hold_anything)
{
    util::PrometheusText text;
    text.family("x_total", "counter", "Things.").sample(3, {{"what", "a \"b\" \\ c\nd"}, {"who", ""}});
    BOOST_TEST(text.take() == "# HELP x_total Things.\n# TYPE x_total counter\n"
                              "x_total{what=\"a \\\"b\\\" \\\\ c\\nd\",who=\"\"} 3\n");
}

BOOST_AUTO_TEST_CASE(each_range_of_a_histogram_contains_those_before_it)
{
    util::Histogram durations;
    durations.add(100us);
    durations.add(2ms);
    durations.add(1min);
    util::PrometheusText text;
    text.family("t_seconds", "histogram", "Times.").sample(durations.snapshot(), {{"a", "b"}});
    const auto all = text.take();
    const auto has = [&](const std::string& line) { return all.find("t_seconds" + line + "\n") != std::string::npos; };
    BOOST_TEST(has("_bucket{a=\"b\",le=\"0.00025\"} 1"));
    BOOST_TEST(has("_bucket{a=\"b\",le=\"0.001\"} 1"));
    BOOST_TEST(has("_bucket{a=\"b\",le=\"0.0025\"} 2"));
    BOOST_TEST(has("_bucket{a=\"b\",le=\"30\"} 2"));
    BOOST_TEST(has("_bucket{a=\"b\",le=\"+Inf\"} 3"));
    BOOST_TEST(has("_count{a=\"b\"} 3"));
    BOOST_TEST(has("_sum{a=\"b\"} 60.0021"));
}

BOOST_AUTO_TEST_SUITE_END()
