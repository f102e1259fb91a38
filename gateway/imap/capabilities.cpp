#include "imap/capabilities.hpp"

#include "imap/letters.hpp"
#include "imap/scanner.hpp"

#include <algorithm>
#include <array>

namespace postern::imap {
namespace {

constexpr std::array<std::string_view, 11> rev2{
    "NAMESPACE", "UNSELECT", "UIDPLUS",  "ESEARCH",       "ENABLE",     "IDLE",
    "SASL-IR",   "MOVE",     "LITERAL-", "LIST-EXTENDED", "SPECIAL-USE"};

}  // namespace

void Capabilities::add(std::string_view name) {
  if (!name.empty() && names_.size() < names_max) names_.push_back(to_upper(name));
}

bool Capabilities::has(std::string_view name) const {
  if (std::find(names_.begin(), names_.end(), name) != names_.end()) return true;
  const bool taken_in = std::find(rev2.begin(), rev2.end(), name) != rev2.end();
  return taken_in && std::find(names_.begin(), names_.end(), "IMAP4REV2") != names_.end();
}

// "APPENDLIMIT" ["=" number]; without a number each folder has its own, which STATUS tells.
std::optional<std::uint64_t> Capabilities::append_limit() const {
  constexpr std::string_view mark = "APPENDLIMIT=";
  for (const std::string_view name : names_) {
    if (!name.starts_with(mark)) continue;
    const auto limit = Scanner(name.substr(mark.size())).number64();
    if (limit) return limit.value();
  }
  return std::nullopt;
}

}  // namespace postern::imap
