// Large mails: files of their own, named by a row or removed.
#include "unit/storage/kit.hpp"

#include <fstream>

namespace postern::storage {
namespace {

class SpoolTest : public StoreTest {
 protected:
  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> found;
    const std::filesystem::path spool = options_.data_dir + "/spool";
    if (!std::filesystem::exists(spool)) return found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(spool)) {
      if (entry.is_regular_file()) found.push_back(entry.path());
    }
    return found;
  }
  IncomingMail large_mail(std::uint32_t uid, const std::string& bytes) {
    auto file = store_->messages().open_spool_file().value();
    for (std::size_t i = 0; i < bytes.size(); i += 400'000) {
      EXPECT_TRUE(file->append(std::string_view(bytes).substr(i, 400'000)).has_value());
    }
    good(file->finish());
    auto incoming = mail(uid, "");
    incoming.size_bytes = bytes.size();
    incoming.bytes = std::move(file);
    return incoming;
  }
  const std::string large_ = std::string(3'000'000, 'm') + std::string("\0end", 4);
};

TEST_F(SpoolTest, Keeps_a_large_mail_in_a_file_named_by_its_row) {
  const auto integration = make_integration();
  auto incoming = batch(integration, 2);
  incoming.mails.push_back(large_mail(1, large_));

  const auto id = good(store_->messages().store(std::move(incoming)))[0].id;
  reopen();

  EXPECT_EQ(good(store_->messages().raw(id)), large_);
  ASSERT_EQ(files().size(), 1u);
  const auto path = files()[0];
  EXPECT_EQ(path.parent_path().filename().string(), path.filename().string().substr(0, 2));
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(SpoolTest, A_file_no_batch_took_goes_with_its_owner) {
  const auto integration = make_integration();
  { const auto unused = large_mail(1, large_); }
  EXPECT_TRUE(files().empty());
  { const auto unfinished = store_->messages().open_spool_file().value(); }
  EXPECT_TRUE(files().empty());
  good(store_->integrations().remove(integration, {}, "a", at(1)));
  auto refused = batch(integration, 2);
  refused.mails.push_back(large_mail(1, large_));

  EXPECT_EQ(failure(store_->messages().store(std::move(refused))), errc::not_found);

  EXPECT_TRUE(files().empty());
}

TEST_F(SpoolTest, The_file_of_a_duplicate_goes) {
  const auto integration = make_integration();
  for (int i = 0; i < 2; ++i) {
    auto incoming = batch(integration, 2);
    incoming.mails.push_back(large_mail(1, large_));
    EXPECT_EQ(good(store_->messages().store(std::move(incoming)))[0].duplicate, i == 1);
  }

  EXPECT_EQ(files().size(), 1u);
}

TEST_F(SpoolTest, A_new_start_removes_what_no_row_names_and_nothing_else) {
  const auto integration = make_integration();
  auto incoming = batch(integration, 2);
  incoming.mails.push_back(large_mail(1, large_));
  const auto message = good(store_->messages().store(std::move(incoming)))[0].id;
  const auto delivery =
      good(store_->deliveries().create(new_delivery(integration, large_))).delivery.id;
  std::filesystem::create_directories(options_.data_dir + "/spool/ab");
  std::ofstream(options_.data_dir + "/spool/ab/abandoned") << "left by a crash";
  EXPECT_EQ(files().size(), 3u);

  auto tool = options_;
  tool.exclusive = false;
  ASSERT_TRUE(open_store(tool).has_value());
  EXPECT_EQ(files().size(), 3u);  // a tool leaves the files of a running server alone
  reopen();

  EXPECT_EQ(files().size(), 2u);
  EXPECT_EQ(good(store_->messages().raw(message)), large_);
  EXPECT_EQ(good(store_->deliveries().bytes(delivery)), large_);
}

TEST_F(SpoolTest, Large_outgoing_mail_has_a_file_and_a_replay_leaves_none) {
  const auto integration = make_integration();
  auto fresh = new_delivery(integration, large_);
  IdempotencyKey key;
  key.scope = "s";
  key.key = "k";
  key.body_sha256 = fake_sha256(1);
  fresh.idempotency = key;

  const auto first = good(store_->deliveries().create(fresh));
  const auto again = good(store_->deliveries().create(fresh));

  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(first.delivery.size_bytes, large_.size());
  EXPECT_EQ(good(store_->deliveries().bytes(first.delivery.id)), large_);
  EXPECT_EQ(files().size(), 1u);
}

TEST_F(SpoolTest, Takes_one_mebibyte_as_a_row_and_a_byte_more_as_a_file) {
  const auto integration = make_integration();
  const std::string most(blob_bytes_max, 'a');

  const auto row = good(store_->deliveries().create(new_delivery(integration, most))).delivery.id;
  EXPECT_TRUE(files().empty());
  good(store_->deliveries().create(new_delivery(integration, most + 'b')));

  EXPECT_EQ(files().size(), 1u);
  EXPECT_EQ(good(store_->deliveries().bytes(row)), most);
}

TEST_F(SpoolTest, Says_so_when_a_file_is_cut_or_gone) {
  const auto integration = make_integration();
  auto incoming = batch(integration, 2);
  incoming.mails.push_back(large_mail(1, large_));
  const auto id = good(store_->messages().store(std::move(incoming)))[0].id;

  std::filesystem::resize_file(files()[0], 1000);
  EXPECT_EQ(failure(store_->messages().raw(id)), errc::corrupt);
  std::filesystem::resize_file(files()[0], large_.size() + 1);
  EXPECT_EQ(failure(store_->messages().raw(id)), errc::corrupt);
  std::filesystem::remove(files()[0]);
  EXPECT_EQ(failure(store_->messages().raw(id)), errc::io);
}

}  // namespace
}  // namespace postern::storage
