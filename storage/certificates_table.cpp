// See certificates.hpp.
#include "storage/certificates_table.hpp"

namespace postern::storage {

net::Task<Result<std::vector<SeenCertificate>>> CertificatesTable::list() {
  return engine_.read([](Transaction& transaction) -> Result<std::vector<SeenCertificate>> {
    std::vector<SeenCertificate> all;
    auto query =
        transaction.query("SELECT server, ends_at, seen_at FROM certificate ORDER BY server");
    while (query.step()) {
      auto& each = all.emplace_back();
      query.read(each.server, each.ends_at, each.seen_at);
    }
    return all;
  });
}

net::Task<Result<void>> CertificatesTable::keep(std::vector<SeenCertificate> seen) {
  return engine_.write([seen = std::move(seen)](Transaction& transaction) -> Result<void> {
    for (const auto& each : seen) {
      transaction.run(
          "INSERT OR REPLACE INTO certificate (server, ends_at, seen_at) VALUES (?1, ?2, ?3)",
          each.server, each.ends_at, each.seen_at);
    }
    return success();
  });
}

net::Task<Result<void>> CertificatesTable::forget(std::vector<std::string> servers) {
  return engine_.write([servers = std::move(servers)](Transaction& transaction) -> Result<void> {
    for (const auto& server : servers) {
      transaction.run("DELETE FROM certificate WHERE server = ?1", server);
    }
    return success();
  });
}

}  // namespace postern::storage
