// Bisection: finds the mails a server refuses in a set of which it refused the whole. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace postern::flows {

class Bisection {
 public:
  /// UIDs asked for in one command: its line stays short.
  static constexpr std::size_t at_once_max = 256;

  /// `uids` in the order in which they are wanted.
  explicit Bisection(const std::vector<std::uint32_t>& uids);

  /// The next UIDs to ask for together; nothing at the end.
  std::optional<std::vector<std::uint32_t>> next();

  /// Those were refused together: their halves come next. One alone is the culprit, and is not
  /// asked for again.
  void refused(const std::vector<std::uint32_t>& uids);

  /// Those were not refused, yet are not here: each comes alone.
  void missing(const std::vector<std::uint32_t>& uids);

 private:
  std::vector<std::vector<std::uint32_t>> waiting_;  // the next one last
};

}  // namespace postern::flows
