#include "flows/connection_test.hpp"

#include "flows/imap_link.hpp"
#include "flows/limits.hpp"
#include "flows/pop3_link.hpp"
#include "flows/smtp_link.hpp"
#include "flows/verdict.hpp"
#include "message/scan.hpp"

#include <fmt/format.h>

namespace postern::flows {
namespace {

constexpr std::size_t newest_bytes_max = 500;
constexpr std::size_t head_bytes_max = 256 * 1024;

using Tell = std::function<net::Task<void>(TestStep)>;

/// What both directions do: tell the steps that ended, and the one that failed.
class Teller {
 public:
  Teller(Direction direction, std::string protocol, Context& context, Line& line, const Tell& tell)
      : direction_(direction),
        protocol_(std::move(protocol)),
        context_(context),
        line_(line),
        tell_(tell) {
    line_.keep_records();
  }
  /// The last step has a transcript also when it went well.
  void give_transcript() { transcript_wanted_ = true; }

  /// The steps that ended; `last`: nothing comes after them.
  net::Task<void> tell_ended(bool last = false) {
    auto records = line_.take_records();
    for (auto& record : records) {
      TestStep step;
      step.direction = to_string(direction_);
      step.step = std::move(record.step);
      step.ok = true;
      step.ms = record.ms;
      step.server = std::move(record.words);
      if (last && transcript_wanted_ && &record == &records.back()) step.transcript = transcript();
      co_await tell_(std::move(step));
    }
  }

  net::Task<void> tell_failed(Error error) {
    co_await tell_ended();
    const auto verdict = judge(error, direction_, line_.step());
    TestStep step;
    step.direction = to_string(direction_);
    step.step = line_.step();
    step.ms = line_.step_ms();
    step.server = describe(error);
    step.hint = verdict.hint;
    step.field = verdict.field;
    step.transcript = transcript();
    step.transcript->step = step.step;
    step.transcript->message = step.server;
    co_await tell_(std::move(step));
  }

 private:
  Transcript transcript() {
    Transcript result;
    result.at = context_.env.now();
    result.protocol = protocol_;
    result.direction = to_string(direction_);
    result.lines = line_.transcript();
    return result;
  }

  Direction direction_;
  std::string protocol_;
  Context& context_;
  bool transcript_wanted_ = false;
  Line& line_;
  const Tell& tell_;
};

net::Task<Result<void>> test_imap(ImapLink& link, Teller& teller) {
  POSTERN_CO_TRY(co_await link.connect());
  std::string newest;
  bool asked = false;
  for (;;) {
    co_await teller.tell_ended();
    POSTERN_CO_TRY(auto step, co_await link.pump(limits::imap_command));
    if (!step) continue;
    if (const auto* ready = std::get_if<imap::Ready>(&*step)) {
      link.line().say(ready->greeting);
    } else if (const auto* selected = std::get_if<imap::Selected>(&*step)) {
      link.line().say(fmt::format("{} messages", selected->exists));
      if (selected->exists == 0) break;
      POSTERN_CO_TRY(link.session().fetch_newest_headers(1));
      asked = true;
      link.line().enter("newest");
    } else if (const auto* piece = std::get_if<imap::FetchedPiece>(&*step)) {
      newest += piece->bytes;
    } else if (auto* done = std::get_if<imap::FetchDone>(&*step)) {
      if (done->error) co_return std::move(*done->error);
      if (asked) break;
    } else if (std::holds_alternative<imap::Closed>(*step)) {
      co_return Error{imap::errc::connection_closed, "the server closed the line"};
    }
  }
  if (asked) link.line().say(newest.substr(0, 500));
  link.session().logout();
  link.line().enter("logout");
  co_await teller.tell_ended(true);
  co_return success();
}

/// The four fields that say which mail it is.
std::string summary_of(std::string_view head) {
  const auto tree = message::scan(head);
  std::string text;
  for (const auto name : {"From", "Subject", "Date", "Message-ID"}) {
    if (const auto value = message::find_field(head, tree, name)) {
      text += fmt::format("{}: {}\r\n", name, *value);
    }
  }
  return text.substr(0, newest_bytes_max);
}

net::Task<Result<void>> test_pop3(Pop3Link& link, Teller& teller) {
  POSTERN_CO_TRY(co_await link.connect());
  std::string newest;
  for (;;) {
    co_await teller.tell_ended();
    POSTERN_CO_TRY(auto step, co_await link.pump());
    if (!step) continue;
    if (const auto* ready = std::get_if<pop3::Ready>(&*step)) {
      link.line().say(ready->greeting);
      link.session().stat();
    } else if (auto* stat = std::get_if<pop3::StatDone>(&*step)) {
      if (stat->error) co_return std::move(*stat->error);
      link.line().say(fmt::format("{} messages", stat->drop.count));
      if (stat->drop.count == 0) break;
      link.session().top(stat->drop.count, 0);
    } else if (const auto* piece = std::get_if<pop3::RetrievedPiece>(&*step)) {
      if (newest.size() < head_bytes_max) newest += piece->bytes;
    } else if (auto* done = std::get_if<pop3::RetrieveDone>(&*step)) {
      // TOP is optional (RFC 1939 §7): a server without it is a good one.
      link.line().say(done->error ? done->error->detail : summary_of(newest));
      break;
    }
  }
  link.session().quit();
  link.line().enter("quit");
  co_await teller.tell_ended();
  co_return success();
}

net::Task<Result<void>> test_smtp(SmtpLink& link, std::string sender, Teller& teller) {
  POSTERN_CO_TRY(co_await link.connect());
  bool probing = false;
  for (;;) {
    co_await teller.tell_ended();
    POSTERN_CO_TRY(auto step, co_await link.pump());
    if (!step) continue;
    if (std::holds_alternative<smtp::Ready>(*step)) {
      if (probing) break;
      probing = true;
      POSTERN_CO_TRY(link.session().begin_probe(sender));
    } else if (const auto* done = std::get_if<smtp::TransactionDone>(&*step)) {
      link.line().say(done->reply.words());
      if (!done->accepted) {
        co_return Error{smtp::errc::unexpected_reply, done->reply.words()};
      }
    } else if (std::holds_alternative<smtp::Closed>(*step)) {
      co_return Error{smtp::errc::closed, "the server closed the line"};
    }
  }
  link.line().enter("quit");
  co_await teller.tell_ended(true);
  co_await link.quit();
  co_return success();
}

net::Task<bool> test_maildrop(Context& context, const Integration& integration,
                              const IntegrationSecrets& secrets, bool with_transcript,
                              const Tell& tell) {
  Pop3Link link(context, integration.incoming, secrets);
  Teller teller(Direction::incoming, integration.incoming.protocol, context, link.line(), tell);
  if (with_transcript) teller.give_transcript();
  auto result = co_await test_pop3(link, teller);
  const bool well = result.has_value();
  if (!well) co_await teller.tell_failed(std::move(result).error());
  link.line().close();
  co_return well;
}

net::Task<bool> test_incoming(Context& context, const Integration& integration,
                              const IntegrationSecrets& secrets, bool with_transcript,
                              const Tell& tell) {
  if (integration.incoming.protocol == "pop3") {
    co_return co_await test_maildrop(context, integration, secrets, with_transcript, tell);
  }
  ImapLink link(context, integration.incoming, secrets);
  Teller teller(Direction::incoming, integration.incoming.protocol, context, link.line(), tell);
  if (with_transcript) teller.give_transcript();
  auto result = co_await test_imap(link, teller);
  const bool well = result.has_value();
  if (!well) co_await teller.tell_failed(std::move(result).error());
  link.line().close();
  co_return well;
}

net::Task<bool> test_outgoing(Context& context, const Integration& integration,
                              const IntegrationSecrets& secrets, bool with_transcript,
                              const Tell& tell) {
  SmtpLink link(context, integration.outgoing, secrets);
  Teller teller(Direction::outgoing, "smtp", context, link.line(), tell);
  if (with_transcript) teller.give_transcript();
  std::string sender = integration.address;
  if (sender.empty()) sender = integration.outgoing.auth.username;
  auto result = co_await test_smtp(link, std::move(sender), teller);
  const bool well = result.has_value();
  if (!well) co_await teller.tell_failed(std::move(result).error());
  link.line().close();
  co_return well;
}

}  // namespace

boost::json::object to_json(const TestStep& step) {
  boost::json::object json;
  json["direction"] = step.direction;
  json["step"] = step.step;
  json["ok"] = step.ok;
  json["ms"] = step.ms;
  json["server"] = step.server;
  json["hint"] = step.hint;
  json["field"] = step.field;
  if (step.transcript) json["transcript"] = to_json(*step.transcript);
  return json;
}

net::Task<bool> run_connection_test(Context& context, Integration integration,
                                    IntegrationSecrets secrets, TestDirections directions,
                                    bool with_transcript,
                                    std::function<net::Task<void>(TestStep)> tell) {
  bool well = true;
  if (directions != TestDirections::outgoing && integration.incoming.enabled) {
    const bool passed =
        co_await test_incoming(context, integration, secrets, with_transcript, tell);
    well = well && passed;
  }
  if (directions != TestDirections::incoming && integration.outgoing.enabled) {
    const bool passed =
        co_await test_outgoing(context, integration, secrets, with_transcript, tell);
    well = well && passed;
  }
  co_return well;
}

}  // namespace postern::flows
