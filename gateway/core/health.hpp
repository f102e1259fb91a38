// Health: when to announce that something keeps failing, when to disable it. Pure.
//
// One Health for each direction of an integration. What changed is seen by comparing `standing`
// before and after: healthy → failing is announced, failing → healthy is recovered, disabled is
// announced and ends only by a person (a fresh Health).
#pragma once

#include "core/outcome.hpp"
#include "core/time.hpp"

namespace postern {

/// The thresholds of `[monitoring]`, or of the integration; counted in attempts.
struct HealthPolicy {
  int notify_after = 3;          // failures in a row, from 1
  int disable_after = 10;        // failures in a row, from 1
  int login_disable_after = 10;  // refused logins in a row, from 1: they lock accounts
  int recover_after = 1;         // successes in a row, from 1
};

enum class Standing { healthy, failing, disabled };

struct Health {
  Standing standing = Standing::healthy;
  int failures = 0;   // in a row
  int successes = 0;  // in a row, counted while failing
  int refusals = 0;   // refused logins in a row
  Instant failing_since;
  bool operator==(const Health&) const = default;
};

/// The health after one more attempt ended with `outcome` at `at`.
///
/// `stopped` and `rejected` say nothing of the integration and change nothing. `throttled` and
/// `needs_consent` count as failures and are announced, but never disable: the one passes by
/// itself, the other waits for a person anyway.
Health after(Health health, Outcome outcome, Instant at, const HealthPolicy& policy);

}  // namespace postern
