// The profiles' rows: configuration as the contract's JSON, secrets of the channels sealed.
#pragma once

#include "storage/engine.hpp"
#include "storage/profiles.hpp"

namespace postern::storage {

class ProfilesTable final : public Profiles {
 public:
  explicit ProfilesTable(Engine& engine) : engine_(engine) {}

  net::Task<Result<std::vector<StoredProfile>>> list() override;
  net::Task<Result<StoredProfile>> find(std::string id_or_name) override;
  net::Task<Result<StoredProfile>> create(ProfileDraft draft, std::string by, Instant at) override;
  net::Task<Result<StoredProfile>> replace(ProfileId id, ProfileDraft draft,
                                           std::optional<std::uint64_t> if_version, std::string by,
                                           Instant at) override;
  net::Task<Result<void>> remove(ProfileId id, std::optional<std::uint64_t> if_version) override;
  net::Task<Result<std::vector<Secret>>> secrets(ProfileId id) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
