// The log: one line an entry, to standard error, with a message and key=value fields.
//
//   log::info("connected", {{"host", host}, {"port", port}});
//   log::warn("{}: {} tries left", name, tries);
//
// A narrow face of spdlog, which is included by log.cpp alone. A line is at most 8 KiB, control
// characters are escaped, and what looks like a credential is replaced by *** (core/redact.hpp), so
// that a server's words may be logged as they are. May be called from any thread.
#pragma once

#include <fmt/core.h>

#include <concepts>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace postern::log {

enum class Level { debug, info, warn, error };
enum class Format { text, json };

/// The longest line without its line break; what is over it is cut and marked.
inline constexpr std::size_t line_bytes_max = 8192;

struct Options {
  Level level = Level::info;
  Format format = Format::text;
  /// Where lines go instead of standard error, without line break: for tests. Called under a lock.
  std::function<void(std::string_view line)> sink;
};

/// Replaces what was configured before. Not to be called while other threads log.
void configure(Options options);

/// Whether an entry of this level would be written: to spare the making of costly fields.
bool enabled(Level level);

/// One key=value. Anything fmt can print is a value; a Secret prints as ***.
struct Field {
  template <class Value>
  Field(std::string_view name, const Value& of)
      : key(name),
        value(fmt::format("{}", of)),
        bare(std::is_arithmetic_v<Value> && !std::same_as<Value, char>) {}
  std::string_view key;
  std::string value;
  bool bare;  // a number or boolean: unquoted in JSON
};
using Fields = std::initializer_list<Field>;

void write(Level level, std::string_view message, Fields fields = {});

inline void debug(std::string_view message, Fields fields = {}) {
  write(Level::debug, message, fields);
}
inline void info(std::string_view message, Fields fields = {}) {
  write(Level::info, message, fields);
}
inline void warn(std::string_view message, Fields fields = {}) {
  write(Level::warn, message, fields);
}
inline void error(std::string_view message, Fields fields = {}) {
  write(Level::error, message, fields);
}

/// The same with fmt's format strings, checked at compile time.
template <class First, class... Rest>
void debug(fmt::format_string<First, Rest...> format, First&& first, Rest&&... rest) {
  if (!enabled(Level::debug)) return;
  write(Level::debug, fmt::vformat(format, fmt::make_format_args(first, rest...)));
}
template <class First, class... Rest>
void info(fmt::format_string<First, Rest...> format, First&& first, Rest&&... rest) {
  write(Level::info, fmt::vformat(format, fmt::make_format_args(first, rest...)));
}
template <class First, class... Rest>
void warn(fmt::format_string<First, Rest...> format, First&& first, Rest&&... rest) {
  write(Level::warn, fmt::vformat(format, fmt::make_format_args(first, rest...)));
}
template <class First, class... Rest>
void error(fmt::format_string<First, Rest...> format, First&& first, Rest&&... rest) {
  write(Level::error, fmt::vformat(format, fmt::make_format_args(first, rest...)));
}

}  // namespace postern::log
