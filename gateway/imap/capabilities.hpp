// What a server says it can do: its latest CAPABILITY list, in upper case.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::imap {

class Capabilities {
 public:
  static constexpr std::size_t names_max = 512;  // more are ignored

  void add(std::string_view name);
  /// Whether `name` (upper case, as in "IDLE" or "AUTH=PLAIN") was listed.
  /// IMAP4rev2 stands for the extensions it took in (RFC 9051 Appendix E).
  bool has(std::string_view name) const;
  /// The most bytes a message may have in APPEND, if that holds for all folders. RFC 7889.
  std::optional<std::uint64_t> append_limit() const;
  bool empty() const { return names_.empty(); }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

}  // namespace postern::imap
