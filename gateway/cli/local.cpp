#include "cli/local.hpp"

#include "cli/exit_code.hpp"
#include "cli/run_task.hpp"
#include "net/real_env.hpp"
#include "storage/rotate_key.hpp"
#include "storage/store.hpp"
#include "web/password.hpp"
#include "web/token.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <iostream>

namespace postern::cli {
namespace {

constexpr std::array<std::string_view, 6> all_scopes = {"admin", "read",    "send",
                                                        "pull",  "metrics", "operate"};

Instant now() {
  const auto env = net::make_real_env({});
  POSTERN_ASSERT(env.has_value());  // it can only fail on a deny list
  return env.value()->now();
}

int complain(const Error& error, ExitCode code) {
  std::fprintf(stderr, "postern: %s\n", describe(error).c_str());
  return code;
}

int exit_code_of(const Error& error) {
  using storage::errc;
  const bool settings = error.code == errc::key_file_mode || error.code == errc::key_missing ||
                        error.code == errc::schema_too_new || error.code == errc::corrupt;
  if (settings) return configuration;
  if (error.code == errc::name_taken) return data_error;
  if (error.code == errc::busy) return try_later;
  return io_error;
}

/// Opens the store beside a server that may be running, does one thing, closes.
template <class Act>
int with_store(const config::Config& settings, Act act) {
  storage::StoreOptions options;
  options.data_dir = settings.data_dir;
  options.key_file = settings.key_file;
  auto store = storage::open_store(std::move(options));
  if (!store) return complain(store.error(), ExitCode(exit_code_of(store.error())));
  const int code = act(*store.value());
  store.value()->close();
  return code;
}

/// Does `deed`, which gives the resource it made or changed. It stands in the audit log, as what
/// the API does: before it is done, and taken back when it was not.
template <class Deed>
int with_audit(storage::Store& store, std::string act, std::string resource, Deed deed) {
  storage::AuditEntry entry;
  entry.at = now();
  entry.who = "command line";
  entry.via = "command_line";
  entry.act = std::move(act);
  entry.resource = std::move(resource);
  auto& audit = store.audit();
  const auto begun = run_task(audit.begin(entry));
  if (!begun) return complain(begun.error(), ExitCode(exit_code_of(begun.error())));
  Result<std::string> done = deed();
  if (!done) {
    static_cast<void>(run_task(audit.drop(begun.value())));
    return complain(done.error(), ExitCode(exit_code_of(done.error())));
  }
  entry.resource = std::move(done).value();
  const auto kept = run_task(audit.finish(begun.value(), std::move(entry)));
  return kept ? int(ok) : complain(kept.error(), ExitCode(exit_code_of(kept.error())));
}

}  // namespace

std::optional<config::Config> load(const ConfigFlags& flags) {
  config::ConfigSources sources;
  if (!flags.file.empty()) sources.file = flags.file;
  sources.environment = config::process_environment();
  if (!flags.data_dir.empty()) sources.flags["data_dir"] = flags.data_dir;
  if (!flags.listen.empty()) sources.flags["http.listen"] = flags.listen;
  auto loaded = config::load_config(sources);
  if (auto* problems = std::get_if<config::ConfigProblems>(&loaded)) {
    for (const auto& problem : *problems) {
      std::fprintf(stderr, "%s\n", config::to_string(problem).c_str());
    }
    return std::nullopt;
  }
  config::forget_secrets_of_environment();
  return std::get<config::Config>(std::move(loaded));
}

int check_config(const ConfigFlags& flags) {
  if (!load(flags)) return configuration;
  std::puts("The configuration is well.");
  return ok;
}

int create_token(const ConfigFlags& flags, std::string name, std::vector<std::string> scopes) {
  for (const auto& scope : scopes) {
    if (std::find(all_scopes.begin(), all_scopes.end(), scope) != all_scopes.end()) continue;
    std::fprintf(stderr,
                 "postern: --scope: there is no scope %s; the scopes are admin, read, send, pull, "
                 "metrics, operate\n",
                 scope.c_str());
    return usage;
  }
  const auto settings = load(flags);
  if (!settings) return configuration;
  return with_store(*settings, [&](storage::Store& store) -> int {
    const auto fresh = web::make_token();
    storage::TokenRow row;
    row.name = name;
    row.scopes = scopes;
    row.created_at = now();
    return with_audit(store, "token create", "/api/v1/tokens", [&]() -> Result<std::string> {
      POSTERN_TRY(const auto created,
                  run_task(store.accounts().create_token(std::move(row), fresh.sha256)));
      std::printf("%s\n", std::string(fresh.token.reveal()).c_str());
      return "/api/v1/tokens/" + created.id.str();
    });
  });
}

int set_password(const ConfigFlags& flags, std::string name) {
  std::string line;
  if (!std::getline(std::cin, line) || line.empty()) {
    std::fputs("postern: give the password on standard input\n", stderr);
    return usage;
  }
  const auto hash = web::hash_password(Secret(std::move(line)));
  if (!hash) return complain(hash.error(), data_error);
  const auto settings = load(flags);
  if (!settings) return configuration;
  return with_store(*settings, [&](storage::Store& store) -> int {
    storage::UserRow row;
    row.name = name;
    row.password_hash = hash.value();
    const auto resource = "/api/v1/users/" + name;
    return with_audit(store, "user set-password", resource, [&]() -> Result<std::string> {
      POSTERN_TRY(run_task(store.accounts().set_user(std::move(row), now())));
      std::printf("The password of %s is set.\n", name.c_str());
      return resource;
    });
  });
}

int rotate_secrets(const ConfigFlags& flags) {
  const auto settings = load(flags);
  if (!settings) return configuration;
  const auto& folder = settings->data_dir;
  if (!std::filesystem::exists(folder + "/postern.db")) {
    std::fprintf(stderr, "postern: there is no database in %s\n", folder.c_str());
    return no_input;
  }
  const auto key_file = settings->key_file.empty() ? folder + "/secret.key" : settings->key_file;
  return with_store(*settings, [&](storage::Store& store) -> int {
    return with_audit(store, "secrets rotate", "secrets", [&]() -> Result<std::string> {
      POSTERN_TRY(const auto facts, storage::rotate_key(folder, key_file));
      std::printf(
          "%llu secrets are sealed with a new key, in %s.\n"
          "The former key is in %s: backups from before need it. Delete it with the last of "
          "them.\n",
          static_cast<unsigned long long>(facts.secrets), key_file.c_str(),
          facts.former_key_file.c_str());
      return "secrets";
    });
  });
}

}  // namespace postern::cli
