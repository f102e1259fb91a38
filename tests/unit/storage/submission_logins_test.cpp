// The logins of the submission listener, and mails that came in a file of their own.
#include "unit/storage/kit.hpp"

namespace postern::storage {
namespace {

class SubmissionLoginsTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    integration_ = make_integration();
  }
  SubmissionLogins& logins() { return store_->submission_logins(); }

  IntegrationId integration_;
};

TEST_F(SubmissionLoginsTest, A_second_login_takes_the_place_of_the_first_and_stays) {
  good(logins().set({integration_, "salt", "hash", at(1)}, "ann"));
  good(logins().set({integration_, "salt2", "hash2", at(2)}, "bob"));
  reopen();

  const auto found = good(logins().find(integration_));

  ASSERT_TRUE(found);
  EXPECT_EQ(found->integration, integration_);
  EXPECT_EQ(found->salt, "salt2");
  EXPECT_EQ(found->password_hash, "hash2");
  EXPECT_EQ(found->created_at, at(2));
  const auto row = good(store_->integrations().get(integration_));
  EXPECT_EQ(row.modified_by, "bob");
  EXPECT_EQ(row.modified_at, at(2));
}

TEST_F(SubmissionLoginsTest, Is_gone_when_removed_and_with_its_integration) {
  good(logins().set({integration_, "salt", "hash", at(1)}, "ann"));
  good(logins().remove(integration_, "ann", at(2)));
  EXPECT_FALSE(good(logins().find(integration_)));
  good(logins().remove(integration_, "ann", at(3)));

  good(logins().set({integration_, "salt", "hash", at(4)}, "ann"));
  good(store_->integrations().remove(integration_, std::nullopt, "ann", at(5)));

  EXPECT_FALSE(good(logins().find(integration_)));
  EXPECT_EQ(failure(logins().set({integration_, "salt", "hash", at(6)}, "ann")), errc::not_found);
  EXPECT_EQ(failure(logins().remove(integration_, "ann", at(6))), errc::not_found);
}

TEST_F(SubmissionLoginsTest, A_spooled_mail_is_a_delivery_like_any_other) {
  const std::string bytes(2 * blob_bytes_max, 'x');
  auto file = store_->messages().open_spool_file().value();
  ASSERT_TRUE(file->append(bytes));
  good(file->finish());
  auto fresh = new_delivery(integration_, "");

  const auto made = good(store_->deliveries().create_spooled(fresh, std::move(file), bytes.size()));
  reopen();

  EXPECT_EQ(made.delivery.size_bytes, bytes.size());
  EXPECT_EQ(good(store_->deliveries().bytes(made.delivery.id)), bytes);
}

TEST_F(SubmissionLoginsTest, The_file_of_a_mail_that_was_not_stored_goes) {
  auto file = store_->messages().open_spool_file().value();
  ASSERT_TRUE(file->append("bytes"));
  good(file->finish());
  auto fresh = new_delivery(IntegrationId{4711}, "");

  EXPECT_EQ(failure(store_->deliveries().create_spooled(fresh, std::move(file), 5)),
            errc::not_found);

  int files = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(directory_.path() + "/data/spool")) {
    files += entry.is_regular_file() ? 1 : 0;
  }
  EXPECT_EQ(files, 0);
}

}  // namespace
}  // namespace postern::storage
