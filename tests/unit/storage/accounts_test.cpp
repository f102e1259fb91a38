// Tokens, people and the event log.
#include "unit/storage/kit.hpp"

namespace postern::storage {
namespace {

class AccountsTest : public StoreTest {
 protected:
  void SetUp() override {
    options_.now = [this] { return now_; };
    StoreTest::SetUp();
  }
  Instant now_ = at(1'700'000'000);
};
using EventsTest = StoreTest;

TokenRow token(std::string name) {
  TokenRow row;
  row.name = std::move(name);
  row.scopes = {"send", "read"};
  row.created_at = at(10);
  return row;
}

TEST_F(AccountsTest, Finds_a_token_by_its_hash_alone) {
  const auto made = good(store_->accounts().create_token(token("shop"), fake_sha256(1)));
  reopen();

  const auto found = good(store_->accounts().find_token(fake_sha256(1)));

  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, made.id);
  EXPECT_EQ(found->scopes, (std::vector<std::string>{"send", "read"}));
  EXPECT_FALSE(found->expires_at);
  EXPECT_FALSE(good(store_->accounts().find_token(fake_sha256(2))));
}

TEST_F(AccountsTest, Remembers_when_a_token_was_used_to_the_minute) {
  auto& accounts = store_->accounts();
  good(accounts.create_token(token("shop"), fake_sha256(1)));
  const auto used = [&] { return good(accounts.list_tokens()).at(0).last_used_at; };
  const auto use = [&] {
    good(accounts.find_token(fake_sha256(1)));
    good(store_->probe());  // behind the write nobody waits for
  };
  EXPECT_FALSE(used());

  const auto first = now_;
  use();
  now_ += std::chrono::seconds(59);
  use();
  EXPECT_EQ(used(), first);
  now_ += std::chrono::seconds(1);
  use();
  EXPECT_EQ(used(), now_);
}

TEST_F(AccountsTest, Refuses_a_second_token_of_a_name_and_removes_one_for_good) {
  auto& accounts = store_->accounts();
  const auto id = good(accounts.create_token(token("shop"), fake_sha256(1))).id;

  EXPECT_EQ(failure(accounts.create_token(token("shop"), fake_sha256(2))), errc::name_taken);
  good(accounts.remove_token(id));
  EXPECT_FALSE(good(accounts.find_token(fake_sha256(1))));
  EXPECT_EQ(failure(accounts.remove_token(id)), errc::not_found);
  good(accounts.create_token(token("shop"), fake_sha256(3)));
}

TEST_F(AccountsTest, Sets_a_persons_password_anew) {
  UserRow user;
  user.name = "admin";
  user.password_hash = "one";
  good(store_->accounts().set_user(user, at(1)));
  user.password_hash = "two";
  good(store_->accounts().set_user(user, at(2)));

  EXPECT_EQ(good(store_->accounts().find_user("admin"))->password_hash, "two");
  EXPECT_FALSE(good(store_->accounts().find_user("Admin")));
}

TEST_F(EventsTest, Lists_newest_first_by_kind_and_integration) {
  const auto integration = make_integration();
  std::vector<NewEvent> events(3);
  events[0].kind = "imap.login_failed";
  events[0].integration = integration;
  events[0].at = at(5);
  events[0].server = "imap.example.com";
  events[0].port = 993;
  events[0].login = "l";
  events[0].security = "tls";
  events[0].message = "NO";
  events[0].hint = "h";
  events[0].data = {{"step", "login"}};
  events[1].kind = "message.sent";
  events[2].kind = "imap.login_failed";

  good(store_->events().append(events));

  const auto all = good(store_->events().list({}, {})).items;
  ASSERT_EQ(all.size(), 3u);
  EXPECT_GT(all[0].id, all[1].id);
  EXPECT_EQ(all[2].server, "imap.example.com");
  EXPECT_EQ(all[2].port, 993);
  EXPECT_EQ(all[2].login, "l");
  EXPECT_EQ(all[2].security, "tls");
  EXPECT_EQ(all[2].message, "NO");
  EXPECT_EQ(all[2].hint, "h");
  EXPECT_EQ(all[2].at, at(5));
  EXPECT_EQ(all[2].data.at("step").as_string(), "login");
  EventFilter kind, both;
  kind.kind = both.kind = "imap.login_failed";
  both.integration = integration;
  EXPECT_EQ(good(store_->events().list(kind, {})).items.size(), 2u);
  EXPECT_EQ(good(store_->events().list(both, {})).items.size(), 1u);
}

}  // namespace
}  // namespace postern::storage
