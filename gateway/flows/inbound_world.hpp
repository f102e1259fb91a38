// InboundWorld: what the parts of one integration's incoming direction share. References outlive
// them all; everything lives on the integration's shard.
#pragma once

#include "flows/context.hpp"
#include "flows/digester.hpp"
#include "flows/quarantine.hpp"
#include "flows/status_board.hpp"
#include "net/scope.hpp"

#include <string>

namespace postern::flows {

struct InboundWorld {
  Context& context;
  const Integration& integration;
  StatusBoard& board;
  Digester& digester;
  net::Scope& scope;          // runs the storing
  std::string watched_since;  // the day the integration was made, "2026-01-31"
  Quarantine quarantine;
};

}  // namespace postern::flows
