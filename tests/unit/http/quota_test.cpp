// SPDX-License-Identifier: MIT
#include "http/quota.h"

#include <boost/test/unit_test.hpp>

using apbfarm::http::Quota;
using apbfarm::http::QuotaLease;

BOOST_AUTO_TEST_SUITE(Quotas)

BOOST_AUTO_TEST_CASE(counts_per_key_and_in_all)
{
    Quota quota(3, 2);
    BOOST_TEST((quota.take("a") == Quota::Verdict::Granted));
    BOOST_TEST((quota.take("a") == Quota::Verdict::Granted));
    BOOST_TEST((quota.take("a") == Quota::Verdict::KeyReached));
    BOOST_TEST((quota.take("") == Quota::Verdict::Granted));
    BOOST_TEST((quota.take("b") == Quota::Verdict::TotalReached));
    quota.give("");
    BOOST_TEST((quota.take("b") == Quota::Verdict::Granted));
    BOOST_TEST(quota.used() == 3u);
}

BOOST_AUTO_TEST_CASE(a_lease_gives_back_once)
{
    Quota quota(10, 1);
    {
        quota.take("a");
        QuotaLease lease(quota, "a");
        QuotaLease moved(std::move(lease));
        moved = QuotaLease();
        BOOST_TEST(quota.used() == 0u);
        BOOST_TEST((quota.take("a") == Quota::Verdict::Granted));
        moved = QuotaLease(quota, "a");
    }
    BOOST_TEST(quota.used() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
