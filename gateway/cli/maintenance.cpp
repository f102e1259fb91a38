#include "cli/maintenance.hpp"

#include "cli/exit_code.hpp"
#include "storage/backup.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace postern::cli {
namespace {

/// A line at each new step, and one each time as much again is done.
storage::Progress on_standard_error() {
  struct Shown {
    std::string what;
    std::uint64_t done = 0;
  };
  return [shown = Shown()](std::string_view what, std::uint64_t done, std::uint64_t total) mutable {
    if (what == shown.what && done < 2 * shown.done) return;
    shown = {std::string(what), done};
    auto line = fmt::format("postern: {}", what);
    if (done > 0) line += fmt::format(": {}", done);
    if (total > 0) line += fmt::format(" of {}", total);
    std::fprintf(stderr, "%s\n", line.c_str());
  };
}

int exit_code_of(const Error& error) {
  using storage::errc;
  if (error.code == errc::not_found) return no_input;
  if (error.code == errc::corrupt) return data_error;
  if (error.code == errc::busy) return try_later;
  const bool settings = error.code == errc::key_file_mode || error.code == errc::key_missing ||
                        error.code == errc::schema_too_new || error.code == errc::wrong_state;
  return settings ? configuration : io_error;
}

int complain(const Error& error) {
  std::fprintf(stderr, "postern: %s\n", describe(error).c_str());
  return exit_code_of(error);
}

std::string key_file_of(const config::Config& settings) {
  return settings.key_file.empty() ? settings.data_dir + "/secret.key" : settings.key_file;
}

}  // namespace

int backup(const ConfigFlags& flags, const std::string& file) {
  const auto settings = load(flags);
  if (!settings) return configuration;
  const auto made =
      storage::write_backup(settings->data_dir, file, POSTERN_VERSION, on_standard_error());
  if (!made) return complain(made.error());
  std::printf("%s: %llu bytes, %llu spool files. The key (%s) is not in it: keep it elsewhere.\n",
              file.c_str(), static_cast<unsigned long long>(made.value().bytes),
              static_cast<unsigned long long>(made.value().spool_files),
              key_file_of(*settings).c_str());
  return ok;
}

int restore(const ConfigFlags& flags, const std::string& file) {
  const auto settings = load(flags);
  if (!settings) return configuration;
  if (settings->key_file.empty()) {
    std::fputs(
        "postern: a backup does not hold the key of its secrets: name its file in "
        "POSTERN_SECRETS_KEY_FILE or [secrets] key_file\n",
        stderr);
    return configuration;
  }
  const auto done =
      storage::restore_backup(file, settings->data_dir, settings->key_file, on_standard_error());
  if (!done) return complain(done.error());
  std::printf("%s is restored into %s.\n", file.c_str(), settings->data_dir.c_str());
  return ok;
}

int verify(const ConfigFlags& flags) {
  const auto settings = load(flags);
  if (!settings) return configuration;
  const auto done =
      storage::verify_data(settings->data_dir, key_file_of(*settings), on_standard_error());
  if (!done) return complain(done.error());
  const auto& report = done.value();
  for (const auto& finding : report.findings) std::printf("%s\n", finding.c_str());
  std::printf("%llu mails, %llu spool files, %llu secrets: %zu findings.\n",
              static_cast<unsigned long long>(report.messages),
              static_cast<unsigned long long>(report.spool_files),
              static_cast<unsigned long long>(report.secrets), report.findings.size());
  return report.findings.empty() ? ok : data_error;
}

}  // namespace postern::cli
