// SPDX-License-Identifier: MIT
#pragma once

#include "api/page_site.h"
#include "service/build_statistics.h"

#include <apbfarm/http.h>

#include <string>

namespace apbfarm::api {

/// Numbers and plots about builds. The plots are drawn here, so that they are there without script.
class StatisticsView {
public:
    /// `realAddresses`: servers are named as administrators see them. `withUsers`: who submitted how much is told.
    StatisticsView(const PageContext& context, bool realAddresses, bool withUsers)
        : context_(context), realAddresses_(realAddresses), withUsers_(withUsers)
    {
    }

    View of(const service::BuildStatistics& statistics);

private:
    void addPlots(View& view, const service::BuildStatistics& statistics) const;
    std::vector<View> servers(const service::BuildStatistics& statistics) const;
    std::vector<View> users(const service::BuildStatistics& statistics) const;

    const PageContext& context_;
    const bool realAddresses_, withUsers_;
};

/// The statistics page of the dashboard.
class StatisticsPage {
public:
    StatisticsPage(const PageSite& site, service::StatisticsService& statistics) : site_(site), statistics_(statistics) {}

    void declare(RouteTable& routes);

private:
    void show(const HttpRequest& request, HttpResponse& response) const;

    const PageSite& site_;
    service::StatisticsService& statistics_;
};

} // namespace apbfarm::api
