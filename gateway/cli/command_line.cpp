#include "cli/command_line.hpp"

#include "cli/api_client.hpp"
#include "cli/exit_code.hpp"

#include "cli/local.hpp"
#include "cli/maintenance.hpp"
#include "cli/remote.hpp"
#include "cli/sendmail.hpp"
#include "cli/serve.hpp"
#include "message/mime_worker.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>

namespace postern::cli {
namespace {

constexpr int worker_socket = 3;  // net/worker_pool gives it

struct Flags {
  ConfigFlags config;
  RemoteFlags remote;
  SendFlags send;
  std::string name, integration, file, problem;
  bool closed = false, as_json = false;
  std::vector<std::string> scopes;
  TestFlags test;
};

/// The commands that read the configuration.
void add_local(CLI::App& app, Flags& flags, std::function<int()>& chosen) {
  const auto with_config = [&](CLI::App* command) {
    command->add_option("--config", flags.config.file, "Configuration file (TOML)");
    return command;
  };
  const auto with_data = [&](CLI::App* command) {
    command->add_option("--data", flags.config.data_dir, "Data directory (./postern-data)");
    return with_config(command);
  };
  auto* serve_command = with_data(app.add_subcommand("serve", "Run the gateway"));
  serve_command->add_option("--listen", flags.config.listen, "Address and port (127.0.0.1:8025)");
  serve_command->add_option("--pages", flags.config.pages_dir)->group("");  // for work on the page
  serve_command->callback([&] {
    chosen = [&] {
      const auto settings = load(flags.config);
      return settings ? serve(*settings, flags.config.pages_dir) : int(configuration);
    };
  });
  with_config(app.add_subcommand("check-config", "Tell every mistake of the configuration"))
      ->callback([&] { chosen = [&] { return check_config(flags.config); }; });

  auto* token = app.add_subcommand("token", "API tokens");
  token->require_subcommand(1);
  auto* create = with_data(token->add_subcommand("create", "Print a new API token, once"));
  create->add_option("--name", flags.name, "What it is for")->required();
  create->add_option("--scope", flags.scopes, "admin, read, send, pull, metrics")
      ->delimiter(',')
      ->required();
  create->callback(
      [&] { chosen = [&] { return create_token(flags.config, flags.name, flags.scopes); }; });

  auto* user = app.add_subcommand("user", "People who sign in to the page");
  user->require_subcommand(1);
  auto* password =
      with_data(user->add_subcommand("set-password", "Set a password, read from standard input"));
  password->add_option("--name", flags.name, "Who")->required();
  password->callback([&] { chosen = [&] { return set_password(flags.config, flags.name); }; });
}

/// The commands that keep the data safe.
void add_maintenance(CLI::App& app, Flags& flags, std::function<int()>& chosen) {
  const auto with_data = [&](const char* name, const char* what) {
    auto* command = app.add_subcommand(name, what);
    command->add_option("--data", flags.config.data_dir, "Data directory (./postern-data)");
    command->add_option("--config", flags.config.file, "Configuration file (TOML)");
    return command;
  };
  auto* backup_command = with_data("backup", "Write a backup, also while serving; without the key");
  backup_command->add_option("file", flags.file, "The archive to write")->required();
  backup_command->callback([&] { chosen = [&] { return backup(flags.config, flags.file); }; });
  auto* restore_command = with_data("restore", "Restore a backup into an empty data directory");
  restore_command->add_option("file", flags.file, "The archive")->required();
  restore_command->callback([&] { chosen = [&] { return restore(flags.config, flags.file); }; });
  with_data("verify", "Check database, mails, files and secrets, also while serving")
      ->callback([&] { chosen = [&] { return verify(flags.config); }; });
  auto* secrets = app.add_subcommand("secrets", "The key that stored secrets are sealed with");
  secrets->require_subcommand(1);
  auto* rotate = secrets->add_subcommand("rotate", "Seal all with a new key, also while serving");
  rotate->add_option("--data", flags.config.data_dir, "Data directory (./postern-data)");
  rotate->add_option("--config", flags.config.file, "Configuration file (TOML)");
  rotate->callback([&] { chosen = [&] { return rotate_secrets(flags.config); }; });
}

CLI::App* with_remote(CLI::App* command, Flags& flags) {
  command->add_option("--url", flags.remote.url, "Where the server is")
      ->envname("POSTERN_URL")
      ->capture_default_str();
  command->add_option("--ca-file", flags.remote.ca_file, "CA certificate (PEM) of an https URL");
  return command;
}

void add_send(CLI::App& app, Flags& flags, std::function<int()>& chosen) {
  auto* command =
      with_remote(app.add_subcommand("send", "Send a mail; its text is standard input"), flags);
  command->add_option("--integration", flags.send.integration, "Id or name (the default one)");
  command->add_option("--to", flags.send.to, "Recipient; may be repeated")->required();
  command->add_option("--cc", flags.send.cc, "Copy; may be repeated");
  command->add_option("--bcc", flags.send.bcc, "Blind copy; may be repeated");
  command->add_option("--from", flags.send.from, "From, where allowed");
  command->add_option("--subject", flags.send.subject, "Subject");
  command->add_option("--attach", flags.send.attachments, "File; may be repeated");
  command->add_flag("--html", flags.send.html, "Standard input is HTML");
  command->add_flag("--sync", flags.send.sync, "Wait for the mail server's answer");
  command->callback([&] { chosen = [&] { return send(flags.remote, flags.send); }; });
}

/// The commands that talk to a running server.
void add_remote(CLI::App& app, Flags& flags, std::function<int()>& chosen) {
  add_send(app, flags, chosen);
  // For --help: run() has taken it before.
  app.add_subcommand("sendmail",
                     "[-t] [-i] [-f FROM] [ADDR...] < message: in the place of sendmail(8)");
  auto* test_command =
      with_remote(app.add_subcommand("test", "Test the connections of an integration"), flags);
  test_command->add_option("integration", flags.integration, "Id or name")->required();
  test_command->add_flag("--incoming", flags.test.incoming, "Only the incoming direction");
  test_command->add_flag("--outgoing", flags.test.outgoing, "Only the outgoing direction");
  test_command->add_flag("--transcript", flags.test.transcript,
                         "Print what was said also when all went well");
  test_command->callback(
      [&] { chosen = [&] { return test(flags.remote, flags.integration, flags.test); }; });
  with_remote(app.add_subcommand("health", "Whether the server works: exit 0 when it does"), flags)
      ->callback([&] { chosen = [&] { return health(flags.remote); }; });
  auto* problems =
      with_remote(app.add_subcommand("problems", "What is wrong now, one line each"), flags);
  problems->add_flag("--closed", flags.closed, "What was wrong and is over");
  problems->add_flag("--json", flags.as_json, "As the API shows it");
  problems->add_option("--acknowledge", flags.problem, "Take this problem on: no reminders of it");
  problems->callback([&] {
    chosen = [&] {
      return flags.problem.empty() ? list_problems(flags.remote, flags.closed, flags.as_json)
                                   : acknowledge_problem(flags.remote, flags.problem);
    };
  });
  auto* integration = app.add_subcommand("integration", "List, show, import, export");
  integration->require_subcommand(1);
  with_remote(integration->add_subcommand("list", "One line each, with states"), flags)
      ->callback([&] { chosen = [&] { return list_integrations(flags.remote); }; });
  auto* show = with_remote(integration->add_subcommand("show", "One as JSON"), flags);
  show->add_option("integration", flags.integration, "Id or name")->required();
  show->callback(
      [&] { chosen = [&] { return show_integration(flags.remote, flags.integration); }; });
  auto* import =
      with_remote(integration->add_subcommand("import", "Make or change from JSON"), flags);
  import->add_option("file", flags.file, "One integration, or an array of them")->required();
  import->callback([&] { chosen = [&] { return import_integrations(flags.remote, flags.file); }; });
  with_remote(integration->add_subcommand("export", "All as JSON, without secrets"), flags)
      ->callback([&] { chosen = [&] { return export_integrations(flags.remote); }; });
}

RemoteFlags remote_of_environment() {
  RemoteFlags remote;
  remote.url = "http://127.0.0.1:8025";
  if (const char* url = std::getenv("POSTERN_URL"); url != nullptr && *url != '\0') {
    remote.url = url;
  }
  if (const char* token = std::getenv("POSTERN_TOKEN")) {
    remote.token = token;
    // /proc would show it as long as we run.
    std::fill_n(std::getenv("POSTERN_TOKEN"), remote.token.size(), '*');
  } else if (const char* file = std::getenv("POSTERN_TOKEN_FILE")) {
    remote.token = read_file(file).value_or("");
    while (remote.token.ends_with('\n') || remote.token.ends_with('\r')) remote.token.pop_back();
  }
  return remote;
}

}  // namespace

int run(int argc, char** argv) {
  // Not for people: the process that parses mail (message/mime_worker).
  if (argc == 2 && std::strcmp(argv[1], "mime-worker") == 0) {
    return message::run_mime_worker(worker_socket);
  }
  Flags flags;
  flags.remote = remote_of_environment();
  // Also by the name programs look for: /usr/sbin/sendmail may be a link to postern.
  const std::string_view called = argc > 0 ? argv[0] : "";
  if (called.substr(called.rfind('/') + 1) == "sendmail") {
    return sendmail(flags.remote, {argv + 1, argv + argc});
  }
  // Its flags are sendmail's ("-oi", "-fme"), which no parser of ours would understand.
  if (argc >= 2 && std::strcmp(argv[1], "sendmail") == 0) {
    return sendmail(flags.remote, {argv + 2, argv + argc});
  }
  std::function<int()> chosen;
  CLI::App app("Postern: a self-hosted, multi-account mail gateway", "postern");
  app.set_version_flag("--version", "postern " POSTERN_VERSION);
  app.require_subcommand(1);
  add_local(app, flags, chosen);
  add_maintenance(app, flags, chosen);
  add_remote(app, flags, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? ok : usage;
  }
  return chosen();
}

}  // namespace postern::cli
