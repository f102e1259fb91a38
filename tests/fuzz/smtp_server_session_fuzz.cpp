// A client that says anything, in any pieces.
//
// Holds: it ends; what we say are whole lines; no mail without a login, no login without TLS (or
// from this machine); nothing kept of a mail holds a bare CR, a bare LF or a NUL when it is taken;
// the same bytes in other pieces bring the same mails.
#include "smtp/server_session.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace postern;
using namespace postern::smtp;

void require(bool held) {
  if (!held) std::abort();
}

class Fuzzer {
 public:
  Fuzzer(unsigned choices, std::string_view client, std::size_t at_once)
      : choices_(choices), client_(client), at_once_(at_once), session_(settings()) {}

  std::vector<std::string> run() {
    const std::size_t steps_max = 20 * client_.size() + 1000;
    for (std::size_t steps = 0; !over_; ++steps) {
      require(steps < steps_max);
      auto step = session_.next();
      std::visit([this](auto& s) { on(s); }, step);
    }
    return mails_;
  }
  bool met_tls() const { return met_tls_; }

 private:
  ServerSettings settings() const {
    ServerSettings made;
    made.size_bytes_max = 200;
    made.tls_active = (choices_ & 1) != 0;
    made.starttls_offered = (choices_ & 2) != 0;
    made.plain_login_allowed = (choices_ & 4) != 0;
    return made;
  }
  void on(const AwaitInput&) {
    if (client_.empty()) {
      over_ = true;
      return;
    }
    const auto piece = client_.substr(0, at_once_);
    client_.remove_prefix(piece.size());
    session_.receive(piece);
  }
  void on(const Send& send) { require(send.bytes.ends_with("\r\n") && !send.secret); }
  void on(const StartTls&) {
    require((choices_ & 1) == 0 && (choices_ & 2) != 0);
    met_tls_ = true;  // how much was read by then differs with the pieces
    session_.tls_begun();
  }
  void on(const CheckLogin& check) {
    require((choices_ & 5) != 0 || met_tls_);
    require(!check.login.empty() && check.login.size() <= login_bytes_max);
    if (check.login.size() % 2 == 0) return session_.refuse({535, "5.7.8", "no"});
    session_.accept();
  }
  void on(const CheckSender& check) {
    require(!session_.login().empty());
    if (check.address.starts_with('x')) return session_.refuse({553, "5.7.1", "no"});
    session_.accept();
  }
  void on(const BeginBody&) {
    require(!session_.envelope().recipients.empty());
    body_.clear();
    session_.accept();
  }
  void on(const BodyPiece& piece) { body_ += piece.bytes; }
  void on(const EndBody&) {
    require(body_.size() <= 200 && body_.find('\0') == std::string::npos);
    require(body_.empty() || body_.ends_with("\r\n"));
    for (std::size_t i = 0; i < body_.size(); ++i) {
      if (body_[i] == '\n') require(i > 0 && body_[i - 1] == '\r');
      if (body_[i] == '\r') require(i + 1 < body_.size() && body_[i + 1] == '\n');
    }
    std::string mail = session_.envelope().sender;
    for (const auto& recipient : session_.envelope().recipients) mail += "," + recipient;
    mails_.push_back(mail + ":" + body_);
    session_.accept("Ok: queued");
  }
  void on(const DropBody&) { body_.clear(); }
  void on(const Closed&) { over_ = true; }

  const unsigned choices_;
  std::string_view client_;
  const std::size_t at_once_;
  ServerSession session_;
  std::string body_;
  std::vector<std::string> mails_;
  bool met_tls_ = false;
  bool over_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view client(reinterpret_cast<const char*>(data) + 1, size - 1);
  Fuzzer whole(data[0], client, std::max<std::size_t>(client.size(), 1));
  Fuzzer pieces(data[0], client, 1 + data[0] / 32);
  const auto mails = whole.run();
  const auto others = pieces.run();
  // A line or mail far too long may be refused a piece earlier or later.
  if (!whole.met_tls() && !pieces.met_tls() && client.size() < 500) require(mails == others);
  return 0;
}
