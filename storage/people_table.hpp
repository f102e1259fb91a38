// The tables person and session.
#pragma once

#include "storage/engine.hpp"
#include "storage/people.hpp"

namespace postern::storage {

class PeopleTable final : public People {
 public:
  explicit PeopleTable(Engine& engine) : engine_(engine) {}

  net::Task<Result<bool>> any() override;
  net::Task<Result<std::vector<Person>>> list() override;
  net::Task<Result<Person>> get(std::string name) override;
  net::Task<Result<Person>> create(Person person, bool only_first) override;
  net::Task<Result<Person>> change(std::string name, PersonChange change,
                                   std::optional<std::uint64_t> if_version, std::string by,
                                   Instant at) override;
  net::Task<Result<void>> remove(std::string name,
                                 std::optional<std::uint64_t> if_version) override;
  net::Task<Result<SessionRow>> open_session(SessionRow row, std::string sha256) override;
  net::Task<Result<std::optional<SessionRow>>> find_session(std::string sha256,
                                                            Instant now) override;
  net::Task<Result<std::vector<SessionRow>>> sessions(std::string person, Instant now) override;
  net::Task<Result<void>> end_session(SessionId id, std::string person) override;
  net::Task<Result<void>> end_session(std::string sha256) override;
  net::Task<Result<void>> end_sessions(std::string person) override;

 private:
  Engine& engine_;
};

}  // namespace postern::storage
