// The client of SMTP. The keys of a script's head:
//   tls: established | starttls | none      plain-login, pipelining, chunking: yes | no
//   login: password NAME WORD               or: token MECHANISM BASE64 [ANSWER IN BASE64]
//   mail: a@x -> b@y, c@z size=10 8bit utf8 chunk require-tls notify=never ret=headers envid=x
//   orcpt
//                                           a job, one at each Ready in this order, or with
//                                           "behind" lined up behind the one before; also
//   probe: a@x  and  noop:                  these two. "end: leave" says no QUIT after the last
//   challenge: WORDS                        what auth_challenge() must be
#include "core/base64.hpp"
#include "smtp/session.hpp"
#include "transcripts/stage.hpp"

#include <array>
#include <sstream>
#include <utility>

namespace postern::transcripts {
namespace {

using namespace smtp;

struct Job {
  enum class Kind { mail, probe, noop } kind = Kind::mail;
  Transaction transaction;
  bool behind = false;
};

struct Plan {
  Options options;
  std::vector<Job> jobs;
  bool quit = true;
  std::string challenge;
};

std::string name_of(const error_code& code) {
  static const std::array<std::pair<errc, const char*>, 20> names{{
      {errc::not_smtp, "not_smtp"},
      {errc::greeting_refused, "greeting_refused"},
      {errc::starttls_not_offered, "starttls_not_offered"},
      {errc::starttls_refused, "starttls_refused"},
      {errc::bytes_before_tls, "bytes_before_tls"},
      {errc::plaintext_auth_refused, "plaintext_auth_refused"},
      {errc::no_mechanism, "no_mechanism"},
      {errc::auth_refused, "auth_refused"},
      {errc::auth_deferred, "auth_deferred"},
      {errc::malformed_reply, "malformed_reply"},
      {errc::reply_too_long, "reply_too_long"},
      {errc::unexpected_reply, "unexpected_reply"},
      {errc::service_closing, "service_closing"},
      {errc::closed, "closed"},
      {errc::too_large, "too_large"},
      {errc::smtputf8_not_offered, "smtputf8_not_offered"},
      {errc::bad_address, "bad_address"},
      {errc::nul_in_message, "nul_in_message"},
      {errc::require_tls_not_offered, "require_tls_not_offered"},
      {errc::chunk_not_understood, "chunk_not_understood"},
  }};
  for (const auto& [value, name] : names) {
    if (code == value) return name;
  }
  return "foreign error";
}

std::string with_enhanced(int code, const std::string& enhanced) {
  return std::to_string(code) + (enhanced.empty() ? "" : "/" + enhanced);
}

std::string event_of(const TransactionDone& done) {
  std::string event = done.accepted ? "done accepted " : "done refused ";
  event += with_enhanced(done.reply.code, done.reply.enhanced_code);
  event += " at " + std::string(to_string(done.decided_at));
  for (const auto& recipient : done.recipients) {
    event += "; " + recipient.address + (recipient.accepted ? " + " : " - ") +
             with_enhanced(recipient.code, recipient.enhanced_code);
  }
  return event;
}

DsnRequest::Return parse_return(const std::string& word) {
  if (word == "ret=headers") return DsnRequest::Return::headers;
  if (word == "ret=full") return DsnRequest::Return::full;
  unknown_key("mail", word);
}

void set_notify(DsnNotify& notify, const std::string& words) {
  notify.never = words.find("never") != words.npos;
  notify.success = words.find("success") != words.npos;
  notify.failure = words.find("failure") != words.npos;
  notify.delay = words.find("delay") != words.npos;
}

/// "a@x -> b@y, c@z size=10 8bit utf8"
Job parse_mail(Job::Kind kind, const std::string& value) {
  Job job;
  job.kind = kind;
  Transaction& transaction = job.transaction;
  std::istringstream words(value);
  std::string word;
  bool sender = true;
  while (words >> word) {
    if (word == "->") {
      sender = false;
    } else if (word.starts_with("size=")) {
      transaction.size_bytes = std::stoull(word.substr(5));
    } else if (word == "8bit") {
      transaction.body_is_8bit = true;
    } else if (word == "utf8") {
      transaction.headers_are_utf8 = true;
    } else if (word == "chunk") {
      transaction.in_one_chunk = true;
    } else if (word == "require-tls") {
      transaction.require_tls = true;
    } else if (word == "behind") {
      job.behind = true;
    } else if (word == "orcpt") {
      transaction.dsn.original_recipients = true;
    } else if (word.starts_with("notify=")) {
      set_notify(transaction.dsn.notify, word.substr(7));
    } else if (word.starts_with("ret=")) {
      transaction.dsn.returned = parse_return(word);
    } else if (word.starts_with("envid=")) {
      transaction.dsn.envelope_id = unescape(word.substr(6));
    } else if (sender) {
      transaction.envelope.sender = word == "<>" ? "" : word;
    } else {
      if (word.back() == ',') word.pop_back();
      transaction.envelope.recipients.push_back(word);
    }
  }
  return job;
}

Login parse_login(const std::string& value) {
  std::istringstream words(value);
  std::string kind, first, second, third;
  words >> kind >> first >> second >> third;
  if (kind == "password") return PasswordLogin{first, Secret(second)};
  if (kind != "token") unknown_key("login", value);
  return TokenLogin{{PreparedSasl{first, Secret(from_base64(unescape(second)).value()),
                                  from_base64(third).value()}}};
}

TlsMode parse_tls(const std::string& value) {
  if (value == "established") return TlsMode::established;
  if (value == "starttls") return TlsMode::starttls;
  if (value == "none") return TlsMode::none;
  unknown_key("tls", value);
}

Plan read_plan(const Script& script) {
  Plan plan;
  auto& options = plan.options;
  options.ehlo_name = "postern.example";
  for (const auto& [key, value] : script.head) {
    if (key == "tls") {
      options.tls = parse_tls(value);
    } else if (key == "login") {
      options.login = parse_login(value);
    } else if (key == "plain-login") {
      options.allow_plain_login = value == "yes";
    } else if (key == "pipelining") {
      options.allow_pipelining = value != "no";
    } else if (key == "chunking") {
      options.allow_chunking = value != "no";
    } else if (key == "end") {
      plan.quit = value != "leave";
    } else if (key == "mail") {
      plan.jobs.push_back(parse_mail(Job::Kind::mail, value));
    } else if (key == "probe") {
      plan.jobs.push_back(parse_mail(Job::Kind::probe, value));
    } else if (key == "noop") {
      plan.jobs.push_back({Job::Kind::noop, {}, false});
    } else if (key == "challenge") {
      plan.challenge = value;
    } else {
      unknown_key(key, value);
    }
  }
  return plan;
}

class Player {
 public:
  Player(const Script& script, Way way)
      : stage_(script, way), plan_(read_plan(script)), session_(plan_.options) {}

  Play run() {
    while (stage_.goes_on()) {
      auto step = session_.next();
      if (!step) {
        on_error(step.error());
      } else {
        std::visit([this](auto& s) { on(s); }, step.value());
      }
    }
    if (session_.outcome_unknown() != awaiting_final_reply_) {
      stage_.mistake("outcome_unknown() is wrong");
    }
    if (!stage_.cut() && session_.auth_challenge() != plan_.challenge) {
      stage_.mistake("the challenge is " + session_.auth_challenge());
    }
    return stage_.end();
  }

 private:
  void on_error(const Error& error) {
    std::string event = "error " + name_of(error.code);
    if (const auto& reply = session_.refusal()) {
      event += ' ' + with_enhanced(reply->code, reply->enhanced_code);
    }
    if (session_.outcome_unknown()) event += " unknown";
    if (error.code == errc::chunk_not_understood) awaiting_final_reply_ = false;  // it is refused
    stage_.tell(event);
    stage_.detail(error.detail);
    stage_.finish();
    auto again = session_.next();
    if (again || again.error().code != error.code) stage_.mistake("the error did not stay");
  }

  void on(const Send& send) { stage_.said(send.bytes, send.secret); }

  void on(const StartTls&) {
    if (stage_.does("[tls]")) return;
    stage_.tell("error handshake");
    stage_.finish();
  }

  void on(const SendBody& body) {
    if (stage_.peer_speaks()) return on(NeedInput());  // a server need not wait for the end
    stage_.said(body.chunk_command);
    stage_.does("[body]");
    const auto behind = line_up();
    session_.final_dot_leaving();
    session_.body_sent();
    awaiting_final_reply_ = true;
    stage_.said(behind);
  }

  std::string line_up() {
    if (job_ == plan_.jobs.size() || !plan_.jobs[job_].behind) return {};
    auto bytes = session_.line_up(plan_.jobs[job_].transaction);
    if (!bytes) stage_.tell("line up " + name_of(bytes.error().code));
    if (!bytes || bytes.value().empty()) return {};
    ++job_;
    return std::move(bytes).value();
  }

  void on(const NeedInput&) {
    const auto bytes = stage_.listen();
    if (bytes) return session_.receive(*bytes);
    session_.end_of_input();
  }

  void on(const Ready&) {
    if (job_ == 0 && !std::exchange(ready_told_, true)) stage_.tell("ready");
    if (job_ == plan_.jobs.size()) {
      if (plan_.quit) return session_.quit();
      return stage_.finish();
    }
    const Job& job = plan_.jobs[job_++];
    Result<void> begun = success();
    switch (job.kind) {
      case Job::Kind::mail:
        begun = session_.begin(job.transaction);
        break;
      case Job::Kind::probe:
        begun = session_.begin_probe(job.transaction.envelope.sender);
        break;
      case Job::Kind::noop:
        session_.noop();
        break;
    }
    if (!begun) {
      stage_.tell("begin " + name_of(begun.error().code));
      if (!session_.ready()) stage_.mistake("not ready after a refused begin()");
    }
  }

  void on(const TransactionDone& done) {
    awaiting_final_reply_ = false;
    stage_.tell(event_of(done));
    if (event_of(session_.transaction()) != event_of(done)) {
      stage_.mistake("transaction() tells another result");
    }
  }

  void on(const Closed&) {
    stage_.tell("closed");
    stage_.finish();
  }

  Stage stage_;
  const Plan plan_;
  Session session_;
  std::size_t job_ = 0;
  bool ready_told_ = false;
  bool awaiting_final_reply_ = false;
};

}  // namespace

const Protocol protocol{'S', 100, "done accepted",
                        [](const Script& script, Way way) { return Player(script, way).run(); }};

}  // namespace postern::transcripts
