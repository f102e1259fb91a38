// What the stories of targets that are no webhooks share.
#pragma once

#include "sim/stage.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace postern::sim {

/// A target of another type than webhook, on no host of the world's unless one is served.
inline TargetId add(Stage& stage, const std::function<void(Target&)>& adjust,
                    const std::string& password = "geheim-des-ziels") {
  TargetDraft draft;
  adjust(draft.value);
  draft.credential = Secret(password);
  auto& life = *stage.gateway;
  const auto stored =
      life.ask(life.store().targets().create(std::move(draft), "story", stage.world.now()));
  life.ask(life.hub().target_changed(stored.value.id));
  return stored.value.id;
}

inline std::vector<Handover> handovers_to(Stage& stage, TargetId target) {
  storage::HandoverFilter filter;
  filter.target = target;
  storage::PageRequest page;
  page.limit = 500;
  auto& life = *stage.gateway;
  return life.ask(life.store().handovers().list(filter, page)).items;
}

}  // namespace postern::sim
