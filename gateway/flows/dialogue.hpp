// Dialogue: takes the two streams of a mail protocol apart into the lines people would write down:
// logins without their secrets, literals and mails as their length. It knows as much of IMAP, POP3
// and SMTP as that needs, and never fails: it is fed whatever passes.
#pragma once

#include "core/transcript.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::flows {

/// What our bytes are, as the one who writes them knows.
enum class Wire {
  text,    // commands
  secret,  // commands with a credential in them
  body,    // a mail
};

class Dialogue {
 public:
  /// Takes the lines: without their ends, at most line_bytes_max bytes; `cut`: it had more. What
  /// the server says is raw.
  class Writer {
   public:
    virtual ~Writer() = default;
    virtual void write(Side from, std::string_view text, bool cut) = 0;
  };

  static constexpr std::size_t line_bytes_max = 512;
  static constexpr std::size_t commands_open_max = 64;  // POP3: sent and not answered

  explicit Dialogue(Writer& writer) : writer_(writer) {}

  void sent(std::string_view bytes, Wire what);
  void received(std::string_view bytes);
  /// The beginning of a line that has not ended, and what is left out so far.
  void flush();

 private:
  enum class Protocol { unknown, imap, pop3, smtp };
  enum class Answer { line, list, mail };  // POP3: what a command's answer looks like
  struct Stream {
    std::string line;                // what came of it since its last end
    std::string end;                 // the last bytes of one that was cut
    bool cut = false;                // the line is longer
    std::uint64_t literal_left = 0;  // bytes to leave out
    std::uint64_t left_out = 0;      // told before the next line that is shown
  };

  void take(Side from, std::string_view bytes, Wire what);
  void gather(Stream& stream, std::string_view bytes) const;
  void end_line(Side from, Wire what);
  void tell(Side from, std::string_view text, bool cut);
  void tell_left_out(Side from);
  std::string masked_client_line(const std::string& line, Wire what);
  bool verdict(std::string_view line) const;
  void expect_pop3_answer(std::string_view line);
  bool hides_pop3_line(std::string_view line);
  Stream& stream(Side from) { return from == Side::client ? client_ : server_; }

  Writer& writer_;
  Stream client_, server_;
  Protocol protocol_ = Protocol::unknown;
  bool logging_in_ = false;  // what we say until the server's verdict is secret
  std::string login_tag_;    // IMAP: whose verdict
  std::vector<Answer> expected_;
  Answer under_way_ = Answer::line;  // POP3: list and mail end with a dot
};

}  // namespace postern::flows
