// Pages for people. No script and no style inside them: the policy forbids both.
#pragma once

#include "web/http.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postern::web {

std::string index_page();
std::string index_style();

/// A page that says a few things; the words are escaped here.
std::string message_page(std::string_view title, const std::vector<std::string>& lines);

/// The same with a button that posts to the page's own address; `button` is a word of ours.
std::string question_page(std::string_view title, const std::vector<std::string>& lines,
                          std::string_view button);

/// 200 with a page of ours and the policy that lets it load what is ours alone.
Response page_response_html(std::string page);

}  // namespace postern::web
