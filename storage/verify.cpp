// postern verify. Reads in short steps, so that a server beside it is not held up; what a step
// finds wrong about a mail that went meanwhile is not told.
#include "net/hashing.hpp"
#include "storage/backup.hpp"
#include "storage/chance.hpp"
#include "storage/database.hpp"
#include "storage/file.hpp"
#include "storage/migration.hpp"
#include "storage/secret_rows.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <filesystem>
#include <unordered_set>

namespace postern::storage {
namespace {

namespace fs = std::filesystem;

constexpr int page_rows = 200;
constexpr std::int64_t findings_of_sqlite_max = 100;
/// A file younger than this may be a mail that is coming in.
constexpr auto young = std::chrono::hours(1);

struct MailRow {
  std::int64_t id = 0;
  std::string sha256;
  std::uint64_t size_bytes = 0;
  std::optional<std::string> file;
};

class Verifier {
 public:
  Verifier(std::string data_dir, Database database, SecretKeys keys, const Progress& progress)
      : data_dir_(std::move(data_dir)),
        database_(std::move(database)),
        keys_(std::move(keys)),
        progress_(progress) {}

  Result<VerifyReport> run(bool look_for_orphans) {
    std::vector<std::string> files;
    if (look_for_orphans) files = files_on_disk();  // before the rows: what comes in later has both
    POSTERN_TRY(check_structure());
    if (!report_.findings.empty()) return std::move(report_);  // its rows mean nothing
    POSTERN_TRY(check_mails());
    POSTERN_TRY(check_delivery_files());
    POSTERN_TRY(check_secrets());
    if (look_for_orphans) {
      POSTERN_TRY(check_orphans(files));
    }
    return std::move(report_);
  }

 private:
  void find(std::string finding) { report_.findings.push_back(std::move(finding)); }
  std::string path_of(const std::string& file) const {
    return data_dir_ + "/spool/" + file.substr(0, 2) + '/' + file;
  }

  Result<void> check_structure() {
    progress_("database", 0, 0);
    return guarded([&] {
      auto check =
          database_.query(fmt::format("PRAGMA integrity_check({})", findings_of_sqlite_max));
      while (check.step()) {
        std::string line;
        check.read(line);
        if (line != "ok") find("database: " + line);
      }
      auto keys = database_.query("PRAGMA foreign_key_check");
      while (keys.step()) {
        std::string table;
        std::optional<std::int64_t> row;
        keys.read(table, row);
        find(fmt::format("database: row {} of {} names one that is not there", row.value_or(0),
                         table));
      }
    });
  }

  std::vector<MailRow> mails_behind(std::int64_t id) {
    std::vector<MailRow> rows;
    auto query = database_.query(
        "SELECT id, sha256, size_bytes, spool_file FROM message WHERE id > ?1 ORDER BY id LIMIT ?2",
        id, page_rows);
    while (query.step()) {
      auto& row = rows.emplace_back();
      query.read(row.id, row.sha256, row.size_bytes, row.file);
    }
    return rows;
  }

  bool still_there(std::int64_t id) {
    return database_.query("SELECT 1 FROM message WHERE id = ?1", id).step();
  }

  void check_mail(const MailRow& row) {
    const auto id = MessageId{row.id}.str();
    std::optional<std::string> sha256;
    if (row.file) {
      ++report_.spool_files;
      sha256 = hash_of_file(*row.file);
    } else {
      auto body = database_.query("SELECT bytes FROM message_body WHERE message = ?1", row.id);
      if (body.step()) sha256 = net::sha256(body.blob());
    }
    const bool never_came = !row.file && (row.sha256.empty() || row.size_bytes == 0);
    if (sha256 == row.sha256 || (!sha256 && (never_came || !still_there(row.id)))) return;
    const auto where = row.file ? path_of(*row.file) : "the database";
    if (!sha256) {
      find(fmt::format("{}: its bytes are missing: {}", id, where));
    } else {
      find(fmt::format("{}: its bytes are not those that came: {}", id, where));
    }
  }

  Result<void> check_mails() {
    std::int64_t last = 0;
    for (bool more = true; more;) {
      POSTERN_TRY(guarded([&] {
        const auto rows = mails_behind(last);
        for (const auto& row : rows) check_mail(row);
        more = !rows.empty();
        if (more) last = rows.back().id;
        report_.messages += rows.size();
      }));
      progress_("mails", report_.messages, 0);
    }
    return success();
  }

  std::optional<std::string> hash_of_file(const std::string& file) const {
    const auto bytes = read_whole(path_of(file), UINT32_MAX);
    if (!bytes) return std::nullopt;
    return net::sha256(bytes.value());
  }

  Result<void> check_delivery_files() {
    return guarded([&] {
      std::vector<std::pair<DeliveryId, std::string>> rows;
      std::vector<std::uint64_t> sizes;
      {
        auto query = database_.query(
            "SELECT id, spool_file, size_bytes FROM delivery WHERE spool_file IS NOT NULL");
        while (query.step()) {
          auto& row = rows.emplace_back();
          query.read(row.first, row.second, sizes.emplace_back());
        }
      }
      for (std::size_t i = 0; i < rows.size(); ++i) {
        ++report_.spool_files;
        const auto& [id, file] = rows[i];
        std::error_code failed;
        const auto size = fs::file_size(path_of(file), failed);
        if (!failed && size == sizes[i]) continue;
        if (!database_.query("SELECT 1 FROM delivery WHERE id = ?1", id).step()) continue;
        find(fmt::format("{}: its file is {}: {}", id.str(),
                         failed ? "missing" : "not as long as its row says", path_of(file)));
      }
    });
  }

  Result<void> check_secrets() {
    struct Row {
      std::string owner, field;
      std::int64_t id = 0;
    };
    return guarded([&] {
      std::vector<Row> rows;
      {
        auto query = database_.query("SELECT owner, owner_id, field FROM secret");
        while (query.step()) {
          auto& row = rows.emplace_back();
          query.read(row.owner, row.id, row.field);
        }
      }
      for (const auto& row : rows) {
        auto query = database_.query(
            "SELECT box, key_id FROM secret WHERE owner = ?1 AND owner_id = ?2 AND field = ?3",
            row.owner, row.id, row.field);
        if (!query.step()) continue;
        std::string sealed, key_id;
        query.read(sealed, key_id);
        const bool mark = row.owner == newest_key_place.table;  // opens too, and is none
        if (!mark) ++report_.secrets;
        const auto box = keys_.of(key_id);
        if (box && box.value().open(sealed, {row.owner, row.id, row.field})) continue;
        find(fmt::format("the secret {} of {} {} does not open with the key", row.field, row.owner,
                         row.id));
      }
    });
  }

  std::vector<std::string> files_on_disk() const {
    std::vector<std::string> files;
    std::error_code failed;
    fs::recursive_directory_iterator it(data_dir_ + "/spool", failed), end;
    for (; !failed && it != end; it.increment(failed)) {
      if (it->is_regular_file(failed)) files.push_back(it->path().string());
    }
    return files;
  }

  Result<void> check_orphans(const std::vector<std::string>& files) {
    std::unordered_set<std::string> named;
    POSTERN_TRY(guarded([&] {
      auto query = database_.query(
          "SELECT spool_file FROM message WHERE spool_file IS NOT NULL UNION ALL "
          "SELECT spool_file FROM delivery WHERE spool_file IS NOT NULL");
      while (query.step()) {
        std::string name;
        query.read(name);
        named.insert(std::move(name));
      }
    }));
    POSTERN_TRY(const auto alone, lock_file(data_dir_ + "/postern.lock", {}));
    const bool serving = !alone;
    const Instant now = with_defaults({}).now();
    for (const auto& file : files) {
      if (named.contains(fs::path(file).filename().string())) continue;
      struct stat facts {};
      if (::stat(file.c_str(), &facts) != 0) continue;  // it went meanwhile
      const Instant written{std::chrono::seconds(facts.st_mtim.tv_sec)};
      if (serving && written + young > now) continue;
      find("no row names the file " + file);
    }
    return success();
  }

  std::string data_dir_;
  Database database_;
  SecretKeys keys_;
  const Progress& progress_;
  VerifyReport report_;
};

Result<VerifyReport> verify(const std::string& data_dir, const std::string& key_file,
                            const Progress& progress, bool look_for_orphans) {
  const auto path = data_dir + "/postern.db";
  if (!fs::exists(path)) return Error{errc::not_found, path + " does not exist"};
  Database::Settings settings;
  settings.access = Database::Access::read_only;
  auto database = Database::open(path, settings);
  const auto damaged = [&](const Error& error) {
    VerifyReport report;
    report.findings.push_back("database: " + describe(error));
    return report;
  };
  if (!database && database.error().code == errc::corrupt) return damaged(database.error());
  if (!database) return database.error();
  const auto version = schema_version(database.value());
  if (!version && version.error().code == errc::corrupt) return damaged(version.error());
  if (!version) return version.error();
  if (version.value() > migrations().back().version) {
    return Error{errc::schema_too_new, path + " is of a newer Postern"};
  }
  POSTERN_TRY(const auto keys, read_key_file(key_file));
  if (keys.empty()) {
    return Error{errc::key_missing, "key file " + key_file + " does not exist"};
  }
  Verifier verifier(data_dir, std::move(database).value(), SecretKeys(keys, {}, key_file),
                    progress);
  auto report = verifier.run(look_for_orphans);
  if (!report && report.error().code == errc::corrupt) return damaged(report.error());
  return report;
}

}  // namespace

Result<VerifyReport> verify_data(const std::string& data_dir, const std::string& key_file,
                                 const Progress& progress) {
  return verify(data_dir, key_file, progress, true);
}

Result<VerifyReport> verify_copy(const std::string& data_dir, const std::string& key_file,
                                 const Progress& progress) {
  return verify(data_dir, key_file, progress, false);
}

}  // namespace postern::storage
