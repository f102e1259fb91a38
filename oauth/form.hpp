// Forms: names and values as application/x-www-form-urlencoded, for requests and URLs.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::oauth {

using Form = std::vector<std::pair<std::string, std::string>>;

/// Everything but letters, digits and "-._~" is percent-encoded, so that it is right in a body, in
/// a query and before a Basic authorization's colon. Source: RFC 6749 appendix B.
std::string form_word(std::string_view text);

/// "a=1&b=x%20y", in order.
std::string form_text(const Form& form);

/// `url` with the form as its query, behind the one it may have.
std::string with_query(std::string_view url, const Form& form);

/// Scopes as one value.
std::string joined(const std::vector<std::string>& scopes);
/// The scopes in one value. Source: RFC 6749 §3.3.
std::vector<std::string> split_scopes(std::string_view text);

}  // namespace postern::oauth
