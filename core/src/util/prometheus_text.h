// SPDX-License-Identifier: MIT
#pragma once

#include "util/histogram.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace apbfarm::util {

/// Metrics in Prometheus' text format, version 0.0.4, in the order in which they are written.
class PrometheusText {
public:
    using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

    /// Begins a family: the samples that follow are its. `type` is "counter", "gauge" or "histogram".
    PrometheusText& family(std::string_view name, std::string_view type, std::string_view help);
    PrometheusText& sample(double value, const Labels& labels = {});
    PrometheusText& sample(const Histogram::Snapshot& durations, const Labels& labels = {});

    PrometheusText& counter(std::string_view name, std::string_view help, double value)
    {
        return family(name, "counter", help).sample(value);
    }
    PrometheusText& gauge(std::string_view name, std::string_view help, double value)
    {
        return family(name, "gauge", help).sample(value);
    }

    std::string take() { return std::move(text_); }

private:
    void line(std::string_view suffix, const Labels& labels, std::string_view bound, double value);

    std::string text_;
    std::string name_;
};

} // namespace apbfarm::util
