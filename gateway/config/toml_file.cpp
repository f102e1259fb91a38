// See toml_file.hpp.
#include "config/toml_file.hpp"

#include "config/keys.hpp"
#include "core/suggest.hpp"
#include "core/utf8.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>

namespace postern::config {
namespace {

int line_of(const toml::source_region& source) {
  return static_cast<int>(source.begin.line);
}

std::string_view type_name(const toml::node& node) {
  if (node.is_floating_point()) return "a number with a fraction";
  if (node.is_table()) return "a table";
  if (node.is_array()) return "an array";
  return "a date or time";
}

Scalar scalar_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* boolean = node.as_boolean()) return boolean->get();
  return Other{type_name(node)};
}

SettingValue value_of(const toml::node& node) {
  const auto* array = node.as_array();
  if (array == nullptr) return scalar_of(node);
  std::vector<Scalar> items;
  for (const auto& item : *array) items.push_back(scalar_of(item));
  return items;
}

class File {
 public:
  File(std::string_view name, ConfigProblems& problems) : name_(name), problems_(problems) {}

  void read(const toml::table& root) {
    std::vector<std::string_view> known;
    for (const auto& key : keys()) {
      if (!key.in_file) continue;
      const auto word = key.section.empty() ? key.name : key.section;
      if (std::ranges::find(known, word) == known.end()) known.push_back(word);
    }
    for (const auto& [name, node] : root) {
      if (const auto* key = find("", name.str())) {
        add(*key, name, node);
      } else if (std::ranges::find(known, name.str()) == known.end()) {
        unknown(name, "", node.is_table() ? "section" : "key", known);
      } else if (const auto* section = node.as_table()) {
        read_section(name.str(), *section);
      } else {
        problem(name, std::string(name.str()), fmt::format("must be a section: [{}]", name.str()));
      }
    }
  }

  std::vector<Setting> settings;

 private:
  void read_section(std::string_view section, const toml::table& table) {
    std::vector<std::string_view> known;
    for (const auto& key : keys()) {
      if (key.section == section) known.push_back(key.name);
    }
    for (const auto& [name, node] : table) {
      if (const auto* key = find(section, name.str())) {
        add(*key, name, node);
      } else {
        unknown(name, section, "key", known);
      }
    }
  }

  static const Key* find(std::string_view section, std::string_view name) {
    for (const auto& key : keys()) {
      if (key.in_file && key.section == section && key.name == name) return &key;
    }
    return nullptr;
  }

  void add(const Key& key, const toml::key& name, const toml::node& node) {
    settings.push_back({{name_, line_of(name.source()), dotted(key)}, value_of(node)});
  }

  void unknown(const toml::key& name, std::string_view section, std::string_view kind,
               const std::vector<std::string_view>& known) {
    std::string shown(to_valid_utf8(cut_utf8(name.str(), 64)));
    if (has_control(shown)) shown = "…";
    if (!section.empty()) shown = std::string(section) + '.' + shown;
    problem(name, shown, fmt::format("unknown {}{}", kind, did_you_mean(name.str(), known)));
  }

  void problem(const toml::key& name, std::string key, std::string what) {
    problems_.push_back({name_, line_of(name.source()), std::move(key), std::move(what)});
  }

  std::string name_;
  ConfigProblems& problems_;
};

}  // namespace

std::vector<Setting> read_toml(std::string_view toml, std::string_view file_name,
                               ConfigProblems& problems) {
  File file(file_name, problems);
  try {
    file.read(toml::parse(toml));
  } catch (const toml::parse_error& error) {
    problems.push_back({std::string(file_name), line_of(error.source()), "",
                        fmt::format("not TOML: {}", error.description())});
  }
  std::ranges::stable_sort(file.settings, {}, [](const Setting& s) { return s.origin.line; });
  return std::move(file.settings);
}

}  // namespace postern::config
