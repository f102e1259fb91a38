#include "imap/capabilities.hpp"

#include "imap/letters.hpp"

#include <algorithm>

namespace postern::imap {

void Capabilities::add(std::string_view name) {
  if (!name.empty() && names_.size() < names_max) names_.push_back(to_upper(name));
}

bool Capabilities::has(std::string_view name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

}  // namespace postern::imap
