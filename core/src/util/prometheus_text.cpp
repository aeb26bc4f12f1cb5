// SPDX-License-Identifier: MIT
#include "util/prometheus_text.h"

#include "util/text.h"

#include <array>
#include <charconv>
#include <chrono>

namespace apbfarm::util {

namespace {

std::string numberText(double value)
{
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return {digits.data(), end};
}

double secondsOf(std::chrono::microseconds duration)
{
    return std::chrono::duration<double>(duration).count();
}

void appendEscaped(std::string& text, std::string_view value)
{
    for (const char c : value) {
        if (c == '\\' || c == '"')
            text += '\\';
        c == '\n' ? text += "\\n" : text += c;
    }
}

} // namespace

PrometheusText& PrometheusText::family(std::string_view name, std::string_view type, std::string_view help)
{
    name_ = name;
    text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
    text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
    return *this;
}

PrometheusText& PrometheusText::sample(double value, const Labels& labels)
{
    line("", labels, {}, value);
    return *this;
}

PrometheusText& PrometheusText::sample(const Histogram::Snapshot& durations, const Labels& labels)
{
    for (const auto& [bound, count] : durations.within)
        line("_bucket", labels, numberText(secondsOf(bound)), static_cast<double>(count));
    line("_bucket", labels, "+Inf", static_cast<double>(durations.count));
    line("_sum", labels, {}, secondsOf(durations.sum));
    line("_count", labels, {}, static_cast<double>(durations.count));
    return *this;
}

void PrometheusText::line(std::string_view suffix, const Labels& labels, std::string_view bound, double value)
{
    text_.append(name_).append(suffix);
    char before = '{';
    const auto label = [&](std::string_view name, std::string_view content) {
        text_ += before;
        text_.append(name).append("=\"");
        appendEscaped(text_, toUtf8(content));
        text_ += '"';
        before = ',';
    };
    for (const auto& [name, content] : labels)
        label(name, content);
    if (!bound.empty())
        label("le", bound);
    text_.append(before == ',' ? "} " : " ").append(numberText(value)).append("\n");
}

} // namespace apbfarm::util
