// Past checks over a restart, what lists go by, and an entry of the audit log before its deed.
#include "storage/past_checks_table.hpp"
#include "unit/storage/kit.hpp"

namespace postern::storage {
namespace {

using PastChecksTest = StoreTest;

TEST_F(PastChecksTest, Are_as_they_were_after_a_new_start_and_go_with_their_integration) {
  const auto kept = make_integration("kept");
  const auto gone = make_integration("gone");
  CheckHistory history{{{at(1), true}, {at(2), false}}, {{at(3), true}}};
  good(store_->past_checks().keep({{kept, {}}, {gone, history}}));
  good(store_->past_checks().keep({{kept, history}}));
  good(store_->integrations().remove(gone, std::nullopt, "ann", at(9)));
  good(store_->past_checks().keep({{gone, history}}));
  reopen();

  const auto all = good(store_->past_checks().all());

  ASSERT_EQ(1u, all.size());
  EXPECT_EQ(kept, all[0].first);
  EXPECT_EQ(history.incoming, all[0].second.incoming);
  EXPECT_EQ(history.outgoing, all[0].second.outgoing);
}

TEST_F(PastChecksTest, What_lists_go_by_is_what_the_rows_say) {
  auto draft = integration_draft("Support");
  draft.value.address = "support@example.com";
  draft.value.description = "a \"desk\"";
  draft.value.provider = "fastmail";
  draft.value.enabled = false;
  const auto made = good(store_->integrations().create(draft, "admin", at(5)));
  IntegrationStatus status;
  status.incoming_state = DirectionState::failing;
  status.outgoing_state = DirectionState::off;
  status.consecutive_incoming_errors = 7;
  good(store_->integrations().record_status(made.value.id, status, {}));
  make_integration("Other");

  const auto entries = good(store_->integrations().entries());

  ASSERT_EQ(2u, entries.size());
  const auto& entry = entries[0];
  EXPECT_EQ(made.value.id, entry.id);
  EXPECT_EQ("Support", entry.name);
  EXPECT_EQ("support@example.com", entry.address);
  EXPECT_EQ("a \"desk\"", entry.description);
  EXPECT_EQ("fastmail", entry.provider);
  EXPECT_FALSE(entry.enabled);
  EXPECT_TRUE(entries[1].enabled);
  EXPECT_EQ(made.value.incoming.enabled, entry.incoming_on);
  EXPECT_EQ(made.value.outgoing.enabled, entry.outgoing_on);
  EXPECT_EQ(DirectionState::failing, entry.incoming_state);
  EXPECT_EQ(DirectionState::off, entry.outgoing_state);
  EXPECT_EQ(7, entry.consecutive_incoming_errors);
  const auto some = good(store_->integrations().some({entries[1].id, IntegrationId{}, entry.id}));
  ASSERT_EQ(2u, some.size());
  EXPECT_EQ("Other", some[0].value.name);
  EXPECT_EQ("Support", some[1].value.name);
}

TEST_F(PastChecksTest, A_deed_that_was_cut_off_by_a_crash_stands_in_the_audit_log) {
  AuditEntry entry;
  entry.at = at(1);
  entry.who = "ann";
  entry.act = "POST /targets";
  entry.resource = "/api/v1/targets";
  const auto done = good(store_->audit().begin(entry));
  const auto refused = good(store_->audit().begin(entry));
  good(store_->audit().begin(entry));
  entry.resource = "/api/v1/targets/tgt_1";
  entry.fields = {"/name"};
  good(store_->audit().finish(done, entry));
  good(store_->audit().drop(refused));
  reopen();

  const auto all = good(store_->audit().list({}, {}));

  ASSERT_EQ(2u, all.items.size());
  EXPECT_FALSE(all.items[0].done);
  EXPECT_EQ("/api/v1/targets", all.items[0].resource);
  EXPECT_TRUE(all.items[1].done);
  EXPECT_EQ("/api/v1/targets/tgt_1", all.items[1].resource);
  EXPECT_EQ(std::vector<std::string>{"/name"}, all.items[1].fields);
}

}  // namespace
}  // namespace postern::storage
