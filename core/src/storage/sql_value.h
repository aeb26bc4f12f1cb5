// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/model.h>

#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace apbfarm::storage {

/// Bytes that are not text.
struct Blob {
    std::string_view bytes;
};

/// One parameter of a statement: NULL, a number, a text or bytes. Texts and bytes are borrowed.
using Value = std::variant<std::monostate, std::int64_t, double, std::string_view, Blob>;

inline Value toValue(std::nullopt_t) { return {}; }
inline Value toValue(std::string_view text) { return text; }
inline Value toValue(const std::string& text) { return std::string_view(text); }
inline Value toValue(const char* text) { return std::string_view(text); }
inline Value toValue(double number) { return number; }
inline Value toValue(Timestamp time) { return toEpoch(time); }
inline Value toValue(Blob blob) { return blob; }
inline Value toValue(const Value& value) { return value; }
template <std::integral T> Value toValue(T number) { return static_cast<std::int64_t>(number); }
template <class T> Value toValue(const std::optional<T>& maybe) { return maybe ? toValue(*maybe) : Value(); }

/// Existing databases say "none" with NULL where the model has an empty text.
inline Value textOrNull(std::string_view text) { return text.empty() ? Value() : Value(text); }

/// The nearest microsecond, so that a time comes back as it was stored.
inline Timestamp fromSeconds(double seconds)
{
    return Timestamp(std::chrono::microseconds(std::isfinite(seconds) ? std::llround(seconds * 1e6) : 0));
}

} // namespace apbfarm::storage
