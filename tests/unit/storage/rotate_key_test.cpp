// Rotation of the secrets' key: beside a store that is open, with writes in between, cut off.
#include "storage/rotate_key.hpp"

#include "storage/database.hpp"
#include "storage/secret_box.hpp"
#include "unit/storage/kit.hpp"

#include <sys/stat.h>

#include <fstream>
#include <set>
#include <thread>

namespace postern::storage {
namespace {

class RotateKey : public StoreTest {
 protected:
  std::string key_file() const { return options_.data_dir + "/secret.key"; }
  RotationFacts rotate() {
    auto done = rotate_key(options_.data_dir, key_file());
    if (done.has_error()) throw std::runtime_error(describe(done.error()));
    return done.value();
  }
  IntegrationId add(const std::string& name, const std::string& password) {
    auto draft = integration_draft(name);
    draft.incoming_password = Secret(password);
    return good(store_->integrations().create(draft, "admin", at(1))).value.id;
  }
  std::string password(IntegrationId id) {
    return std::string(good(store_->integrations().secrets(id)).incoming_password.reveal());
  }
  std::set<std::string> keys_of_rows() {
    auto database = Database::open(options_.data_dir + "/postern.db", {}).value();
    std::set<std::string> keys;
    auto query = database.query("SELECT key_id FROM secret");
    while (query.step()) {
      std::string id;
      query.read(id);
      keys.insert(id);
    }
    return keys;
  }
  std::string id_of_key(std::size_t index = 0) {
    return SecretBox(read_key_file(key_file()).value().at(index)).key_id();
  }
};

TEST_F(RotateKey, Seals_all_anew_and_who_serves_goes_on_reading_and_writing) {
  const auto before = add("Before", "hunter2");
  const auto target = make_target("desk");
  const auto signed_with = good(store_->targets().secrets(target)).current;
  const auto former = id_of_key();

  const auto facts = rotate();

  EXPECT_EQ(facts.secrets, 2u);
  EXPECT_NE(id_of_key(), former);
  EXPECT_EQ(read_key_file(key_file()).value().size(), 1u);
  EXPECT_EQ(keys_of_rows(), std::set<std::string>{id_of_key()});
  EXPECT_EQ(password(before), "hunter2");
  EXPECT_EQ(good(store_->targets().secrets(target)).current.reveal(), signed_with.reveal());
  const auto after = add("After", "hunter3");
  EXPECT_EQ(keys_of_rows(), std::set<std::string>{id_of_key()}) << "nothing under the former key";
  reopen();
  EXPECT_EQ(password(before), "hunter2");
  EXPECT_EQ(password(after), "hunter3");
}

TEST_F(RotateKey, Reaches_who_had_nothing_sealed_yet) {
  rotate();

  const auto id = add("First", "hunter2");

  EXPECT_EQ(keys_of_rows(), std::set<std::string>{id_of_key()});
  reopen();
  EXPECT_EQ(password(id), "hunter2");
}

TEST_F(RotateKey, May_be_done_again_and_again_while_others_write) {
  std::atomic<bool> over = false;
  std::vector<IntegrationId> made;
  std::thread writing([&] {
    for (int i = 0; !over; ++i) made.push_back(add("n" + std::to_string(i), std::to_string(i)));
  });
  for (int i = 0; i < 5; ++i) rotate();
  over = true;
  writing.join();

  EXPECT_EQ(keys_of_rows(), std::set<std::string>{id_of_key()});
  for (std::size_t i = 0; i < made.size(); ++i) EXPECT_EQ(password(made[i]), std::to_string(i));
  reopen();
  for (std::size_t i = 0; i < made.size(); ++i) EXPECT_EQ(password(made[i]), std::to_string(i));
}

TEST_F(RotateKey, Keeps_the_former_key_in_a_file_of_its_own_for_older_backups) {
  add("Before", "hunter2");
  const auto former = id_of_key();

  const auto facts = rotate();

  const auto kept = read_key_file(facts.former_key_file).value();  // refuses a mode that is loose
  EXPECT_EQ(SecretBox(kept.at(0)).key_id(), former);
}

TEST_F(RotateKey, Cut_off_between_the_file_and_the_rows_leaves_what_both_starts_can_read) {
  const auto id = add("Before", "hunter2");
  auto keys = read_key_file(key_file()).value();
  for (const bool newer_first : {false, true}) {
    auto both = keys;
    both.insert(newer_first ? both.begin() : both.end(), make_key());
    ASSERT_TRUE(write_key_file(key_file(), both).has_value());

    reopen();

    EXPECT_EQ(password(id), "hunter2");
    const auto more = add(newer_first ? "a" : "b", "x");
    EXPECT_EQ(keys_of_rows().size(), 1u);
    EXPECT_EQ(password(more), "x");
  }
  rotate();
  EXPECT_EQ(read_key_file(key_file()).value().size(), 1u);
  EXPECT_EQ(password(id), "hunter2");
}

TEST_F(RotateKey, Is_refused_by_a_row_that_does_not_open_and_changes_none) {
  const auto id = add("Good", "hunter2");
  const auto other = add("Moved", "hunter3");
  const auto former = id_of_key();
  {
    auto database = Database::open(options_.data_dir + "/postern.db", {}).value();
    database.run(
        "UPDATE secret SET box = (SELECT box FROM secret WHERE owner_id = ?1) WHERE owner_id = ?2",
        id, other);
  }

  const auto refused = rotate_key(options_.data_dir, key_file());

  EXPECT_EQ(refused.error().code, errc::corrupt);
  EXPECT_EQ(keys_of_rows(), std::set<std::string>{former});
  EXPECT_EQ(password(id), "hunter2");
  EXPECT_EQ(failure(store_->integrations().secrets(other)), errc::corrupt) << "bound to its row";
}

TEST_F(RotateKey, Is_refused_where_the_file_cannot_be_replaced) {
  EXPECT_EQ(rotate_key(directory_.path() + "/none", key_file()).error().code, errc::not_found);
  const auto id = add("Good", "hunter2");
  const auto elsewhere = "/proc/self/none.key";

  const auto refused = rotate_key(options_.data_dir, elsewhere);

  EXPECT_TRUE(refused.has_error());
  EXPECT_EQ(password(id), "hunter2");
}

TEST_F(RotateKey, Follows_a_link_to_the_key) {
  const auto id = add("Good", "hunter2");
  const auto real = directory_.path() + "/real.key";
  std::filesystem::rename(key_file(), real);
  std::filesystem::create_symlink(real, key_file());

  rotate();

  EXPECT_TRUE(std::filesystem::is_symlink(key_file()));
  EXPECT_EQ(password(id), "hunter2");
  reopen();
  EXPECT_EQ(password(id), "hunter2");
}

}  // namespace
}  // namespace postern::storage
