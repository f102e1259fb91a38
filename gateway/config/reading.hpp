// Reading one setting: from whatever form it has in its source to the type the Config wants, with
// the problem told when it does not fit.
#pragma once

#include "config/config.hpp"
#include "core/json_fields.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern::config {

/// Where a setting came from, as a problem names it.
struct Origin {
  std::string file;
  int line = 0;
  std::string key;
};

/// A value of TOML, as far as we have a use for it; `Other` holds the name of its type.
struct Other {
  std::string_view type;
};
using Scalar = std::variant<std::string, std::int64_t, bool, Other>;
using SettingValue = std::variant<Scalar, std::vector<Scalar>>;

struct Setting {
  Origin origin;
  SettingValue value;
  /// From the environment or the command line: a text that stands for any type, lists with commas.
  bool as_text = false;
};

/// One setting being read. Each function writes `out` and returns true, or adds a problem.
class Reading {
 public:
  Reading(const Setting& setting, ConfigProblems& problems)
      : setting_(setting), problems_(problems) {}

  bool text(std::string& out, std::size_t bytes_max = 4096);
  bool texts(std::vector<std::string>& out, std::size_t items_max = 1000);
  bool secret(Secret& out);

  template <class Number>
  bool integer(Number& out, std::int64_t min, std::int64_t max) {
    const auto number = whole_number(min, max);
    if (number) out = Number(*number);
    return number.has_value();
  }
  bool seconds(std::chrono::seconds& out, std::int64_t min, std::int64_t max);
  bool seconds_list(std::vector<std::chrono::seconds>& out, std::int64_t min, std::int64_t max,
                    std::size_t items_max);

  template <class Out, class Value, std::size_t size>
  bool choice(Out& out, const Choice<Value> (&choices)[size]) {
    std::string word;
    if (!text(word)) return false;
    std::vector<std::string_view> offered;
    for (const auto& each : choices) {
      if (each.word == word) {
        out = each.value;
        return true;
      }
      if (!each.alias) offered.push_back(each.word);
    }
    no_such_word(word, offered);
    return false;
  }

  bool listen(ListenAddress& out);
  bool listen(std::optional<ListenAddress>& out);
  bool url(std::string& out);
  bool networks(std::vector<std::string>& out);
  bool addresses(std::vector<std::string>& out);
  bool address(std::string& out);
  bool host(std::string& out);
  /// A file that is there and may be read.
  bool file(std::string& out);

  void problem(std::string what);

 private:
  std::optional<std::int64_t> whole_number(std::int64_t min, std::int64_t max);
  std::optional<std::int64_t> number_of(const Scalar& scalar, std::int64_t min, std::int64_t max);
  std::optional<std::vector<Scalar>> items();
  void no_such_word(std::string_view word, const std::vector<std::string_view>& offered);

  const Setting& setting_;
  ConfigProblems& problems_;
};

/// "127.0.0.1:8025", "[::1]:8025", "localhost:8025". Nothing when it is none.
std::optional<ListenAddress> parse_listen(std::string_view text);

/// An IP address, or one with a prefix length that is not too long for it.
bool valid_network(std::string_view text);

bool is_loopback(const ListenAddress& address);

}  // namespace postern::config
