// postern backup. The database is copied first, then the spool files that the copy names, then the
// copy goes into the archive: a mail that was removed in between is taken out of the copy, as
// retention took it out of the original.
#include "storage/backup.hpp"

#include "storage/archive.hpp"
#include "storage/chance.hpp"
#include "storage/database.hpp"
#include "storage/migration.hpp"

#include <unistd.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <filesystem>

namespace postern::storage {
namespace {

constexpr std::uint64_t progress_files = 100;

/// Removes the database's copy when the backup ends, however it ends.
struct Copy {
  std::string path;
  ~Copy() {
    ::unlink(path.c_str());
    ::unlink((path + "-journal").c_str());
    ::unlink((path + ".new").c_str());  // cut off while it was made
  }
};

struct SpoolRow {
  std::string table, name;
};

Result<std::vector<SpoolRow>> spool_rows(Database& database) {
  std::vector<SpoolRow> rows;
  POSTERN_TRY(guarded([&] {
    auto query = database.query(
        "SELECT 'message', spool_file FROM message WHERE spool_file IS NOT NULL UNION ALL "
        "SELECT 'delivery', spool_file FROM delivery WHERE spool_file IS NOT NULL");
    while (query.step()) {
      auto& row = rows.emplace_back();
      query.read(row.table, row.name);
    }
  }));
  return rows;
}

Result<bool> is_named(Database& database, const SpoolRow& row) {
  bool named = false;
  POSTERN_TRY(guarded([&] {
    named =
        database.query("SELECT 1 FROM " + row.table + " WHERE spool_file = ?1", row.name).step();
  }));
  return named;
}

/// The copy's rows of mails that are gone from the original.
Result<void> take_out(const std::string& copy, const std::vector<SpoolRow>& gone) {
  if (gone.empty()) return success();
  Database::Settings settings;
  settings.durable = false;  // its bytes are fsynced in the archive
  POSTERN_TRY(auto database, Database::open(copy, settings));
  return guarded([&] {
    for (const auto& row : gone) {
      database.run("DELETE FROM " + row.table + " WHERE spool_file = ?1", row.name);
    }
  });
}

std::string manifest(const std::string& version, int schema) {
  boost::json::object facts;
  facts["format"] = "postern-backup";
  facts["format_version"] = 1;
  facts["made_by"] = "postern " + version;
  facts["made_at"] = to_rfc3339(with_defaults({}).now());
  facts["schema"] = schema;
  return boost::json::serialize(facts) + "\n";
}

Result<std::uint64_t> add_spool(ArchiveWriter& archive, const std::string& data_dir,
                                Database& original, const std::vector<SpoolRow>& rows,
                                std::vector<SpoolRow>& gone, const Progress& progress,
                                const std::stop_token& stop) {
  std::uint64_t added = 0;
  for (const auto& row : rows) {
    const auto name = "spool/" + row.name.substr(0, 2) + '/' + row.name;
    const auto done = archive.add_file(name, data_dir + '/' + name, stop);
    if (done) {
      if (++added % progress_files == 0) progress("spool files", added, rows.size());
      continue;
    }
    if (done.error().code != errc::not_found) return done.error();
    POSTERN_TRY(const auto named, is_named(original, row));
    if (named)
      return Error{errc::corrupt, data_dir + '/' + name + " is missing; see postern verify"};
    gone.push_back(row);
  }
  return added;
}

}  // namespace

Result<BackupFacts> write_backup(const std::string& data_dir, const std::string& file,
                                 const std::string& version, const Progress& progress,
                                 const std::stop_token& stop) {
  const auto path = data_dir + "/postern.db";
  if (!std::filesystem::exists(path)) return Error{errc::not_found, path + " does not exist"};
  Database::Settings settings;
  settings.access = Database::Access::read_only;
  POSTERN_TRY(auto original, Database::open(path, settings));
  POSTERN_TRY(const auto schema, schema_version(original));
  POSTERN_TRY(auto archive, ArchiveWriter::create(file));
  POSTERN_TRY(archive->add_text("postern-backup.json", manifest(version, schema)));

  progress("copying the database", 0, 0);
  const Copy copy{file + ".database.partial"};
  ::unlink(copy.path.c_str());  // of a backup that was killed
  POSTERN_TRY(copy_database(original, copy.path, stop));
  std::vector<SpoolRow> rows, gone;
  {
    POSTERN_TRY(auto copied, Database::open(copy.path, settings));
    POSTERN_TRY(rows, spool_rows(copied));
  }
  BackupFacts facts;
  POSTERN_TRY(facts.spool_files,
              add_spool(*archive, data_dir, original, rows, gone, progress, stop));
  POSTERN_TRY(take_out(copy.path, gone));
  progress("adding the database", 0, 0);
  POSTERN_TRY(archive->add_file("postern.db", copy.path, stop));
  POSTERN_TRY(archive->finish());
  facts.bytes = archive->bytes();
  return facts;
}

}  // namespace postern::storage
