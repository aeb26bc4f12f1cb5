// SPDX-License-Identifier: MIT
#pragma once

#include "util/task_board.h"

#include <apbfarm/http.h>

#include <atomic>
#include <functional>
#include <string>

namespace apbfarm::api {

/// Who may read the metrics besides administrators.
enum class MetricsReaders { OwnMachine, Anyone, Nobody };

/// What operators look at: background work and metrics.
class AdminRoutes {
public:
    /// `metrics` makes the text of an answer; called by several threads at once.
    AdminRoutes(const util::TaskBoard& tasks, std::function<std::string()> metrics, MetricsReaders readers)
        : tasks_(tasks), metrics_(std::move(metrics)), readers_(readers)
    {
    }

    void declare(RouteTable& routes);
    /// From the next request on. Any thread.
    void admit(MetricsReaders readers) { readers_ = readers; }

private:
    void tasks(HttpResponse& response) const;
    void metrics(const HttpRequest& request, HttpResponse& response) const;
    bool mayReadMetrics(const HttpRequest& request) const;

    const util::TaskBoard& tasks_;
    std::function<std::string()> metrics_;
    std::atomic<MetricsReaders> readers_;
};

} // namespace apbfarm::api
