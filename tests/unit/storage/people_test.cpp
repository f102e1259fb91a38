// People, their roles and sessions.
#include "unit/storage/kit.hpp"

namespace postern::storage {
namespace {

class PeopleTest : public StoreTest {
 protected:
  People& people() { return store_->people(); }

  Person person(const std::string& name, const std::string& role) {
    Person made;
    made.name = name;
    made.role = role;
    made.password_hash = "hash of " + name;
    made.created_at = at(10);
    made.modified_by = "ann";
    return made;
  }
  Person add(const std::string& name, const std::string& role) {
    return good(people().create(person(name, role), false));
  }
  SessionRow session(const std::string& name, const std::string& sha256,
                     std::int64_t opened = 100) {
    SessionRow row;
    row.person = name;
    row.created_at = at(opened);
    row.ends_at = at(opened + 1000);
    row.address = "192.0.2.1";
    row.agent = "a browser";
    return good(people().open_session(row, sha256));
  }
  bool open(const std::string& sha256, std::int64_t now = 200) {
    return good(people().find_session(sha256, at(now))).has_value();
  }
};

TEST_F(PeopleTest, The_first_one_is_made_only_while_there_is_nobody) {
  EXPECT_FALSE(good(people().any()));

  good(people().create(person("ann", "admin"), true));

  EXPECT_TRUE(good(people().any()));
  EXPECT_EQ(failure(people().create(person("bob", "admin"), true)), errc::wrong_state);
  EXPECT_EQ(failure(people().create(person("ann", "viewer"), false)), errc::name_taken);
}

TEST_F(PeopleTest, A_change_needs_the_version_and_names_who_made_it) {
  add("ann", "admin");
  add("bob", "viewer");
  PersonChange change;
  change.role = "operator";

  const auto changed = good(people().change("bob", change, 1, "ann", at(20)));

  EXPECT_EQ("operator", changed.role);
  EXPECT_EQ("hash of bob", changed.password_hash);
  EXPECT_EQ(2U, changed.version);
  EXPECT_EQ("ann", good(people().get("bob")).modified_by);
  EXPECT_EQ(failure(people().change("bob", change, 1, "ann", at(20))), errc::version_mismatch);
  EXPECT_EQ(failure(people().change("eve", change, std::nullopt, "ann", at(20))), errc::not_found);
}

TEST_F(PeopleTest, The_last_admin_stays_and_stays_an_admin) {
  add("ann", "admin");
  add("bob", "viewer");
  PersonChange less;
  less.role = "viewer";

  EXPECT_EQ(failure(people().change("ann", less, std::nullopt, "ann", at(20))), errc::wrong_state);
  EXPECT_EQ(failure(people().remove("ann", std::nullopt)), errc::wrong_state);
  add("eve", "admin");
  good(people().change("ann", less, std::nullopt, "eve", at(20)));
  good(people().remove("ann", std::nullopt));

  EXPECT_EQ(2U, good(people().list()).size());
}

TEST_F(PeopleTest, A_session_outlives_a_restart_and_knows_the_role_of_now) {
  add("ann", "admin");
  add("bob", "viewer");
  const auto opened = session("bob", "b1");

  reopen();

  const auto found = good(people().find_session("b1", at(200)));
  ASSERT_TRUE(found);
  EXPECT_EQ(opened.id, found->id);
  EXPECT_EQ("viewer", found->role);
  EXPECT_EQ("192.0.2.1", found->address);
  EXPECT_EQ(at(100), good(people().get("bob")).signed_in_at);
  EXPECT_FALSE(open("b1", 1100)) << "it has ended";
  EXPECT_EQ(failure(people().open_session(SessionRow(), "x")), errc::not_found);
}

TEST_F(PeopleTest, Another_password_or_role_ends_the_sessions_but_the_one_that_stays) {
  add("ann", "admin");
  add("bob", "viewer");
  session("bob", "b1");
  session("bob", "b2");
  session("ann", "a1");
  PersonChange password;
  password.password_hash = "new";
  password.keep_session = "b2";

  good(people().change("bob", password, std::nullopt, "bob", at(20)));
  EXPECT_FALSE(open("b1"));
  EXPECT_TRUE(open("b2"));
  PersonChange role;
  role.role = "operator";
  good(people().change("bob", role, std::nullopt, "ann", at(20)));
  EXPECT_FALSE(open("b2"));
  UserRow by_command_line;
  by_command_line.name = "ann";
  by_command_line.password_hash = "other";
  good(store_->accounts().set_user(by_command_line, at(30)));

  EXPECT_FALSE(open("a1"));
  EXPECT_EQ("admin", good(people().get("ann")).role);
}

TEST_F(PeopleTest, Sessions_are_listed_and_end_one_by_one_and_all_at_once) {
  add("ann", "admin");
  add("bob", "viewer");
  session("bob", "b1");
  const auto second = session("bob", "b2");
  session("ann", "a1");

  EXPECT_EQ(3U, good(people().sessions("", at(200))).size());
  const auto bobs = good(people().sessions("bob", at(200)));
  ASSERT_EQ(2U, bobs.size());
  EXPECT_EQ(second.id, bobs.front().id);
  EXPECT_EQ(failure(people().end_session(second.id, "ann")), errc::not_found);
  good(people().end_session(second.id, "bob"));
  good(people().end_session(std::string("a1")));
  EXPECT_FALSE(open("b2"));
  EXPECT_FALSE(open("a1"));
  good(people().end_sessions("bob"));

  EXPECT_TRUE(good(people().sessions("", at(200))).empty());
}

TEST_F(PeopleTest, The_oldest_session_makes_room_and_those_that_ended_are_purged) {
  add("ann", "admin");
  for (int i = 0; i <= sessions_max; ++i) session("ann", "s" + std::to_string(i));

  EXPECT_FALSE(open("s0"));
  EXPECT_TRUE(open("s1"));
  EXPECT_EQ(static_cast<std::size_t>(sessions_max), good(people().sessions("", at(200))).size());
  good(store_->purge(at(1100)));
  EXPECT_TRUE(good(people().sessions("", at(0))).empty());
}

}  // namespace
}  // namespace postern::storage
