// IdleSession: what bench_idle_server says to one client, without I/O. Each client has a mailbox of
// its own, empty at first, and mails of one size in it as they are announced.
#pragma once

#include <string>

namespace postern::bench {

extern const char* const idle_capabilities;

class IdleSession {
 public:
  /// What to say to a line of the client; may be empty.
  std::string answer(const std::string& line);
  /// One more mail is there; only while idle(). What to say.
  std::string announce();

  bool idle() const { return idle_; }

 private:
  std::string command(const std::string& tag, const std::string& words);
  std::string fetch(const std::string& words) const;
  std::string search(const std::string& words) const;

  bool idle_ = false, wants_response_ = false;
  long mails_ = 0;
  std::string tag_;  // of the command that waits
};

}  // namespace postern::bench
