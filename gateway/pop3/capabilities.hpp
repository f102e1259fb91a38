// What a server says it can do: its latest CAPA list. RFC 2449 §5, §6; RFC 6856 §2.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::pop3 {

class Capabilities {
 public:
  static constexpr std::size_t lines_max = 256;

  /// One line of the list: a keyword and its parameters.
  void add(std::string_view line);

  /// Whether the server knows CAPA at all; what it can do is not known otherwise.
  bool known() const { return known_; }
  void set_known() { known_ = true; }

  /// Whether `name` (upper case: "UIDL", "STLS") was listed.
  bool has(std::string_view name) const;
  /// Whether `name` was listed with this parameter (upper case): ("SASL", "PLAIN").
  bool has(std::string_view name, std::string_view parameter) const;
  /// The least time between two logins (LOGIN-DELAY), if the server told one of at most a day.
  std::optional<std::chrono::seconds> login_delay() const;

  std::size_t size() const { return lines_.size(); }
  /// "TOP, UIDL, SASL PLAIN", for people.
  std::string words() const;

 private:
  std::vector<std::vector<std::string>> lines_;  // upper case, split at blanks
  bool known_ = false;
};

}  // namespace postern::pop3
