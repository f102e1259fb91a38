#include "storage/compares_table.hpp"

#include <stdexcept>

namespace postern::storage {

net::Task<Result<std::optional<KnownFolder>>> ComparesTable::known(IntegrationId integration,
                                                                   std::string folder) {
  return engine_.read([integration, folder = std::move(folder)](
                          Transaction& transaction) -> Result<std::optional<KnownFolder>> {
    std::optional<KnownFolder> known;
    auto query = transaction.query(
        "SELECT uids, uid_validity, mod_seq, compared_at FROM mailbox_known WHERE integration = ?1 "
        "AND folder = ?2",
        integration, folder);
    if (!query.step()) return known;
    auto uids = UidRanges::decode(query.blob());
    if (!uids) throw std::runtime_error("not a set of UIDs");
    known.emplace();
    std::string skipped;
    query.read(skipped, known->uid_validity, known->mod_seq, known->compared_at);
    known->uids = std::move(*uids);
    return known;
  });
}

net::Task<Result<void>> ComparesTable::keep(IntegrationId integration, std::string folder,
                                            KnownFolder known) {
  auto bytes = known.uids.encode();
  const auto size = bytes.size();
  return engine_.write(
      [integration, folder = std::move(folder), known = std::move(known),
       bytes = std::move(bytes)](Transaction& transaction) -> Result<void> {
        transaction.run(
            "INSERT OR REPLACE INTO mailbox_known (integration, folder, uid_validity, mod_seq, "
            "uids, compared_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            integration, folder, known.uid_validity, known.mod_seq, Blob{bytes}, known.compared_at);
        transaction.run("DELETE FROM mailbox_again WHERE integration = ?1 AND folder = ?2",
                        integration, folder);
        return success();
      },
      size);
}

net::Task<Result<void>> ComparesTable::request(IntegrationId integration,
                                               std::vector<std::string> folders,
                                               std::string since) {
  return engine_.write([integration, folders = std::move(folders),
                        since = std::move(since)](Transaction& transaction) -> Result<void> {
    for (const auto& folder : folders) {
      transaction.run(
          "INSERT OR REPLACE INTO mailbox_again (integration, folder, since) VALUES (?1, ?2, ?3)",
          integration, folder, since);
    }
    return success();
  });
}

net::Task<Result<std::optional<std::string>>> ComparesTable::requested(IntegrationId integration,
                                                                       std::string folder) {
  return engine_.read([integration, folder = std::move(folder)](
                          Transaction& transaction) -> Result<std::optional<std::string>> {
    std::optional<std::string> since;
    auto query =
        transaction.query("SELECT since FROM mailbox_again WHERE integration = ?1 AND folder = ?2",
                          integration, folder);
    if (query.step()) query.read(since);
    return since;
  });
}

}  // namespace postern::storage
