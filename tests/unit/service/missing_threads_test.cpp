// SPDX-License-Identifier: MIT
#include "service/arriving_uploads.h"
#include "service/password_pool.h"

#include <boost/test/unit_test.hpp>

#include <dlfcn.h>
#include <pthread.h>

#include <cerrno>
#include <system_error>

using namespace apbfarm;

namespace {

thread_local int threadsLeft = -1;   // without end

}

/// In place of the system's, for this program.
extern "C" __attribute__((visibility("default"))) int pthread_create(pthread_t* thread, const pthread_attr_t* with,
                                                                     void* (*run)(void*), void* value)
{
    static const auto system = reinterpret_cast<decltype(&::pthread_create)>(::dlsym(RTLD_NEXT, "pthread_create"));
    if (threadsLeft == 0)
        return EAGAIN;
    if (threadsLeft > 0)
        --threadsLeft;
    return system(thread, with, run, value);
}

BOOST_AUTO_TEST_SUITE(MissingThreads)

BOOST_AUTO_TEST_CASE(who_gets_too_few_threads_says_so_and_leaves_none_behind)
{
    threadsLeft = 2;
    BOOST_CHECK_THROW(service::PasswordPool(3), std::system_error);
    threadsLeft = 2;
    BOOST_CHECK_THROW(service::ArrivingUploads(3), std::system_error);
    threadsLeft = -1;
    BOOST_TEST(service::PasswordPool(3).run([] { return true; }));
}

BOOST_AUTO_TEST_SUITE_END()
