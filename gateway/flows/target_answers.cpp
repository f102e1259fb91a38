#include "flows/target_answers.hpp"

#include "core/utf8.hpp"
#include "flows/verdict.hpp"

#include <fmt/format.h>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>

namespace postern::flows {
namespace {

constexpr Duration retry_after_max = std::chrono::hours(24);
constexpr std::size_t shown_bytes_max = 200;
constexpr std::string_view redirected =
    "The target answers with a redirect, which is never followed; give the address it leads to.";

std::string shown(std::string_view text) {
  std::string words(cut_utf8(to_valid_utf8(text.substr(0, 4 * shown_bytes_max)), shown_bytes_max));
  for (char& c : words) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  }
  while (words.ends_with(' ')) words.pop_back();
  return words;
}

TargetAnswer answer(TargetFate fate, const net::HttpResponse& response, std::string_view hint) {
  TargetAnswer result;
  result.fate = fate;
  result.status = response.status;
  result.words = fmt::format("HTTP {} {}", response.status, shown(response.body));
  result.hint = hint;
  return result;
}

TargetAnswer taken(const net::HttpResponse& response, std::string words) {
  TargetAnswer result;
  result.fate = TargetFate::taken;
  result.status = response.status;
  result.words = std::move(words);
  return result;
}

bool is_success(const net::HttpResponse& response) {
  return response.status >= 200 && response.status < 300;
}

/// What every HTTP server means alike, whatever stands behind it.
TargetAnswer judge_common(const net::HttpResponse& response) {
  if (response.status >= 300 && response.status < 400) {
    return answer(TargetFate::paused, response, redirected);
  }
  auto result = answer(TargetFate::put_off, response, "");
  if (response.status == 429 || response.status == 503) {
    result.wait_at_least = retry_after(response);
    if (result.wait_at_least > Duration(0)) result.fate = TargetFate::paused;
    result.hint = "The target asks for patience; it is tried again.";
  }
  return result;
}

struct Reading {
  int status;
  TargetFate fate;
  std::string_view hint;
};

/// The product's own meaning of a status, else everyone's.
template <std::size_t count>
TargetAnswer judge_by(const Reading (&readings)[count], const net::HttpResponse& response) {
  for (const auto& reading : readings) {
    if (reading.status == response.status) return answer(reading.fate, response, reading.hint);
  }
  return judge_common(response);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  return text;
}

constexpr std::string_view too_big = "The target takes no mail of this size; raise its limit.";

constexpr Reading raw_readings[] = {
    {410, TargetFate::gone, ""},
    {413, TargetFate::refused, too_big},
    {415, TargetFate::refused, "The target does not take message/rfc822."},
    {422, TargetFate::refused, "The target cannot make anything of this mail."},
};

constexpr Reading osticket_readings[] = {
    {400, TargetFate::refused, "osTicket could not read the mail, or lacks a field of it."},
    {401, TargetFate::paused,
     "The API key is not valid for this machine's address; see Manage > API in osTicket."},
    {403, TargetFate::refused, "A filter or the ban list of osTicket refuses this mail."},
    {404, TargetFate::paused,
     "osTicket is not at this URL; without rewriting it is …/api/http.php/tickets.email."},
    {413, TargetFate::refused, too_big},
    {422, TargetFate::refused, "osTicket cannot make a ticket of this mail."},
};

constexpr Reading rt_readings[] = {
    {401, TargetFate::paused, "The web server asks for a login: set auth."},
    {403, TargetFate::paused, "The web server lets this machine not in; see NoAuth in its setup."},
    {404, TargetFate::paused, "Request Tracker's mail gateway is not at this URL."},
    {413, TargetFate::refused, too_big},
};

constexpr Reading redmine_readings[] = {
    {403, TargetFate::paused,
     "The API key is wrong, or \"Enable WS for incoming emails\" is off in Redmine."},
    {404, TargetFate::paused, "Redmine is not at this URL."},
    {413, TargetFate::refused, too_big},
    {422, TargetFate::refused,
     "Redmine refuses this mail: an unknown sender, a project that is none, or a right missing."},
};

constexpr Reading zammad_readings[] = {
    {401, TargetFate::paused, "The access token is not valid."},
    {403, TargetFate::paused, "The access token lacks the right ticket.agent."},
    {404, TargetFate::paused, "Zammad is not at this URL."},
    {413, TargetFate::refused, too_big},
    {422, TargetFate::refused, "Zammad cannot make a ticket of this mail."},
};

constexpr Reading rails_readings[] = {
    {401, TargetFate::paused, "The password is not RAILS_INBOUND_EMAIL_PASSWORD of the program."},
    {404, TargetFate::paused, "The program has not set its ingress to :relay, or is not here."},
    {413, TargetFate::refused, too_big},
    {415, TargetFate::refused, "The program does not take message/rfc822."},
    {422, TargetFate::refused, "The program cannot make anything of this mail."},
};

/// "id" of a JSON object, as text; empty when there is none.
std::string id_in(const std::string& body, std::string_view name) {
  boost::system::error_code error;
  const auto json = boost::json::parse(body, error);
  if (error || !json.is_object()) return {};
  const auto* id = json.get_object().if_contains(name);
  if (id == nullptr) return {};
  if (id->is_int64() && id->get_int64() > 0) return std::to_string(id->get_int64());
  if (id->is_string()) return std::string(id->get_string());
  return {};
}

}  // namespace

Duration retry_after(const net::HttpResponse& response) {
  const auto* value = response.header("retry-after");
  if (!value) return Duration(0);
  std::int64_t count = 0;
  const auto parsed = std::from_chars(value->data(), value->data() + value->size(), count);
  if (parsed.ec != std::errc() || parsed.ptr != value->data() + value->size() || count < 0) {
    return Duration(0);
  }
  return std::min<Duration>(std::chrono::seconds(std::min<std::int64_t>(count, 86400)),
                            retry_after_max);
}

TargetAnswer judge_webhook(const TargetMail& /*mail*/, const net::HttpResponse& response) {
  if (is_success(response)) return taken(response, "");
  constexpr Reading readings[] = {{410, TargetFate::gone, ""}};
  return judge_by(readings, response);
}

TargetAnswer judge_raw(const TargetMail& /*mail*/, const net::HttpResponse& response) {
  return is_success(response) ? taken(response, "") : judge_by(raw_readings, response);
}

TargetAnswer judge_osticket(const TargetMail& /*mail*/, const net::HttpResponse& response) {
  // A mail that is known by its Message-ID is answered with 201 and its ticket: no double.
  if (is_success(response)) return taken(response, "ticket " + shown(response.body));
  return judge_by(osticket_readings, response);
}

TargetAnswer judge_rt(const TargetMail& /*mail*/, const net::HttpResponse& response) {
  if (!is_success(response)) return judge_by(rt_readings, response);
  const auto said = trimmed(response.body);
  if (said.starts_with("not ok")) {
    return answer(
        TargetFate::refused, response,
        "Request Tracker refuses this mail; its log says why. Often Everyone lacks the right "
        "CreateTicket or ReplyToTicket in the queue.");
  }
  if (said.starts_with("ok")) return taken(response, shown(said));
  return answer(TargetFate::put_off, response,
                "Request Tracker could not take the mail now; it is tried again.");
}

TargetAnswer judge_redmine(const TargetMail& /*mail*/, const net::HttpResponse& response) {
  return is_success(response) ? taken(response, "") : judge_by(redmine_readings, response);
}

TargetAnswer judge_zammad(const TargetMail& mail, const net::HttpResponse& response) {
  const bool follow_up = !mail.ticket.empty();
  if (is_success(response)) {
    auto ticket = id_in(response.body, follow_up ? "ticket_id" : "id");
    if (ticket.empty()) {
      return answer(TargetFate::paused, response,
                    "The answer names no ticket: this is not Zammad's interface.");
    }
    auto result = taken(response, "ticket " + ticket);
    result.ticket = storage::ThreadTicket{mail.thread, std::move(ticket)};
    return result;
  }
  if (follow_up && (response.status == 404 || response.status == 422)) {
    auto result = answer(TargetFate::put_off, response,
                         "The thread's ticket is gone; a new one is made at the next try.");
    result.ticket = storage::ThreadTicket{mail.thread, ""};
    return result;
  }
  if (response.status == 422 && response.body.find("'group'") != std::string::npos) {
    return answer(TargetFate::paused, response, "There is no such group in Zammad.");
  }
  return judge_by(zammad_readings, response);
}

TargetAnswer judge_rails(const TargetMail& /*mail*/, const net::HttpResponse& response) {
  return is_success(response) ? taken(response, "") : judge_by(rails_readings, response);
}

TargetAnswer judge_osticket_probe(const TargetMail& mail, const net::HttpResponse& response) {
  if (response.status == 400) return taken(response, "the key is valid");
  return judge_osticket(mail, response);
}

TargetAnswer judge_rt_probe(const TargetMail& mail, const net::HttpResponse& response) {
  const auto said = trimmed(response.body);
  const bool gateway =
      said.starts_with("ok") || said.starts_with("not ok") || said.starts_with("temporary failure");
  if (response.status == 200 && gateway) return taken(response, shown(said));
  auto result = judge_rt(mail, response);
  if (is_success(response)) result.hint = "Request Tracker's mail gateway is not at this URL.";
  return result;
}

TargetAnswer judge_redmine_probe(const TargetMail& mail, const net::HttpResponse& response) {
  if (response.status == 422) return taken(response, "the key is valid");
  return judge_redmine(mail, response);
}

TargetAnswer judge_zammad_probe(const TargetMail& mail, const net::HttpResponse& response) {
  if (!is_success(response)) return judge_zammad(mail, response);
  if (id_in(response.body, "id").empty()) {
    return answer(TargetFate::paused, response, "This is not Zammad's interface.");
  }
  return taken(response, "the token is valid");
}

TargetAnswer judge_rails_probe(const TargetMail& mail, const net::HttpResponse& response) {
  if (response.status == 415 || response.status == 422) {
    return taken(response, "the password is right");
  }
  return judge_rails(mail, response);
}

TargetAnswer judge_silence(const Error& error) {
  TargetAnswer result;
  result.words = describe(error);
  result.hint = judge(error, Direction::outgoing, "request").hint;
  return result;
}

}  // namespace postern::flows
