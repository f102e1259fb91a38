#include "core/secret.hpp"

#include <cstring>
#include <utility>

namespace postern {

// A copy, and then the wipe: a moved short string would leave its bytes behind.
Secret::Secret(Secret&& other) noexcept
    : value_(other.value_) {  // NOLINT(performance-move-constructor-init)
  other.wipe();
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe();
  value_ = other.value_;
  other.wipe();
  return *this;
}

void Secret::wipe() noexcept {
  // volatile keeps the compiler from dropping a store nobody reads.
  volatile char* byte = value_.data();
  for (std::size_t i = 0; i < value_.size(); ++i) byte[i] = 0;
  value_.clear();
}

}  // namespace postern
