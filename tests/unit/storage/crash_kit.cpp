// See crash_kit.hpp.
#include "unit/storage/crash_kit.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <set>

namespace postern::storage {
namespace {

constexpr std::uint32_t batch_mails = 5;
constexpr const char* integration_name = "Support";

void tell(int pipe, const std::string& line) {
  if (::write(pipe, line.data(), line.size()) < 0) std::perror("write");
}

net::Task<Result<IntegrationId>> find_or_make_integration(Store& store) {
  auto found = co_await store.integrations().find(integration_name);
  if (found.has_value()) co_return found.value().value.id;
  auto draft = integration_draft(integration_name);
  POSTERN_CO_TRY(auto made, co_await store.integrations().create(std::move(draft), "test", at(1)));
  co_return made.value.id;
}

net::Task<Result<void>> take_in(Store& store, IntegrationId integration, std::uint32_t first,
                                int pipe) {
  auto incoming = batch(integration, first + batch_mails);
  for (auto uid = first; uid < first + batch_mails; ++uid) {
    auto fresh = mail(uid, body_of(uid));
    if (fresh.size_bytes > blob_bytes_max) {
      POSTERN_CO_TRY(auto file, store.messages().open_spool_file());
      POSTERN_CO_TRY(file->append(std::get<std::string>(fresh.bytes)));
      POSTERN_CO_TRY(co_await file->finish());
      fresh.bytes = std::move(file);
    }
    incoming.mails.push_back(std::move(fresh));
  }
  POSTERN_CO_TRY(auto stored, co_await store.messages().store(std::move(incoming)));
  for (std::uint32_t i = 0; i < stored.size(); ++i) {
    tell(pipe, "M " + std::to_string(first + i) + " " + std::to_string(stored[i].id.value) + "\n");
  }
  co_return success();
}

net::Task<void> take_in_all(Store& store, IntegrationId integration, int pipe) {
  auto cursor = co_await store.messages().cursor(integration, "INBOX");
  if (cursor.has_error()) co_return;
  std::uint32_t next = cursor.value() ? cursor.value()->next_uid : 1;
  for (;;) {
    auto taken = co_await take_in(store, integration, next, pipe);
    if (taken.has_error()) co_return;
    next += batch_mails;
  }
}

net::Task<void> create_all(Store& store, IntegrationId integration, int first, int step, int pipe) {
  for (int number = first;; number += step) {
    auto fresh = new_delivery(integration, body_of_delivery(number));
    auto made = co_await store.deliveries().create(std::move(fresh));
    if (made.has_error()) co_return;
    tell(pipe, "D " + std::to_string(number) + " " +
                   std::to_string(made.value().delivery.id.value) + "\n");
  }
}

void take_line(const std::string& line, KeptPromises& out) {
  char kind = 0;
  int number = 0;
  long long id = 0;
  ASSERT_EQ(std::sscanf(line.c_str(), "%c %d %lld", &kind, &number, &id), 3) << line;
  if (kind == 'M') {
    out.mails[static_cast<std::uint32_t>(number)] = MessageId{id};
  } else {
    out.deliveries[number] = DeliveryId{id};
  }
}

}  // namespace

Child::Child(const std::function<void(int pipe)>& work) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("pipe");
  id_ = ::fork();
  if (id_ == 0) {
    ::close(ends[0]);
    work(ends[1]);
    ::_exit(0);
  }
  ::close(ends[1]);
  pipe_ = ends[0];
}

Child::~Child() {
  if (!ended_) {
    kill();
    ::waitpid(id_, nullptr, 0);
  }
  ::close(pipe_);
}

void Child::kill() {
  ::kill(id_, SIGKILL);
}

bool Child::read_some(KeptPromises& out) {
  char bytes[4096];
  const auto count = ::read(pipe_, bytes, sizeof bytes);
  if (count < 0 && errno == EINTR) return true;
  if (count <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(count));
  std::size_t begin = 0;
  for (auto end = buffer_.find('\n'); end != std::string::npos; end = buffer_.find('\n', begin)) {
    take_line(buffer_.substr(begin, end - begin), out);
    begin = end + 1;
  }
  buffer_.erase(0, begin);
  return true;
}

void Child::wait_for(std::size_t count, KeptPromises& out) {
  const auto wanted = out.size() + count;
  while (out.size() < wanted && read_some(out)) {
  }
}

int Child::wait(KeptPromises& out) {
  while (read_some(out)) {
  }
  int status = 0;
  ::waitpid(id_, &status, 0);
  ended_ = true;
  return status;
}

std::string body_of(std::uint32_t uid) {
  const std::size_t size = uid % 9 == 0 ? blob_bytes_max + uid : 500 + uid * 37 % 9000;
  return std::string(size, static_cast<char>('a' + uid % 26)) + std::to_string(uid);
}

std::string body_of_delivery(int number) {
  const std::size_t size = number % 11 == 0 ? blob_bytes_max + 5 : 700;
  return std::string(size, 'd') + std::to_string(number);
}

void store_until_ended(const StoreOptions& options, int first_number, int pipe) {
  auto opened = open_store(options);
  if (opened.has_error()) return;
  auto& store = *opened.value();
  const auto integration = run(find_or_make_integration(store));
  if (integration.has_error()) return;
  std::vector<net::Task<void>> tasks;
  tasks.push_back(take_in_all(store, integration.value(), pipe));
  tasks.push_back(create_all(store, integration.value(), first_number, 2, pipe));
  tasks.push_back(create_all(store, integration.value(), first_number + 1, 2, pipe));
  run_all_to_end(std::move(tasks));
}

void check_nothing_lost(const StoreOptions& options, const KeptPromises& acknowledged) {
  auto opened = open_store(options);
  ASSERT_TRUE(opened.has_value()) << describe(opened.error());
  auto& store = *opened.value();
  for (const auto& [uid, id] : acknowledged.mails) {
    const auto row = good(store.messages().get(id));
    EXPECT_EQ(row.uid, uid);
    EXPECT_TRUE(good(store.messages().raw(id)) == body_of(uid)) << uid;
  }
  for (const auto& [number, id] : acknowledged.deliveries) {
    EXPECT_EQ(good(store.deliveries().get(id)).outcome.state, DeliveryState::queued);
    EXPECT_TRUE(good(store.deliveries().bytes(id)) == body_of_delivery(number)) << number;
  }

  std::set<std::uint32_t> uids;
  std::size_t large = 0;
  PageRequest page;
  page.limit = 500;
  do {
    const auto rows = good(store.messages().list({}, page));
    for (const auto& row : rows.items) {
      EXPECT_TRUE(uids.insert(row.uid).second) << "two rows of uid " << row.uid;
      if (row.size_bytes > blob_bytes_max) ++large;
    }
    page.cursor = rows.next_cursor;
  } while (!page.cursor.empty());
  const auto integration = run(store.integrations().find(integration_name));
  if (integration.has_value()) {
    const auto cursor = good(store.messages().cursor(integration.value().value.id, "INBOX"));
    const auto next_uid = cursor ? cursor->next_uid : 1;
    EXPECT_EQ(uids.size() + 1, next_uid);
    if (!uids.empty()) {
      EXPECT_EQ(*uids.rbegin() + 1, next_uid);
    }
  }
  page.cursor.clear();
  do {
    const auto rows = good(store.deliveries().list({}, page));
    for (const auto& row : rows.items) large += row.size_bytes > blob_bytes_max ? 1 : 0;
    page.cursor = rows.next_cursor;
  } while (!page.cursor.empty());
  std::size_t files = 0;
  const std::filesystem::path spool = options.data_dir + "/spool";
  if (std::filesystem::exists(spool)) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(spool)) {
      files += entry.is_regular_file() ? 1 : 0;
    }
  }
  EXPECT_EQ(files, large);
}

}  // namespace postern::storage
