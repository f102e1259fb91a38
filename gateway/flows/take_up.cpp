// See take_up.hpp.
#include "flows/take_up.hpp"

#include "core/json_text.hpp"

namespace postern::flows {

std::string take_up_url(const storage::StoredNotice& notice, const std::string& public_url) {
  const auto words = json_text(notice.data, take_up_field);
  const bool over = notice.kind == to_string(NoticeKind::recovered);
  if (public_url.empty() || words.empty() || over || notice.problems.empty()) return {};
  return public_url + "/acknowledge/" + notice.problems.front().str() + "?key=" + words;
}

std::string take_up_line(const storage::StoredNotice& notice, const std::string& public_url) {
  const auto url = take_up_url(notice, public_url);
  return url.empty() ? url : "\nTake it up, and be reminded no more: " + url + "\n";
}

}  // namespace postern::flows
