#include "imap/steps.hpp"

namespace postern::imap {

std::optional<std::uint32_t> CopiedUids::now(std::uint32_t uid) const {
  if (source.count() != destination.count()) return std::nullopt;
  const auto index = source.index_of(uid);
  return index ? destination.at(*index) : std::nullopt;
}

}  // namespace postern::imap
