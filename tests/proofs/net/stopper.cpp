// SPDX-License-Identifier: MIT
#include "proofs/net/stopper.h"

#include "proofs/net/fault_proxy.h"
#include "proofs/net/net.h"

#include <random>

namespace apbfarm::proofs {

Relay::Relay(std::uint16_t target)
{
    const auto file = folder_ / "port";
    process_ = std::make_unique<test::ChildProcess>(
        std::vector<std::string>{"/proc/self/exe", "net", "relay", std::to_string(target), file.string()},
        folder_ / "relay.log");
    port_ = test::waitForPort(file, *process_);
}

void relay(std::uint16_t target, const std::string& file)
{
    const FaultProxy proxy(NetFault::None, 0, target);
    std::ofstream(file + ".new") << proxy.port() << std::endl;
    std::filesystem::rename(file + ".new", file);
    for (;;)
        ::pause();
}

Stopper::Stopper(pid_t process, std::uint64_t seed) : process_(process), thread_([this, seed] { work(seed); })
{
}

Stopper::~Stopper()
{
    stopping_ = true;
    thread_.join();
}

void Stopper::work(std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    while (!stopping_) {
        ::poll(nullptr, 0, static_cast<int>(50 + random() % 250));
        ::kill(process_, SIGSTOP);
        ++stops_;
        ::poll(nullptr, 0, static_cast<int>(20 + random() % 400));
        ::kill(process_, SIGCONT);
    }
}

}
