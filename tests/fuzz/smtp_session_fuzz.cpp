// A session against a server that says anything, in any pieces, and hangs up at any time.
//
// Holds: it ends; what it says are whole lines; no credential in a line not marked secret; no mail
// counts as accepted whose body was not asked for and sent; unknown only after the final dot.
#include "smtp/session.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace postern;
using namespace postern::smtp;

constexpr std::string_view blob = "AGJvYgBzZWNyZXQ=";  // NUL bob NUL secret
constexpr std::string_view word = "c2VjcmV0";
constexpr int jobs_max = 6;

void require(bool held) {
  if (!held) std::abort();
}

class Fuzzer {
 public:
  explicit Fuzzer(std::string_view bytes)
      : choices_(bytes.empty() ? 0 : static_cast<unsigned char>(bytes[0])),
        server_(bytes.substr(bytes.empty() ? 0 : 1)),
        session_(options()) {}

  void run() {
    const std::size_t steps_max = 10 * server_.size() + 1000;
    for (std::size_t steps = 0; !over_; ++steps) {
      require(steps < steps_max);
      auto step = session_.next();
      if (!step) {
        // Who does not know BDAT has not read the mail either.
        const bool unread = step.error().code == errc::chunk_not_understood;
        require(session_.outcome_unknown() == (dot_sent_ && !unread));
        require(!session_.next());
        return;
      }
      std::visit([this](auto& s) { on(s); }, step.value());
    }
  }

 private:
  Options options() const {
    Options made;
    made.ehlo_name = "postern.example";
    made.tls = (choices_ & 1) != 0 ? TlsMode::starttls : TlsMode::established;
    if ((choices_ & 2) != 0) made.login = PasswordLogin{"bob", Secret("secret")};
    if ((choices_ & 4) != 0)
      made.login = TokenLogin{{{"XOAUTH2", Secret(std::string("\0bob\0secret", 11)), ""}}};
    made.allow_pipelining = (choices_ & 8) != 0;
    return made;
  }

  Transaction mail() const {
    Transaction transaction;
    transaction.envelope.sender = "bob@example.com";
    transaction.envelope.recipients = {"a@example.org", "b@example.org", "c@example.org"};
    transaction.size_bytes = 100;
    transaction.body_is_8bit = true;
    transaction.in_one_chunk = (choices_ & 128) != 0;
    transaction.dsn.notify.failure = true;
    transaction.dsn.envelope_id = "a b";
    return transaction;
  }

  void on(const NeedInput&) {
    if (server_.empty()) {
      require(!ended_);
      ended_ = true;
      return session_.end_of_input();
    }
    const std::size_t piece = (choices_ & 16) != 0 ? 1 : (choices_ & 32) != 0 ? 5 : server_.size();
    session_.receive(server_.substr(0, piece));
    server_.remove_prefix(std::min(piece, server_.size()));
  }

  void on(const Send& send) {
    require(send.bytes.ends_with("\r\n"));
    const bool credential =
        send.bytes.find(blob) != std::string::npos || send.bytes.find(word) != std::string::npos;
    require(send.secret || !credential);
    require(!credential || session_.extensions().mechanisms.size() > 0);
    require(tls_ || !credential || (choices_ & 1) == 0);
  }

  void on(const StartTls&) {
    require(!tls_);
    tls_ = true;
  }

  void on(const SendBody& body) {
    require(!dot_sent_);
    require(body.chunk_command.empty() || session_.extensions().chunking);
    if ((choices_ & 64) != 0 && jobs_ < jobs_max) {
      const auto behind = session_.line_up(mail());
      require(!behind || behind.value().empty() || behind.value().ends_with("\r\n"));
      if (behind && !behind.value().empty()) ++jobs_;
    }
    session_.final_dot_leaving();
    session_.body_sent();
    dot_sent_ = true;
  }

  void on(const Ready&) {
    require(!dot_sent_ && session_.ready());
    if (jobs_++ == jobs_max) return session_.quit();
    if (jobs_ % 3 == 1 || jobs_ % 3 == 2) {
      if (!session_.begin(mail())) session_.noop();
      return;
    }
    require(bool(session_.begin_probe("bob@example.com")));
  }

  void on(const TransactionDone& done) {
    require(!session_.outcome_unknown());
    require(done.reply.code != 0);
    bool anyone = false;
    for (const auto& recipient : done.recipients) {
      require(recipient.code != 0);
      anyone = anyone || recipient.accepted;
    }
    require(anyone == (done.accepted && !done.recipients.empty()));
    if (done.accepted && !done.recipients.empty()) require(dot_sent_ && done.reply.positive());
    dot_sent_ = false;
  }

  void on(const Closed&) { over_ = true; }

  unsigned choices_;
  std::string_view server_;
  Session session_;
  int jobs_ = 0;
  bool tls_ = false;
  bool dot_sent_ = false;
  bool ended_ = false;
  bool over_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Fuzzer(std::string_view(reinterpret_cast<const char*>(data), size)).run();
  return 0;
}
