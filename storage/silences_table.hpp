// See silences.hpp and settings.hpp.
#pragma once

#include "storage/engine.hpp"
#include "storage/settings.hpp"
#include "storage/silences.hpp"

namespace postern::storage {

extern const char* const silences_schema;

class SilencesTable final : public Silences {
 public:
  explicit SilencesTable(Engine& engine) : engine_(engine) {}
  net::Task<Result<std::vector<StoredSilence>>> list() override;
  net::Task<Result<StoredSilence>> get(SilenceId id) override;
  net::Task<Result<StoredSilence>> create(Silence silence, std::string by, Instant at) override;
  net::Task<Result<StoredSilence>> replace(Silence silence, std::optional<std::uint64_t> if_version,
                                           std::string by, Instant at) override;
  net::Task<Result<void>> remove(SilenceId id, std::optional<std::uint64_t> if_version) override;

 private:
  Engine& engine_;
};

class SettingsTable final : public Settings {
 public:
  explicit SettingsTable(Engine& engine) : engine_(engine) {}
  net::Task<Result<StoredSettings>> get() override;
  net::Task<Result<StoredSettings>> replace(boost::json::object changed,
                                            std::optional<std::uint64_t> if_version, std::string by,
                                            Instant at) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
