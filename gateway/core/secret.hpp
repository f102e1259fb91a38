// Secret: a string that prints as *** everywhere and is wiped when it goes.
//
// reveal() is the only way out; tests/tidy holds the short list of files that may call it.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace postern {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret&) = default;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(); }

  bool empty() const { return value_.empty(); }
  std::string_view reveal() const { return value_; }
  bool operator==(const Secret&) const = default;

 private:
  void wipe() noexcept;
  std::string value_;
};

}  // namespace postern

template <>
struct fmt::formatter<postern::Secret> {
  constexpr auto parse(fmt::format_parse_context& context) { return context.begin(); }
  template <class Context>
  auto format(const postern::Secret&, Context& context) const {
    return std::fill_n(context.out(), 3, '*');
  }
};
