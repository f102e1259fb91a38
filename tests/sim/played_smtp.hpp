// PlayedSmtp: a small SMTP submission server that keeps what it took. A recipient's name says how
// it is answered: "refused…" 550, "later…" 450, anything else 250.
#pragma once

#include "sim/dialogue.hpp"
#include "sim/world.hpp"

#include <map>
#include <string>
#include <vector>

namespace postern::sim {

struct SmtpManners {
  bool offers_starttls = true;
  bool offers_pipelining = true;
  bool offers_chunking = false;
  bool offers_8bitmime = true;
  bool offers_dsn = false;
  bool offers_require_tls = false;
  bool knows_chunks = true;           // false: it offers CHUNKING, and answers 502 to BDAT
  bool takes_unknown_chunks = false;  // and says only behind them that it does not know them
  int recipients_max = 0;             // told by LIMITS; then 452
  int mails_max = 0;                  // told by LIMITS; then 421
  bool loses_lined_up = false;        // what came behind a final dot before its answer
  bool refuses_login = false;
  bool greets_with_421 = false;
  bool keeps_later = true;      // false: "later…" is taken like anyone
  std::string refuses_sender;   // the reply to MAIL, or empty
  std::string refuses_content;  // the reply to the final dot, or empty
  // Chances at the final dot.
  double cut_before_taking = 0;
  double cut_after_taking = 0;
  double answers_late = 0;      // after 11 minutes
  std::string answers_late_to;  // the same for every mail to this recipient first
  double refuses_for_now = 0;
  double refuses_for_good = 0;
  Duration thinks{0};  // before the answer to the final dot
};

struct TakenMail {
  Duration at;
  std::string sender;
  std::vector<std::string> recipients;
  std::vector<std::string> commands;  // MAIL and each RCPT, as they came
  std::string bytes;
  std::string message_id;
  bool confirmed = false;  // the 250 left
  bool in_chunk = false;
  bool followed = false;  // the next mail was said behind it already
};

class PlayedSmtp {
 public:
  PlayedSmtp(World& world, std::string host, std::string user, std::string password,
             std::uint64_t seed);

  void serve();  // `host`:465 with TLS at once, `host`:587 with STARTTLS

  SmtpManners manners;
  /// When set, people log in by XOAUTH2 with a token that it takes, and not by password.
  std::function<bool(const std::string& token)> takes_token;

  const std::vector<TakenMail>& taken() const { return taken_; }
  std::size_t taken_count(const std::string& message_id) const;
  std::size_t confirmed_count(const std::string& message_id) const;
  /// Every final word to a recipient in its order: the code at RCPT where it was a refusal, else
  /// that at the mail's end.
  const std::map<std::string, std::vector<int>>& said() const { return said_; }
  const std::string& host() const { return host_; }

 private:
  struct Session;
  net::Task<void> play(std::unique_ptr<net::Stream> stream, bool tls_first);
  net::Task<bool> obey(Session& session, const std::string& line);
  net::Task<bool> log_in(Session& session, const std::string& line);
  std::string recipient(Session& session, const std::string& line);
  net::Task<bool> data(Session& session);
  net::Task<bool> chunk(Session& session, const std::string& line);
  net::Task<bool> end_of_mail(Session& session, TakenMail mail);
  net::Task<bool> refuse_mail(Session& session, const TakenMail& mail, std::string reply);

  World& world_;
  std::string host_, user_, password_;
  std::mt19937_64 chance_;
  std::vector<TakenMail> taken_;
  std::map<std::string, std::vector<int>> said_;
};

}  // namespace postern::sim
