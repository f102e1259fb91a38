// Any bytes as a configuration file, and as the environment: a Config within its limits comes out,
// or mistakes that have a sentence each and a line of the text; and always the same.
#include "config/config.hpp"
#include "core/result.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace {

using namespace postern::config;

std::string told(const std::variant<Config, ConfigProblems>& result) {
  std::string text;
  if (const auto* problems = std::get_if<ConfigProblems>(&result)) {
    for (const auto& problem : *problems) text += to_string(problem) + "\n";
  }
  return text;
}

void check(const std::variant<Config, ConfigProblems>& result, std::string_view text) {
  const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
  if (const auto* problems = std::get_if<ConfigProblems>(&result)) {
    POSTERN_ASSERT(!problems->empty());
    for (const auto& problem : *problems) {
      POSTERN_ASSERT(!problem.what.empty());
      POSTERN_ASSERT(problem.line >= 0 && problem.line <= lines + 1);
    }
    return;
  }
  const auto& config = std::get<Config>(result);
  POSTERN_ASSERT(!config.data_dir.empty());
  POSTERN_ASSERT(config.http.tls_certificate.empty() == config.http.tls_key.empty());
  POSTERN_ASSERT(config.storage.retention_days >= 1);
  POSTERN_ASSERT(config.monitoring.notify_after >= 1 && config.monitoring.disable_after >= 1);
  POSTERN_ASSERT(config.limits.message_bytes >= 1024);
  POSTERN_ASSERT(!config.retry.outgoing.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto first = parse_config(text, "f");
  check(first, text);
  POSTERN_ASSERT(told(first) == told(parse_config(text, "f")));

  // The same as NAME=value lines; a name that is none of ours is left alone.
  ConfigSources sources;
  for (auto rest = text; !rest.empty() && sources.environment.size() < 20;) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || line.substr(0, equals).ends_with("_FILE")) continue;
    if (line.starts_with("CREDENTIALS_DIRECTORY")) continue;
    sources.environment.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  check(load_config(sources), text);
  return 0;
}
