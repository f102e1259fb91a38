#include "flows/target_pause.hpp"

#include "core/backoff.hpp"

#include <algorithm>

namespace postern::flows {

void TargetPause::well() {
  *this = TargetPause();
}

void TargetPause::failed(Duration now, bool certain, Duration asked, std::uint64_t random) {
  ++failures_;
  if (!broken_ && !certain && failures_ < failures_max) return;
  // Those that were under way side by side fail together and count as one.
  if (broken_ && left(now) > Duration(0) && asked <= left(now)) return;
  broken_ = true;
  ++pauses_;
  const auto pause =
      std::max(backoff(pauses_, first, longest, random), std::min<Duration>(asked, longest_asked));
  until_ = now + pause;
}

Duration TargetPause::left(Duration now) const {
  return broken_ ? std::max(until_ - now, Duration(0)) : Duration(0);
}

}  // namespace postern::flows
