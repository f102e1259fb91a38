// See template.hpp. Found by search, not by a parser: there are no blocks and no conditions.
#include "core/template.hpp"

#include "core/json_fields.hpp"
#include "core/suggest.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace postern {
namespace {

constexpr std::string_view opening = "{{", closing = "}}";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

/// name = part *("." part)
bool is_name(std::string_view name) {
  if (name.empty() || name.size() > template_name_bytes_max) return false;
  bool part_begins = true;
  for (const char c : name) {
    if (c == '.' && part_begins) return false;
    if (c != '.' && !is_name_character(c)) return false;
    part_begins = c == '.';
  }
  return !part_begins;
}

std::string_view without_blanks(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

void append_html(std::string_view value, std::string& out) {
  for (const char c : value) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else {
      out.push_back(c);
    }
  }
}

void append_url(std::string_view value, std::string& out) {
  for (const char c : value) {
    const bool unreserved = is_name_character(c) || c == '.' || c == '~';
    if (unreserved) {
      out.push_back(c);
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
}

void append_json(std::string_view value, std::string& out) {
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out.push_back(c);
    }
  }
}

void append_value(std::string_view value, TemplateEscape escape, std::string& out) {
  switch (escape) {
    case TemplateEscape::none:
      out += value;
      return;
    case TemplateEscape::html:
      return append_html(value, out);
    case TemplateEscape::url:
      return append_url(value, out);
    case TemplateEscape::json:
      return append_json(value, out);
  }
}

/// "line 3, column 7", both counted from 1; columns are bytes.
std::string place(std::string_view text, std::size_t at) {
  const auto before = text.substr(0, at);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const auto begin = before.rfind('\n');
  const auto column = begin == before.npos ? at + 1 : at - begin;
  return fmt::format("line {}, column {}", line, column);
}

/// Walks the pieces of a template; `on_name` says what is wrong with a name, or takes it.
template <class OnText, class OnName>
std::vector<std::string> walk(std::string_view text, OnText on_text, OnName on_name) {
  std::vector<std::string> mistakes;
  std::size_t at = 0;
  while (at < text.size() && mistakes.size() < template_mistakes_max) {
    const auto open = text.find(opening, at);
    if (open == text.npos) {
      on_text(text.substr(at));
      break;
    }
    if (open > at && text[open - 1] == '\\') {
      on_text(text.substr(at, open - 1 - at));
      on_text(opening);
      at = open + opening.size();
      continue;
    }
    on_text(text.substr(at, open - at));
    const auto inside = text.substr(open + opening.size(), template_name_bytes_max + 64);
    const auto close = inside.find(closing);
    if (close == inside.npos) {
      mistakes.push_back(place(text, open) + R"(: "{{" has no "}}"; write \{{ for the characters)");
      break;
    }
    const auto name = without_blanks(inside.substr(0, close));
    at = open + opening.size() + close + closing.size();
    auto wrong = is_name(name) ? on_name(name) : std::string("is no name of a variable");
    if (!wrong.empty()) {
      mistakes.push_back(fmt::format("{}: \"{}\" {}", place(text, open), name, wrong));
    }
  }
  return mistakes;
}

std::string unknown(std::string_view name, const std::vector<std::string_view>& names) {
  return "is not among the variables" + did_you_mean(name, names);
}

}  // namespace

Expanded expand_template(std::string_view text, const TemplateVariables& variables,
                         TemplateEscape escape, std::size_t bytes_max) {
  Expanded result;
  bool full = false;
  const auto on_text = [&](std::string_view piece) {
    full = full || result.text.size() + piece.size() > bytes_max;
    if (!full) result.text += piece;
  };
  const auto on_name = [&](std::string_view name) -> std::string {
    const auto found = variables.find(name);
    if (found == variables.end()) {
      std::vector<std::string_view> names;
      for (const auto& [known, value] : variables) names.push_back(known);
      return unknown(name, names);
    }
    if (!full) append_value(found->second, escape, result.text);
    full = full || result.text.size() > bytes_max;
    return {};
  };
  result.mistakes = walk(text, on_text, on_name);
  if (full) {
    result.mistakes.push_back(fmt::format("is longer than {} bytes with its variables", bytes_max));
  }
  return result;
}

std::vector<std::string> template_mistakes(std::string_view text,
                                           const std::vector<std::string_view>& names) {
  return walk(
      text, [](std::string_view) {},
      [&](std::string_view name) {
        const bool known = std::find(names.begin(), names.end(), name) != names.end();
        return known ? std::string() : unknown(name, names);
      });
}

TemplateVariables read_template_variables(const boost::json::object& json,
                                          const std::string& pointer, FieldProblems& problems) {
  struct Open {
    const boost::json::object* object;
    std::string prefix, pointer;
    std::size_t depth;
  };
  TemplateVariables variables;
  std::vector<Open> open{{&json, "", pointer, 1}};
  while (!open.empty()) {
    const Open current = std::move(open.back());
    open.pop_back();
    for (const auto& [key, value] : *current.object) {
      const std::string name = current.prefix + std::string(key);
      const std::string where = current.pointer + pointer_segment(key);
      std::string text;
      if (variables.size() >= template_variables_max) {
        problems.push_back(
            {pointer, fmt::format("holds more than {} variables", template_variables_max)});
        return variables;
      }
      if (!is_name(name)) {
        problems.push_back(
            {where, "is no name: letters, digits, _ and -, parts with dots between"});
        continue;
      }
      if (const auto* inner = value.if_object()) {
        if (current.depth < template_depth_max) {
          open.push_back({inner, name + ".", where, current.depth + 1});
        } else {
          problems.push_back({where, "is too deep in other objects"});
        }
        continue;
      }
      if (value.is_array()) {
        problems.push_back({where, "must be a string, a number, true, false, null or an object"});
        continue;
      }
      if (value.is_string()) {
        text = value.get_string();
      } else if (!value.is_null()) {
        text = boost::json::serialize(value);
      }
      if (text.size() > template_value_bytes_max) {
        problems.push_back(
            {where, fmt::format("is longer than {} bytes", template_value_bytes_max)});
      } else if (!variables.emplace(name, std::move(text)).second) {
        problems.push_back({where, "has the name of another variable"});
      }
    }
  }
  return variables;
}

}  // namespace postern
