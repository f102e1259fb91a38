#include "flows/target_smtp.hpp"

#include "flows/verdict.hpp"
#include "message/onward.hpp"
#include "message/scan.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace postern::flows {
namespace {

namespace json = boost::json;

std::vector<std::string> texts_of(const json::object& object, std::string_view name) {
  std::vector<std::string> texts;
  const auto* list = object.if_contains(name);
  if (list == nullptr || !list->is_array()) return texts;
  for (const auto& each : list->get_array()) {
    if (each.is_string()) texts.emplace_back(each.get_string());
  }
  return texts;
}

bool holds(const std::vector<std::string>& texts, const std::string& text) {
  return std::ranges::find(texts, text) != texts.end();
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) {
    if (!all.empty()) all += "; ";
    all += text;
  }
  return all;
}

/// The mail with its Resent-* block. Its own bytes go into it: there is one copy in memory.
std::string marked(TargetMail& mail, const std::string& hostname, const std::string& sender) {
  message::Resent resent;
  resent.date = mail.now;
  resent.from = sender.empty() ? "postern@" + hostname : sender;
  resent.to = mail.target.recipients;
  resent.message_id = fmt::format("<{}@{}>", mail.handover, hostname);
  resent.loop_mark = hostname;
  auto bytes = std::move(mail.bytes);
  bytes.insert(0, message::resent_fields(resent));
  return bytes;
}

}  // namespace

std::string to_text(const RelayProgress& progress) {
  json::object object;
  object["accepted"] = json::array(progress.accepted.begin(), progress.accepted.end());
  object["refused"] = json::array(progress.refused.begin(), progress.refused.end());
  object["refused_addresses"] =
      json::array(progress.refused_addresses.begin(), progress.refused_addresses.end());
  return json::serialize(object);
}

RelayProgress relay_progress(std::string_view text) {
  boost::system::error_code error;
  const auto parsed = json::parse(json::string_view(text), error);
  if (error || !parsed.is_object()) return {};
  const auto& object = parsed.get_object();
  return {texts_of(object, "accepted"), texts_of(object, "refused"),
          texts_of(object, "refused_addresses")};
}

std::vector<std::string> recipients_left(const std::vector<std::string>& all,
                                         const RelayProgress& progress) {
  std::vector<std::string> left;
  for (const auto& address : all) {
    if (holds(progress.accepted, address) || holds(progress.refused_addresses, address)) continue;
    if (!holds(left, address)) left.push_back(address);
  }
  return left;
}

TargetAnswer judge_relay(RelayProgress progress, const smtp::TransactionDone& done) {
  TargetAnswer answer;
  answer.status = done.reply.code;
  answer.words = done.reply.words();
  const bool none_at_all = !done.accepted && done.reply.permanent();
  bool undecided = false;
  for (const auto& each : done.recipients) {
    const bool refused_itself = each.code / 100 == 5;
    if (done.accepted && each.accepted) {
      progress.accepted.push_back(each.address);
    } else if (refused_itself || none_at_all) {
      progress.refused_addresses.push_back(each.address);
      progress.refused.push_back(
          fmt::format("{}: {}", each.address, refused_itself ? each.words : done.reply.words()));
    } else {
      undecided = true;
      if (each.code != 0) answer.words = fmt::format("{}: {}", each.address, each.words);
    }
  }
  if (undecided) {
    answer.fate = TargetFate::put_off;
    answer.hint = "Some recipients are put off by the server; they are tried again.";
  } else if (progress.accepted.empty()) {
    answer.fate = TargetFate::refused;
    answer.words = joined(progress.refused);
    answer.hint = "The server refuses the mail, or all of the target's recipients.";
  } else {
    answer.fate = TargetFate::taken;
    if (!progress.refused.empty()) {
      answer.complaint = "taken, but not for " + joined(progress.refused);
    }
  }
  answer.progress = to_text(progress);
  return answer;
}

TargetAnswer judge_relay_error(const Error& error, std::string_view step, bool unknown) {
  const auto verdict = judge(error, Direction::outgoing, step);
  TargetAnswer answer;
  answer.words = describe(error);
  answer.hint = verdict.hint;
  answer.wait_at_least = verdict.wait_at_least.value_or(Duration(0));
  if (unknown) {
    answer.words =
        "the line was lost after the final dot, so the mail may have been taken: " + answer.words;
    return answer;
  }
  switch (verdict.outcome) {
    case Outcome::rejected:
      answer.fate = TargetFate::refused;
      break;
    case Outcome::auth_rejected:
    case Outcome::needs_consent:
    case Outcome::throttled:
      answer.fate = TargetFate::paused;
      break;
    case Outcome::ok:
    case Outcome::transient:
    case Outcome::stopped:
      break;
  }
  return answer;
}

bool carries_loop_mark(std::string_view bytes, std::string_view hostname) {
  const auto header = bytes.substr(0, message::header_block_bytes_max);
  const auto tree = message::scan(header.substr(0, header.find("\r\n\r\n")));
  const auto mark = message::find_field(header, tree, message::loop_mark_field);
  if (!mark) return false;
  auto value = *mark;
  while (!value.empty() && static_cast<unsigned char>(value.back()) <= ' ') value.remove_suffix(1);
  return value == hostname;
}

namespace {

/// An open line on which a mail may begin: a kept one, or a fresh one. Errors: why there is none.
net::Task<Result<void>> open_relay(RelayLine& line, bool& renewed) {
  auto opened = co_await line.link.connect();
  if (opened) opened = co_await line.link.ready();
  if (opened || renewed) co_return opened;
  auto fresh_token = co_await line.link.renew_token(opened.error());
  if (!fresh_token) co_return std::move(fresh_token).error();
  renewed = fresh_token.value();
  co_return opened;
}

/// The server ended a kept line before it took anything of the mail.
bool closed_meanwhile(RelayLine& line, const Result<smtp::TransactionDone>& done) {
  if (line.link.outcome_unknown() || line.link.line().past_deadline()) return false;
  return !done || (!done.value().accepted && done.value().reply.code == 421);
}

/// `bytes` with one transaction, over a kept line if there is one.
net::Task<TargetAnswer> transact(Context& context, TargetLines& lines, const TargetMail& mail,
                                 Envelope envelope, std::string bytes, RelayProgress progress) {
  bool renewed = false;  // the token, once
  for (;;) {
    auto line = lines.kept_relay();
    const bool kept = line != nullptr;
    if (!kept) line = lines.fresh_relay();
    auto& link = line->link;
    link.line().set_deadline(context.env.steady() + mail.target.timeout);
    if (kept) {
      const auto ready = co_await link.ready();
      if (!ready) continue;
    } else {
      const bool had_renewed = renewed;
      const auto opened = co_await open_relay(*line, renewed);
      if (!opened && renewed && !had_renewed) continue;
      if (!opened) co_return judge_relay_error(opened.error(), link.line().step(), false);
    }
    Envelope to = envelope;
    const auto done = co_await link.send(std::move(to), bytes, {});
    if (kept && closed_meanwhile(*line, done)) continue;
    if (!done) {
      co_return judge_relay_error(done.error(), link.line().step(), link.outcome_unknown());
    }
    const bool stays_open = link.session().ready() || done.value().reply.code != 421;
    if (stays_open && !link.session().used_up()) {
      lines.keep(std::move(line));
    } else {
      co_await link.quit();
    }
    co_return judge_relay(std::move(progress), done.value());
  }
}

}  // namespace

net::Task<TargetAnswer> relay_mail(Context& context, TargetLines& lines, TargetMail& mail,
                                   std::string sender, std::string progress_text) {
  const auto& hostname = context.options.hostname;
  if (carries_loop_mark(mail.bytes, hostname)) {
    TargetAnswer answer;
    answer.fate = TargetFate::refused;
    answer.words = "it was relayed by this Postern before and came back: a loop";
    answer.hint = "The target's recipients are watched by an integration; end that circle.";
    co_return answer;
  }
  auto progress = relay_progress(progress_text);
  Envelope envelope;
  envelope.recipients = recipients_left(mail.target.recipients, progress);
  if (envelope.recipients.empty()) co_return judge_relay(std::move(progress), {});
  auto bytes = marked(mail, hostname, sender);
  envelope.sender = std::move(sender);
  co_return co_await transact(context, lines, mail, std::move(envelope), std::move(bytes),
                              std::move(progress));
}

}  // namespace postern::flows
