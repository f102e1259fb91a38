// A history is one text: "1790000000000+1790000060000-", the time of each check in milliseconds and
// whether it was good.
#include "storage/past_checks_table.hpp"

#include <charconv>

namespace postern::storage {
namespace {

std::string to_text(const std::vector<PastCheck>& checks) {
  std::string text;
  for (const auto& each : checks) {
    text += std::to_string(to_milliseconds(each.at));
    text += each.ok ? '+' : '-';
  }
  return text;
}

/// As much of it as can be read: it is for a look only.
std::vector<PastCheck> from_text(std::string_view text) {
  std::vector<PastCheck> checks;
  while (!text.empty()) {
    std::int64_t at = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), at);
    const auto used = static_cast<std::size_t>(end - text.data());
    if (ec != std::errc() || used == text.size()) break;
    checks.push_back({from_milliseconds(at), *end == '+'});
    text.remove_prefix(used + 1);
  }
  return checks;
}

}  // namespace

net::Task<Result<CheckHistories>> PastChecksTable::all() {
  return engine_.read([](Transaction& transaction) -> Result<CheckHistories> {
    CheckHistories all;
    auto query = transaction.query("SELECT integration, incoming, outgoing FROM past_check");
    while (query.step()) {
      auto& [id, history] = all.emplace_back();
      std::string incoming, outgoing;
      query.read(id, incoming, outgoing);
      history.incoming = from_text(incoming);
      history.outgoing = from_text(outgoing);
    }
    return all;
  });
}

net::Task<Result<void>> PastChecksTable::keep(CheckHistories histories) {
  return engine_.write(
      [histories = std::move(histories)](Transaction& transaction) -> Result<void> {
        for (const auto& [id, history] : histories) {
          transaction.run(
              "INSERT OR REPLACE INTO past_check (integration, incoming, outgoing) "
              "SELECT id, ?2, ?3 FROM integration WHERE id = ?1 AND removed_at IS NULL",
              id, to_text(history.incoming), to_text(history.outgoing));
        }
        return success();
      });
}

void remove_past_checks(Transaction& transaction, IntegrationId id) {
  transaction.run("DELETE FROM past_check WHERE integration = ?1", id);
}

}  // namespace postern::storage
