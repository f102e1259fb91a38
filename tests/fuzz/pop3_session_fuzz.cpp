// A session against a server that says anything, in any pieces, and hangs up at any time.
//
// Holds: it ends; what it says are whole lines; no credential in a line not marked secret, nor
// before TLS where TLS is demanded; no piece of a mail nobody asked for, none over the limit but of
// TOP, which is for the header: whoever asks stops reading.
#include "pop3/session.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace postern;
using namespace postern::pop3;

constexpr std::string_view blob = "AGJvYgBzZWNyZXQ=";  // NUL bob NUL secret
constexpr std::string_view word = "secret";
constexpr std::uint64_t body_bytes_max = 100;
constexpr int rounds_max = 8;
constexpr int tops = 2;  // still to be answered while TOP's is: it and RETR

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
        require(!session_.next());
        return;
      }
      std::visit([this](auto& s) { on(s); }, step.value());
    }
  }

 private:
  Options options() const {
    Options made;
    made.tls = (choices_ & 1) != 0 ? Tls::must_stls : Tls::established;
    made.body_bytes_max = body_bytes_max;
    made.credentials.mechanism = (choices_ & 2) != 0   ? Mechanism::xoauth2
                                 : (choices_ & 4) != 0 ? Mechanism::oauthbearer
                                                       : Mechanism::password;
    made.credentials.username = "bob";
    made.credentials.password = Secret(std::string(word));
    made.credentials.sasl = Secret(std::string("\0bob\0secret", 11));
    return made;
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
    require(tls_ || !credential || (choices_ & 1) == 0);
  }

  void on(const StartTls&) {
    require(!tls_ && (choices_ & 1) != 0);
    tls_ = true;
  }

  void on(const Ready&) {
    require(tls_ || (choices_ & 1) == 0);
    require(!ready_);
    ready_ = true;
    ask();
  }

  void ask() {
    if (rounds_++ == rounds_max) return session_.quit();
    session_.stat();
    session_.uidl();
    session_.list();
    retrieving_ = tops;
    session_.top(1, 0);
    session_.retrieve(1);
    session_.dele(1);
  }

  void on(const StatDone&) { require(ready_); }
  void on(const ListedSize& listed) { require(listed.entry.number > 0); }
  void on(const ListedUid& listed) {
    require(listed.entry.number > 0 && listed.entry.uid.size() <= uid_bytes_max);
  }
  void on(const RetrievedPiece& piece) {
    require(retrieving_ > 0 && !piece.bytes.empty());
    told_ += piece.bytes.size();
    require(told_ <= body_bytes_max || retrieving_ == tops);
  }
  void on(const RetrieveDone& done) {
    require(retrieving_-- > 0);
    require(done.size_bytes == told_ && (!done.error || told_ == 0));
    told_ = 0;
  }
  void on(const CommandDone&) {
    if (!session_.busy()) ask();
  }
  void on(const Closed& closed) {
    require(!closed.updated || rounds_ > rounds_max);
    over_ = true;
  }

  unsigned choices_;
  std::string_view server_;
  Session session_;
  int rounds_ = 0, retrieving_ = 0;
  std::uint64_t told_ = 0;
  bool tls_ = false;
  bool ready_ = false;
  bool ended_ = false;
  bool over_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Fuzzer(std::string_view(reinterpret_cast<const char*>(data), size)).run();
  return 0;
}
