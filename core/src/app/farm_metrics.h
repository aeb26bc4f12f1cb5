// SPDX-License-Identifier: MIT
#pragma once

#include "app/build_tally.h"
#include "fleet/fleet.h"
#include "http/http_server.h"
#include "http/request_metrics.h"
#include "plugin/extension_host.h"
#include "service/build_ledger.h"
#include "service/build_queue.h"
#include "util/clock.h"
#include "util/prometheus_text.h"
#include "util/task_board.h"

#include <apbfarm/storage.h>

#include <filesystem>
#include <functional>
#include <string>

namespace apbfarm::app {

/// What monitoring is told about the farm: every figure is read when it is asked for. Any thread.
class FarmMetrics {
public:
    struct Parts {
        const fleet::Fleet& fleet;
        const service::BuildQueue& queue;
        const service::BuildLedger& ledger;
        const BuildTally& tally;
        Storage& storage;
        const plugin::ExtensionHost& extensions;
        const util::TaskBoard& tasks;
        const http::RequestMetrics& requests;
        std::function<http::HttpServer::Counters()> connections;
        std::filesystem::path stateDirectory;
        const util::Clock& clock;
    };

    explicit FarmMetrics(Parts parts) : parts_(std::move(parts)), startedAt_(parts_.clock.wall()) {}

    /// In the text format of Prometheus.
    std::string text() const;

private:
    using Text = util::PrometheusText;

    void builds(Text& out) const;
    void queue(Text& out) const;
    void servers(Text& out) const;
    void requests(Text& out) const;
    void connections(Text& out) const;
    void tasks(Text& out) const;
    void plugins(Text& out) const;
    void storage(Text& out) const;
    void process(Text& out) const;

    Parts parts_;
    Timestamp startedAt_;
};

} // namespace apbfarm::app
