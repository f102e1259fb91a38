// See log.hpp. The only file that includes spdlog. Time stamps are spdlog's own: they are for
// people and no flow ever sees them.
#include "core/log.hpp"

#include "core/redact.hpp"
#include "core/showable.hpp"
#include "core/utf8.hpp"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>

namespace postern::log {
namespace {

constexpr std::string_view cut_mark = "…";
constexpr std::size_t stamp_bytes_max = 128;      // time, level and what JSON puts around them
constexpr std::size_t foreign_bytes_max = 65536;  // what redaction looks at, before the cut

class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(std::function<void(std::string_view)> take) : take_(std::move(take)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    take_({line.data(), line.size()});
  }
  void flush_() override {}

  std::function<void(std::string_view)> take_;
};

struct State {
  std::shared_ptr<spdlog::logger> logger;
  Format format = Format::text;
  Level level = Level::info;
};

spdlog::level::level_enum spd_level(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

State make_state(Options options) {
  spdlog::sink_ptr sink;
  const char* line_end = "\n";
  if (options.sink) {
    sink = std::make_shared<FunctionSink>(std::move(options.sink));
    line_end = "";
  } else {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  }
  const char* pattern = options.format == Format::json
                            ? R"({"at":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                            : "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
  sink->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      pattern, spdlog::pattern_time_type::utc, line_end));
  auto logger = std::make_shared<spdlog::logger>("postern", std::move(sink));
  logger->set_level(spd_level(options.level));
  logger->flush_on(spdlog::level::debug);
  return {std::move(logger), options.format, options.level};
}

State& state() {
  static State current = make_state({});
  return current;
}

/// `text` as what stands between JSON's quotes, which is readable in a text line as well.
std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += text[i];
    } else if (byte == '\n') {
      out += "\\n";
    } else if (byte == '\r') {
      out += "\\r";
    } else if (byte == '\t') {
      out += "\\t";
    } else if (const auto length = unshowable(text.substr(i)); length > 0) {
      const auto character = code_point(text.substr(i), length);
      out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(character));
      i += length - 1;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// Redacted, escaped, at most `bytes_max` long.
std::string clean(std::string_view text, std::size_t bytes_max) {
  auto out = escaped(to_valid_utf8(redact(cut_utf8(text, foreign_bytes_max))));
  if (out.size() <= bytes_max) return out;
  // Not within an escape: everything from the last backslash on goes if it is that near.
  auto front = cut_utf8(out, bytes_max - cut_mark.size());
  const auto backslash = front.find_last_of('\\', front.size());
  if (backslash != std::string_view::npos && front.size() - backslash < 6) {
    front = front.substr(0, backslash);
    while (front.ends_with('\\')) front.remove_suffix(1);
  }
  return std::string(front).append(cut_mark);
}

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" =\"\\") != std::string_view::npos;
}

std::string text_field(const Field& field, std::size_t bytes_max) {
  const auto value = clean(field.value, bytes_max);
  if (needs_quotes(value)) return fmt::format(" {}=\"{}\"", field.key, value);
  return fmt::format(" {}={}", field.key, value);
}

std::string json_field(const Field& field, std::size_t bytes_max) {
  const auto value = clean(field.value, bytes_max);
  if (field.bare) return fmt::format(",\"{}\":{}", field.key, value);
  return fmt::format(",\"{}\":\"{}\"", field.key, value);
}

/// The message and as many fields as fit, each with a fair share of what is left.
std::string line_of(Format format, std::string_view message, Fields fields) {
  constexpr std::size_t share = line_bytes_max / 4;
  const bool json = format == Format::json;
  auto line = clean(message, fields.size() == 0 ? line_bytes_max - stamp_bytes_max : share * 2);
  if (json) line = "\"message\":\"" + line + "\"";
  for (const auto& field : fields) {
    auto next = json ? json_field(field, share) : text_field(field, share);
    if (line.size() + next.size() + stamp_bytes_max > line_bytes_max) {
      line += json ? ",\"cut\":true" : " …";
      break;
    }
    line += next;
  }
  return line;
}

}  // namespace

void configure(Options options) {
  state() = make_state(std::move(options));
}

bool enabled(Level level) {
  return level >= state().level;
}

void write(Level level, std::string_view message, Fields fields) {
  if (!enabled(level)) return;
  auto& current = state();
  current.logger->log(spd_level(level), line_of(current.format, message, fields));
}

}  // namespace postern::log
