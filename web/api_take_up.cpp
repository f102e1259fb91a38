// /acknowledge: where the link in a notice leads: whoever got the notice takes up what it tells of,
// without signing in. A page asks first, since scanners of mail follow links.
#include "core/json_text.hpp"
#include "flows/take_up.hpp"
#include "web/api.hpp"
#include "web/audit.hpp"
#include "web/pages.hpp"
#include "web/routes.hpp"
#include "web/token.hpp"

namespace postern::web {
namespace {

constexpr int notices_a_page = 100;
constexpr int pages_max = 20;  // of one problem's notices, the newest

Response page(int status, std::string text) {
  auto response = page_response_html(std::move(text));
  response.status = status;
  for (auto& [name, value] : response.headers) {
    if (name == "Cache-Control") value = "no-store";
  }
  return response;
}

Response unknown() {
  return page(410, message_page("No such notice",
                                {"This link belongs to no notice, or to one that is gone.",
                                 "What is wrong stands on the admin page, under Alerts."}));
}

/// The notice of the link, found by its problem; nothing when the link is none of ours.
net::Task<Answer<std::optional<storage::StoredNotice>>> linked(Api& api, const Call& call) {
  const auto id = ProblemId::parse(call.parameter("problem"));
  const auto* key = call.target.parameter("key");
  if (!id || key == nullptr) co_return std::optional<storage::StoredNotice>();
  storage::PageRequest request;
  request.limit = notices_a_page;
  for (int i = 0; i < pages_max; ++i) {
    POSTERN_CO_TRY(auto found, co_await api.store.problems().notices(*id, request));
    for (auto& notice : found.items) {
      const auto its_own = json_text(notice.data, flows::take_up_field);
      if (its_own.empty() || !equal_in_constant_time(its_own, *key)) continue;
      co_return std::optional(std::move(notice));
    }
    if (found.next_cursor.empty()) break;
    request.cursor = found.next_cursor;
  }
  co_return std::optional<storage::StoredNotice>();
}

/// Those of a notice that still hold.
net::Task<Answer<std::vector<postern::Problem>>> open_of(Api& api, storage::StoredNotice notice) {
  std::vector<postern::Problem> open;
  for (const auto id : notice.problems) {
    auto problem = co_await api.store.problems().get(id);
    if (!problem && problem.error().code == storage::errc::not_found) continue;
    if (!problem) co_return Problem(problem.error());
    if (problem.value().active()) open.push_back(std::move(problem).value());
  }
  co_return open;
}

std::string line_of(const postern::Problem& problem) {
  auto line = problem.title;
  if (!problem.key.direction.empty()) line += " (" + problem.key.direction + ")";
  line += ": " + problem.message;
  if (problem.acknowledged_at) line += " (taken up by " + problem.acknowledged_by + ")";
  return line;
}

net::Task<Answer<Response>> ask(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto notice, co_await linked(api, call));
  if (!notice) co_return unknown();
  POSTERN_CO_TRY(const auto open, co_await open_of(api, *notice));
  if (open.empty()) co_return page(200, message_page("It is over", {notice->subject}));
  std::vector<std::string> lines = {"Whoever takes it up is reminded of it no more:"};
  bool taken = true;
  for (const auto& problem : open) {
    lines.push_back(line_of(problem));
    taken = taken && problem.acknowledged_at.has_value();
  }
  if (taken) co_return page(200, message_page("It is taken up", lines));
  co_return page(200, question_page("Take it up?", lines, "Take it up"));
}

net::Task<Answer<Response>> acknowledge(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto notice, co_await linked(api, call));
  if (!notice) co_return unknown();
  POSTERN_CO_TRY(const auto open, co_await open_of(api, *notice));
  std::vector<std::string> lines;
  for (const auto& problem : open) {
    lines.push_back(line_of(problem));
    if (problem.acknowledged_at) continue;
    const auto by = "the link in notice " + notice->id.str();
    const auto done = co_await api.gateway.acknowledge_problem(problem.id, by);
    const bool gone = !done && done.error().code == storage::errc::not_found;
    if (!done && !gone) co_return Problem(done.error());
  }
  if (open.empty()) co_return page(200, message_page("It is over", {notice->subject}));
  lines.push_back("This window may be closed.");
  co_return page(200, message_page("Taken up", lines));
}

constexpr std::string_view link = "/acknowledge/{problem}";
constexpr AnswerDoc shown{200, "text/html", ""};
constexpr AnswerDoc none{410, "text/html", ""};

}  // namespace

Routes take_up_routes() {
  return {
      {"GET",
       link,
       scope_none,
       BodyKind::none,
       ask,
       {"Where the link in a notice leads: what it tells of, with a button",
        "key",
        "",
        {shown, none}}},
      {"POST",
       link,
       scope_none,
       BodyKind::none,
       acknowledge,
       {"Take up what the notice tells of; the link is the right to do so",
        "key",
        "",
        {shown, none}}},
  };
}

}  // namespace postern::web
