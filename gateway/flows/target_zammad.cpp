#include "flows/target_zammad.hpp"

#include "core/json_text.hpp"
#include "flows/target_answers.hpp"
#include "flows/target_call.hpp"
#include "flows/target_requests.hpp"

#include <fmt/format.h>
#include <boost/json/parse.hpp>

#include <algorithm>

namespace postern::flows {
namespace {

namespace json = boost::json;

constexpr std::size_t answer_bytes_max = 8 * 1024 * 1024;  // a ticket with all that was said in it

std::string_view bare(std::string_view id) {
  if (id.starts_with('<')) id.remove_prefix(1);
  if (id.ends_with('>')) id.remove_suffix(1);
  return id;
}

TargetAnswer unanswered(std::string words) {
  TargetAnswer answer;
  answer.words = "asked whether the mail is there already: " + std::move(words);
  answer.hint = "Zammad could not say whether it has the mail; it is asked again.";
  return answer;
}

net::Task<Result<net::HttpResponse>> ask(net::HttpClient& http, const TargetMail& mail,
                                         std::string path) {
  auto request = zammad_call(mail, path);
  request.method = "GET";
  auto limits = limits_of(mail.target);
  limits.body_bytes_max = answer_bytes_max;
  co_return co_await http.call(std::move(request), tls_of(mail.target), limits);
}

}  // namespace

std::vector<std::string> zammad_tickets(std::string_view body) {
  std::vector<std::string> ids;
  boost::system::error_code error;
  const auto parsed = json::parse(json::string_view(body), error);
  if (error || !parsed.is_object()) return ids;
  const auto* list = parsed.get_object().if_contains("tickets");
  if (list == nullptr || !list->is_array()) return ids;
  for (const auto& each : list->get_array()) {
    if (ids.size() == zammad_candidates_max) break;
    if (each.is_int64() && each.get_int64() > 0) ids.push_back(std::to_string(each.get_int64()));
  }
  return ids;
}

bool zammad_has(std::string_view body, std::string_view message_id) {
  boost::system::error_code error;
  const auto parsed = json::parse(json::string_view(body), error);
  if (error || !parsed.is_array()) return false;
  for (const auto& each : parsed.get_array()) {
    if (!each.is_object()) continue;
    const auto* id = each.get_object().if_contains("message_id");
    if (id == nullptr || !id->is_string()) continue;
    if (bare(std::string_view(id->get_string())) == bare(message_id)) return true;
  }
  return false;
}

net::Task<std::optional<TargetAnswer>> find_in_zammad(net::HttpClient& http, TargetMail& mail) {
  const auto message_id = json_text(mail.data, "message_id");
  if (message_id.empty()) co_return std::nullopt;
  // Not in the thread's own ticket alone: while the answer was lost, another mail of the thread may
  // have got a ticket of its own.
  const std::string bare_id(bare(message_id));
  const auto query = form_urlencoded({{"condition[article.message_id][operator]", "contains"},
                                      {"condition[article.message_id][value]", bare_id},
                                      {"limit", "5"}});
  auto found = co_await ask(http, mail, "/tickets/search?" + query);
  if (!found) co_return unanswered(describe(found.error()));
  if (found.value().status >= 500 || found.value().status == 429) {
    co_return unanswered(fmt::format("HTTP {}", found.value().status));
  }
  auto tickets = zammad_tickets(found.value().body);
  if (!mail.ticket.empty() && std::ranges::find(tickets, mail.ticket) == tickets.end()) {
    tickets.push_back(mail.ticket);
  }
  for (const auto& ticket : tickets) {
    auto articles = co_await ask(http, mail, "/ticket_articles/by_ticket/" + ticket);
    if (!articles) co_return unanswered(describe(articles.error()));
    if (!zammad_has(articles.value().body, message_id)) continue;
    TargetAnswer answer;
    answer.fate = TargetFate::taken;
    answer.status = articles.value().status;
    answer.words = "ticket " + ticket + ", which had the mail already";
    answer.ticket = storage::ThreadTicket{mail.thread, ticket};
    co_return answer;
  }
  co_return std::nullopt;
}

}  // namespace postern::flows
