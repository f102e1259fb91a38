// See form.hpp.
#include "oauth/form.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <fmt/format.h>

namespace postern::oauth {

std::string form_word(std::string_view text) {
  return boost::urls::encode(boost::urls::string_view(text.data(), text.size()),
                             boost::urls::unreserved_chars);
}

std::string form_text(const Form& form) {
  std::string text;
  for (const auto& [name, value] : form) {
    if (!text.empty()) text += '&';
    text += form_word(name);
    text += '=';
    text += form_word(value);
  }
  return text;
}

std::string with_query(std::string_view url, const Form& form) {
  const char* joint = "?";
  if (url.find('?') != std::string_view::npos) joint = url.ends_with('?') ? "" : "&";
  return fmt::format("{}{}{}", url, joint, form_text(form));
}

std::string joined(const std::vector<std::string>& scopes) {
  return fmt::format("{}", fmt::join(scopes, " "));
}

std::vector<std::string> split_scopes(std::string_view text) {
  std::vector<std::string> scopes;
  while (!text.empty()) {
    const auto space = std::min(text.find(' '), text.size());
    if (space > 0) scopes.emplace_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return scopes;
}

}  // namespace postern::oauth
