// Templates: text with {{name}} in it, for mails and notices.
//
// One pass, no recursion: what a variable holds is text and never read as a template again. A name
// is letters, digits, "_" and "-", in parts with dots between: {{event.kind}}. Blanks inside the
// braces are allowed. \{{ is a {{ that stays. A name that is not known is a mistake, never an empty
// place, so that no mail leaves with a hole in it.
#pragma once

#include "core/problems.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

inline constexpr std::size_t template_name_bytes_max = 100;
inline constexpr std::size_t template_variables_max = 500;
inline constexpr std::size_t template_value_bytes_max = 256 * 1024;
inline constexpr std::size_t template_mistakes_max = 20;  // more of one text are not told
inline constexpr std::size_t template_depth_max = 8;      // objects in each other, of variables

/// Names with their dots → values.
using TemplateVariables = std::map<std::string, std::string, std::less<>>;

/// What a value goes through on its way into the text.
enum class TemplateEscape {
  none,  // text, header fields (whose line ends the caller refuses)
  html,  // & < > " '
  url,   // percent-encoded, all but RFC 3986's unreserved
  json,  // inside a JSON string: \" \\ and \u00XX for control characters
};

struct Expanded {
  std::string text;
  std::vector<std::string> mistakes;  // sentences with the place; empty: `text` is whole
};

/// `text` with its variables in place. At most `bytes_max` bytes come out, more is a mistake.
Expanded expand_template(std::string_view text, const TemplateVariables& variables,
                         TemplateEscape escape, std::size_t bytes_max);

/// What is wrong with a template whose variables have these names: for saving it before there are
/// values. Empty: nothing.
std::vector<std::string> template_mistakes(std::string_view text,
                                           const std::vector<std::string_view>& names);

/// The variables in a JSON object: strings, numbers and booleans as text, null as none; objects in
/// it give dotted names. Problems are added with pointers below `pointer`.
TemplateVariables read_template_variables(const boost::json::object& json,
                                          const std::string& pointer, FieldProblems& problems);

}  // namespace postern
