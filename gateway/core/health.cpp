// See health.hpp.
#include "core/health.hpp"

#include <limits>

namespace postern {
namespace {

Health after_success(Health health, const HealthPolicy& policy) {
  if (health.standing == Standing::healthy) return {};
  if (++health.successes >= policy.recover_after) return {};
  health.failures = 0;
  return health;
}

Health after_failure(Health health, Instant at, const HealthPolicy& policy, bool may_disable) {
  if (health.standing == Standing::healthy && health.failures == 0) health.failing_since = at;
  if (health.failures < std::numeric_limits<int>::max()) ++health.failures;
  health.successes = 0;
  if (health.failures >= policy.notify_after) health.standing = Standing::failing;
  if (may_disable && health.failures >= policy.disable_after) health.standing = Standing::disabled;
  if (health.refusals >= policy.login_disable_after) health.standing = Standing::disabled;
  return health;
}

}  // namespace

Health after(Health health, Outcome outcome, Instant at, const HealthPolicy& policy) {
  if (health.standing == Standing::disabled) return health;
  const bool says_nothing = outcome == Outcome::stopped || outcome == Outcome::rejected;
  if (!says_nothing) {
    const bool many = health.refusals == std::numeric_limits<int>::max();
    health.refusals = outcome != Outcome::auth_rejected ? 0 : health.refusals + (many ? 0 : 1);
  }
  switch (outcome) {
    case Outcome::stopped:
    case Outcome::rejected:
      return health;
    case Outcome::ok:
      return after_success(health, policy);
    case Outcome::transient:
    case Outcome::auth_rejected:
      return after_failure(health, at, policy, true);
    case Outcome::throttled:
    case Outcome::needs_consent:
      return after_failure(health, at, policy, false);
  }
  return health;
}

}  // namespace postern
