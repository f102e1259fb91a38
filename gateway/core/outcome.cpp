// See outcome.hpp.
#include "core/outcome.hpp"

namespace postern {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return "ok";
    case Outcome::transient:
      return "transient";
    case Outcome::throttled:
      return "throttled";
    case Outcome::auth_rejected:
      return "auth_rejected";
    case Outcome::needs_consent:
      return "needs_consent";
    case Outcome::rejected:
      return "rejected";
    case Outcome::stopped:
      return "stopped";
  }
  return "transient";
}

}  // namespace postern
