// FirstStart: while nobody can sign in yet, a one-time code lets whoever can read the server's
// console, or the file beside its data, make the first admin. Nobody else on the network can.
//
// The code is good for a day and a few wrong tries; then another one is told. Lives on the server's
// executor.
#pragma once

#include "core/secret.hpp"
#include "core/time.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace postern::web {

constexpr Duration first_start_code_lifetime{24 * 3600 * 1000};
constexpr int first_start_tries_max = 10;

class FirstStart {
 public:
  /// Given each new code, and an empty one when none is needed any more.
  using Tell = std::function<void(const Secret& code)>;

  explicit FirstStart(Tell tell) : tell_(std::move(tell)) {}

  /// Tells a code, unless one is good still.
  void offer(Duration steady_now);

  /// Whether `code` is the one; blanks, hyphens and letters' case aside. A wrong one counts.
  bool fits(std::string_view code, Duration steady_now);

  /// Somebody can sign in: the code is good no more.
  void over();

  int tries_left() const { return tries_left_; }

 private:
  Tell tell_;
  std::string code_;  // without hyphens; empty: there is none
  Duration ends_{};
  int tries_left_ = 0;
};

}  // namespace postern::web
