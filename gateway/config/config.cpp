// See config.hpp. Applies the sources from the weakest to the strongest, so that the strongest
// stays and the mistakes of all are told.
#include "config/config.hpp"

#include "config/contradictions.hpp"
#include "config/keys.hpp"
#include "config/toml_file.hpp"
#include "core/suggest.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace postern::config {
namespace {

constexpr std::size_t config_file_bytes_max = 1024 * 1024;
constexpr std::size_t secret_file_bytes_max = 64 * 1024;
constexpr std::string_view environment_prefix = "POSTERN_";

using Environment = std::map<std::string, std::string>;

/// The bytes of a file; nothing, and `wrong` says what is wrong with it.
std::optional<std::string> read_file(const std::string& path, std::size_t bytes_max,
                                     std::string& wrong) {
  std::ifstream stream(path, std::ios::binary);
  std::string bytes(bytes_max + 1, '\0');
  if (stream) stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!stream && !stream.eof()) {
    wrong = fmt::format("cannot be read: {}", std::strerror(errno));
    return std::nullopt;
  }
  bytes.resize(static_cast<std::size_t>(stream.gcount()));
  if (bytes.size() > bytes_max) {
    wrong = fmt::format("is too long: at most {} bytes", bytes_max);
    return std::nullopt;
  }
  return bytes;
}

class Loader {
 public:
  void file(const std::string& path) {
    std::string wrong;
    if (const auto text = read_file(path, config_file_bytes_max, wrong)) {
      toml(*text, path);
    } else {
      problems_.push_back({path, 0, "", wrong});
    }
  }

  void toml(std::string_view text, std::string_view name) {
    auto settings = read_toml(text, name, problems_);
    for (const auto& setting : settings) {
      for (const auto& key : keys()) {
        if (dotted(key) == setting.origin.key) apply(key, setting);
      }
    }
    std::ranges::stable_sort(problems_, {}, &ConfigProblem::line);
  }

  /// What systemd gives its unit (LoadCredential=): a file each, named as the key with _ for the
  /// dot, and secret.key for the key of the stored secrets.
  void credentials(const Environment& variables) {
    const auto found = variables.find("CREDENTIALS_DIRECTORY");
    if (found == variables.end() || found->second.empty()) return;
    for (const auto& key : keys()) {
      auto name = dotted(key);
      const bool is_key_file = name == "secrets.key_file";
      if (!key.secret && !is_key_file) continue;
      std::ranges::replace(name, '.', '_');
      const auto path = found->second + "/" + (is_key_file ? "secret.key" : name);
      if (!std::filesystem::exists(path)) continue;
      if (is_key_file) {
        if (config_.key_file.empty()) apply(key, {{"credentials", 0, path}, path, true});
      } else {
        secret_file(key, {{path, path}}, path);
      }
    }
  }

  void environment(const Environment& variables) {
    credentials(variables);
    for (const auto& key : keys()) {
      const auto name = environment_name(key);
      if (key.secret) secret_file(key, variables, name + "_FILE");
      const auto found = variables.find(name);
      if (found == variables.end() || found->second.empty()) continue;
      apply(key, {{"environment", 0, name}, found->second, true});
    }
    for (const auto& [name, value] : variables) {
      if (name.starts_with(environment_prefix) && !value.empty()) look_for_slip(name);
    }
  }

  void flags(const std::map<std::string, std::string>& values) {
    for (const auto& [name, value] : values) {
      bool known = false;
      for (const auto& key : keys()) {
        if (dotted(key) != name) continue;
        known = true;
        apply(key, {{"command line", 0, name}, value, true});
      }
      if (!known) problems_.push_back({"command line", 0, name, "unknown key"});
    }
  }

  std::variant<Config, ConfigProblems> end() {
    find_contradictions(config_, origins_, problems_);
    if (!problems_.empty()) return std::move(problems_);
    return std::move(config_);
  }

 private:
  void apply(const Key& key, const Setting& setting) {
    Reading reading(setting, problems_);
    key.read(reading, config_);
    origins_[dotted(key)] = setting.origin;
  }

  void secret_file(const Key& key, const Environment& variables, const std::string& name) {
    const auto found = variables.find(name);
    if (found == variables.end() || found->second.empty()) return;
    std::string wrong;
    auto text = read_file(found->second, secret_file_bytes_max, wrong);
    while (text && (text->ends_with('\n') || text->ends_with('\r'))) text->pop_back();
    if (text && text->empty()) wrong = "is empty";
    if (!wrong.empty()) {
      problems_.push_back(
          {"environment", 0, name, fmt::format("the file \"{}\" {}", found->second, wrong)});
      return;
    }
    apply(key, {{"environment", 0, name}, std::move(*text), true});
  }

  /// A variable that is no key but nearly one. Others with our prefix are left alone: an
  /// orchestrator names its own so (POSTERN_SERVICE_HOST), and our clients do (POSTERN_URL).
  void look_for_slip(const std::string& name) {
    std::vector<std::string> near_names;
    for (const auto& key : keys()) {
      const auto known = environment_name(key);
      if (name == known || (key.secret && name == known + "_FILE")) return;
      const auto section = known.substr(0, known.size() - key.name.size());
      if (!key.section.empty() && name.starts_with(section)) near_names.push_back(known);
    }
    const auto section_end = name.find('_', environment_prefix.size());
    if (near_names.empty() || section_end == std::string::npos) return;
    std::vector<std::string_view> words;
    for (const auto& known : near_names) {
      words.push_back(std::string_view(known).substr(section_end + 1));
    }
    const auto word = nearest(std::string_view(name).substr(section_end + 1), words);
    if (!word) return;
    problems_.push_back(
        {"environment", 0, name,
         fmt::format("unknown (did you mean {}{}?)", name.substr(0, section_end + 1), *word)});
  }

  Config config_;
  Origins origins_;
  ConfigProblems problems_;
};

}  // namespace

std::string to_string(const ConfigProblem& problem) {
  std::string out = problem.file;
  if (problem.line > 0) out += fmt::format(":{}", problem.line);
  if (!problem.key.empty()) out += fmt::format(": {}", problem.key);
  return out + ": " + problem.what;
}

std::variant<Config, ConfigProblems> parse_config(std::string_view toml,
                                                  std::string_view file_name) {
  Loader loader;
  loader.toml(toml, file_name);
  return loader.end();
}

std::variant<Config, ConfigProblems> load_config(const ConfigSources& sources) {
  Loader loader;
  if (sources.file) loader.file(*sources.file);
  loader.environment(sources.environment);
  loader.flags(sources.flags);
  return loader.end();
}

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    out.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

void forget_secrets_of_environment() {
  for (const auto& key : keys()) {
    // The address a dead man's switch is called by is all that it knows its caller by.
    if (!key.secret && key.name != "ping_url") continue;
    const auto name = environment_name(key);
    char* value = std::getenv(name.c_str());
    if (value == nullptr) continue;
    std::fill_n(value, std::strlen(value), '*');
    ::unsetenv(name.c_str());
  }
}

std::vector<std::string> environment_names() {
  std::vector<std::string> out;
  for (const auto& key : keys()) {
    out.push_back(environment_name(key));
    if (key.secret) out.push_back(environment_name(key) + "_FILE");
  }
  return out;
}

}  // namespace postern::config
