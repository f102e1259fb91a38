// The rows of acts and transcripts, and the reading of everyone else's for the activity list.
#pragma once

#include "storage/activity.hpp"
#include "storage/engine.hpp"

namespace postern::storage {

class ActivityTable final : public ActivityLog {
 public:
  explicit ActivityTable(Engine& engine) : engine_(engine) {}
  net::Task<Result<std::vector<Activity>>> recent(IntegrationId id) override;
  void add_act(IntegrationId id, Activity act) override;
  void keep_transcript(IntegrationId id, Transcript transcript) override;
  net::Task<Result<std::optional<Transcript>>> transcript(IntegrationId id,
                                                          std::string direction) override;

 private:
  Engine& engine_;
};

/// With the integration go its acts and transcripts.
void remove_activity(Transaction& transaction, IntegrationId id);

}  // namespace postern::storage
