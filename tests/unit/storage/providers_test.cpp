// Providers that admins added or hid.
#include "unit/storage/kit.hpp"

namespace postern::storage {
namespace {

class ProvidersTest : public StoreTest {
 protected:
  Providers& providers() { return store_->providers(); }
  static ProviderRow row(std::string id, std::string definition = "{}") {
    ProviderRow made;
    made.id = std::move(id);
    made.definition = std::move(definition);
    return made;
  }
};

TEST_F(ProvidersTest, Stay_in_the_order_they_came) {
  good(providers().create(row("zeta"), "ann", at(1)));
  good(providers().create(row("alpha", R"({"a":1})"), "bob", at(2)));
  reopen();

  const auto all = good(providers().list());

  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].id, "zeta");
  EXPECT_EQ(all[1].definition, R"({"a":1})");
  EXPECT_EQ(all[1].created_at, at(2));
  EXPECT_EQ(all[1].modified_by, "bob");
  EXPECT_EQ(all[1].version, 1U);
}

TEST_F(ProvidersTest, Have_ids_of_their_own) {
  good(providers().create(row("a"), "ann", at(1)));

  EXPECT_EQ(failure(providers().create(row("a"), "ann", at(2))), errc::name_taken);
  EXPECT_FALSE(good(providers().find("b")));
}

TEST_F(ProvidersTest, Change_only_from_the_version_that_was_seen) {
  good(providers().create(row("a"), "ann", at(1)));
  auto changed = row("a", R"({"b":2})");
  changed.hidden = true;

  const auto stored = good(providers().replace(changed, 1, "bob", at(2)));

  EXPECT_EQ(stored.version, 2U);
  EXPECT_EQ(stored.created_at, at(1));
  const auto found = good(providers().find("a"));
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->hidden);
  EXPECT_EQ(found->modified_at, at(2));
  EXPECT_EQ(failure(providers().replace(changed, 1, "bob", at(3))), errc::version_mismatch);
  EXPECT_EQ(failure(providers().replace(row("x"), 4, "bob", at(3))), errc::not_found);
  EXPECT_EQ(failure(providers().remove("a", 1)), errc::version_mismatch);
  good(providers().remove("a", 2));
  EXPECT_EQ(failure(providers().remove("a", 2)), errc::not_found);
}

TEST_F(ProvidersTest, A_known_one_gets_its_row_when_it_is_hidden) {
  auto hidden = row("google", "");
  hidden.hidden = true;

  const auto first = good(providers().replace(hidden, 0, "ann", at(1)));

  EXPECT_EQ(first.version, 1U);
  EXPECT_EQ(failure(providers().replace(hidden, 0, "ann", at(2))), errc::version_mismatch);
}

}  // namespace
}  // namespace postern::storage
