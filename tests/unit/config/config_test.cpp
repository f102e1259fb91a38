// The configuration's defaults, its sources and who beats whom.
#include "config/config.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace postern::config {
namespace {

/// A folder of files that goes with the test.
class Folder {
 public:
  Folder() {
    char path[] = "/tmp/postern-config-XXXXXX";
    if (::mkdtemp(path) != nullptr) path_ = path;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name, const std::string& text) const {
    const auto path = path_ + "/" + name;
    std::ofstream(path) << text;
    return path;
  }
  std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::string told(const std::variant<Config, ConfigProblems>& result) {
  std::string out;
  if (const auto* problems = std::get_if<ConfigProblems>(&result)) {
    for (const auto& problem : *problems) out += to_string(problem) + "\n";
  }
  return out;
}

Config loaded(const ConfigSources& sources) {
  auto result = load_config(sources);
  EXPECT_EQ(told(result), "");
  const auto* config = std::get_if<Config>(&result);
  return config != nullptr ? *config : Config{};
}

TEST(Config, Nothing_given_is_the_contracts_defaults) {
  const auto config = loaded({});

  EXPECT_EQ(config.http.listen, (ListenAddress{"127.0.0.1", 8025}));
  EXPECT_EQ(config.storage.url, "sqlite:");
  EXPECT_EQ(config.storage.retention_days, 30);
  EXPECT_EQ(config.monitoring.notify_after, 3);
  EXPECT_EQ(config.monitoring.disable_after, 10);
  EXPECT_EQ(config.monitoring.recover_after, 1);
  EXPECT_EQ(config.monitoring.remind_after, std::chrono::seconds(14400));
  EXPECT_EQ(config.monitoring.max_frequency, std::chrono::seconds(900));
  EXPECT_EQ(config.retry.outgoing.size(), 6u);
  EXPECT_EQ(config.retry.outgoing_for, std::chrono::seconds(432000));
  EXPECT_FALSE(config.submission.listen);
  EXPECT_TRUE(config.admin_token.empty());
  EXPECT_EQ(std::ranges::count(config.egress.deny, "127.0.0.0/8"), 0);
  EXPECT_EQ(std::ranges::count(config.egress.deny, "169.254.0.0/16"), 1);
}

/// Every key there is, each other than its default.
std::string every_key(const std::string& pem) {
  return R"(
data_dir = "/var/lib/postern"
[http]
listen = "[::1]:80"
public_url = "https://mail.example.com/"
tls_certificate = ")" +
         pem + R"("
tls_key = ")" +
         pem +
         R"("
trusted_proxies = ["10.0.0.0/8", "::1"]
[storage]
url = "sqlite:"
retention_days = 7
retention_bytes = 5_000_000_000
retention_messages = 1000
[secrets]
key_file = "/etc/postern/key"
[egress]
deny = []
[monitoring]
notify_after = 1
disable_after = 2
recover_after = 3
remind_after_s = 4
max_frequency_s = 0
recipients = ["ops@example.com"]
[alerts]
smtp_host = "smtp.example.com"
smtp_port = 465
smtp_security = "tls"
username = "u"
password = "p"
from = "postern@example.com"
[retry]
outgoing_s = [1, 2]
outgoing_for_s = 60
[submission]
listen = "127.0.0.1:8587"
tls_listen = "0.0.0.0:8465"
certificate = ")" +
         pem +
         R"("
key = ")" +
         pem + R"("
[limits]
message_bytes = 1024
connections_per_integration = 5
connections_per_server = 12
webhooks_in_flight = 6
http_body_bytes = 2048
threads = 2
worker_processes = 3
[log]
level = "debug"
format = "json"
)";
}

TEST(Config, Reads_every_key_of_the_contract) {
  const Folder folder;
  const auto pem = folder.file("c.pem", "x");

  const auto result = parse_config(every_key(pem), "postern.toml");

  ASSERT_EQ(told(result), "");
  const auto& config = std::get<Config>(result);
  EXPECT_EQ(config.data_dir, "/var/lib/postern");
  EXPECT_EQ(config.http.listen, (ListenAddress{"::1", 80}));
  EXPECT_EQ(config.http.public_url, "https://mail.example.com");
  EXPECT_EQ(config.http.tls_certificate, pem);
  EXPECT_EQ(config.http.trusted_proxies.size(), 2u);
  EXPECT_EQ(config.storage.retention_bytes, 5'000'000'000u);
  EXPECT_EQ(config.storage.retention_messages, 1000u);
  EXPECT_EQ(config.key_file, "/etc/postern/key");
  EXPECT_TRUE(config.egress.deny.empty());
  EXPECT_EQ(config.monitoring.recipients, std::vector<std::string>{"ops@example.com"});
  EXPECT_EQ(config.alerts.smtp_security, Security::tls);
  EXPECT_EQ(config.alerts.password, Secret("p"));
  EXPECT_EQ(config.retry.outgoing, (std::vector{std::chrono::seconds(1), std::chrono::seconds(2)}));
  EXPECT_EQ(config.submission.listen, (ListenAddress{"127.0.0.1", 8587}));
  EXPECT_EQ(config.submission.tls_listen, (ListenAddress{"0.0.0.0", 8465}));
  EXPECT_EQ(config.limits.message_bytes, 1024u);
  EXPECT_EQ(config.limits.connections_per_integration, 5);
  EXPECT_EQ(config.limits.connections_per_server, 12);
  EXPECT_EQ(config.limits.threads, 2);
  EXPECT_EQ(config.limits.worker_processes, 3);
  EXPECT_EQ(config.log.level, log::Level::debug);
  EXPECT_EQ(config.log.format, log::Format::json);
}

TEST(Sources, Flags_beat_environment_beats_file_beats_default) {
  const Folder folder;
  ConfigSources sources;
  EXPECT_EQ(loaded(sources).http.listen.port, 8025);
  sources.file = folder.file("p.toml", "[http]\nlisten = \"127.0.0.1:1\"\n");
  EXPECT_EQ(loaded(sources).http.listen.port, 1);
  sources.environment["POSTERN_HTTP_LISTEN"] = "127.0.0.1:2";
  EXPECT_EQ(loaded(sources).http.listen.port, 2);
  sources.flags["http.listen"] = "127.0.0.1:3";
  EXPECT_EQ(loaded(sources).http.listen.port, 3);
}

TEST(Sources, A_secret_comes_from_the_environment_then_its_file_then_the_config) {
  const Folder folder;
  ConfigSources sources;
  sources.file = folder.file("p.toml",
                             "[alerts]\nsmtp_host = \"a\"\nfrom = \"a@b\"\nusername = \"u\"\n"
                             "password = \"of the config\"\n");
  EXPECT_EQ(loaded(sources).alerts.password, Secret("of the config"));
  sources.environment["POSTERN_ALERTS_PASSWORD_FILE"] = folder.file("secret", "of the file\n");
  EXPECT_EQ(loaded(sources).alerts.password, Secret("of the file"));
  sources.environment["POSTERN_ALERTS_PASSWORD"] = "of the variable";
  EXPECT_EQ(loaded(sources).alerts.password, Secret("of the variable"));
}

TEST(Sources, The_admin_token_comes_only_from_the_environment) {
  const Folder folder;
  ConfigSources sources;
  sources.environment["POSTERN_ADMIN_TOKEN_FILE"] = folder.file("token", "abc\r\n");
  EXPECT_EQ(loaded(sources).admin_token, Secret("abc"));
  sources.environment["POSTERN_ADMIN_TOKEN"] = "def";
  EXPECT_EQ(loaded(sources).admin_token, Secret("def"));
  EXPECT_EQ(told(parse_config("admin_token = \"x\"\n", "f")), "f:1: admin_token: unknown key\n");
}

TEST(Sources, The_data_directory_by_every_way) {
  const Folder folder;
  ConfigSources sources;
  EXPECT_EQ(loaded(sources).data_dir, "postern-data");
  sources.file = folder.file("p.toml", "data_dir = \"/a\"\n");
  EXPECT_EQ(loaded(sources).data_dir, "/a");
  sources.environment["POSTERN_DATA_DIR"] = "/b";
  EXPECT_EQ(loaded(sources).data_dir, "/b");
  sources.flags["data_dir"] = "/c";
  EXPECT_EQ(loaded(sources).data_dir, "/c");
}

TEST(Sources, The_environment_gives_every_type) {
  ConfigSources sources;
  sources.environment = {{"POSTERN_MONITORING_NOTIFY_AFTER", "7"},
                         {"POSTERN_MONITORING_RECIPIENTS", "a@b.example, c@d.example"},
                         {"POSTERN_RETRY_OUTGOING_S", "1,2,3"},
                         {"POSTERN_STORAGE_RETENTION_BYTES", "5000000000"},
                         {"POSTERN_SECRETS_KEY_FILE", "/k"},
                         {"POSTERN_LOG_LEVEL", "error"},
                         {"POSTERN_EGRESS_DENY", "10.0.0.0/8,::1"}};

  const auto config = loaded(sources);

  EXPECT_EQ(config.monitoring.notify_after, 7);
  EXPECT_EQ(config.monitoring.recipients.size(), 2u);
  EXPECT_EQ(config.retry.outgoing.size(), 3u);
  EXPECT_EQ(config.storage.retention_bytes, 5'000'000'000u);
  EXPECT_EQ(config.key_file, "/k");
  EXPECT_EQ(config.log.level, log::Level::error);
  EXPECT_EQ(config.egress.deny, (std::vector<std::string>{"10.0.0.0/8", "::1"}));
}

TEST(Sources, An_empty_variable_is_as_none) {
  ConfigSources sources;
  sources.environment = {
      {"POSTERN_HTTP_LISTEN", ""}, {"POSTERN_ADMIN_TOKEN", ""}, {"POSTERN_ADMIN_TOKEN_FILE", ""}};

  EXPECT_EQ(loaded(sources).http.listen.port, 8025);
}

TEST(Sources, Variables_of_others_are_left_alone_and_slips_are_told) {
  ConfigSources sources;
  sources.environment = {{"POSTERN_URL", "x"},          {"POSTERN_TOKEN", "x"},
                         {"POSTERN_SERVICE_HOST", "x"}, {"POSTERN_PORT_8025_TCP", "x"},
                         {"POSTERN_HTTP_PORT", "x"},    {"PATH", "x"}};
  EXPECT_EQ(told(load_config(sources)), "");

  sources.environment["POSTERN_HTTP_LISEN"] = "x";
  EXPECT_EQ(told(load_config(sources)),
            "environment: POSTERN_HTTP_LISEN: unknown (did you mean POSTERN_HTTP_LISTEN?)\n");
}

TEST(Sources, The_mistakes_of_all_sources_are_told_also_of_values_overridden) {
  const Folder folder;
  ConfigSources sources;
  sources.file = folder.file("p.toml", "[http]\nlisten = 1\n");
  sources.environment["POSTERN_HTTP_LISTEN"] = "nowhere";
  sources.flags["http.listen"] = "127.0.0.1:3";
  sources.flags["http.lisen"] = "x";

  EXPECT_EQ(told(load_config(sources)),
            folder.path("p.toml") +
                ":2: http.listen: must be a string, not a number\n"
                "environment: POSTERN_HTTP_LISTEN: must be an IP address and a port, such as "
                "\"127.0.0.1:8025\" or \"[::1]:8025\"\n"
                "command line: http.lisen: unknown key\n");
}

TEST(Sources, Files_that_cannot_be_read_are_named) {
  const Folder folder;
  ConfigSources sources;
  sources.file = folder.path("absent.toml");
  EXPECT_EQ(told(load_config(sources)),
            folder.path("absent.toml") + ": cannot be read: No such file or directory\n");

  sources.file = folder.path("");
  EXPECT_NE(told(load_config(sources)).find("cannot be read"), std::string::npos);

  sources.file.reset();
  sources.environment["POSTERN_ADMIN_TOKEN_FILE"] = folder.path("absent");
  EXPECT_EQ(told(load_config(sources)), "environment: POSTERN_ADMIN_TOKEN_FILE: the file \"" +
                                            folder.path("absent") +
                                            "\" cannot be read: No such file or directory\n");

  sources.environment["POSTERN_ADMIN_TOKEN_FILE"] = folder.file("empty", "\n");
  EXPECT_EQ(told(load_config(sources)), "environment: POSTERN_ADMIN_TOKEN_FILE: the file \"" +
                                            folder.path("empty") + "\" is empty\n");
}

TEST(Sources, Files_over_their_limit_are_refused) {
  const Folder folder;
  ConfigSources sources;
  sources.file = folder.file("p.toml", std::string(1024 * 1024 + 1, '#'));
  EXPECT_NE(told(load_config(sources)).find("too long"), std::string::npos);
  sources.file = folder.file("p.toml", std::string(1024 * 1024, '#'));
  EXPECT_EQ(told(load_config(sources)), "");
  sources.environment["POSTERN_ADMIN_TOKEN_FILE"] = folder.file("t", std::string(65537, 'a'));
  EXPECT_NE(told(load_config(sources)).find("too long"), std::string::npos);
}

TEST(Sources, No_problem_quotes_a_secret) {
  const Folder folder;
  ConfigSources sources;
  sources.environment = {{"POSTERN_ADMIN_TOKEN", "hunter2\nhunter2"},
                         {"POSTERN_ALERTS_PASSWORD", "hunter2"}};

  const auto text = told(load_config(sources));

  EXPECT_NE(text, "");
  EXPECT_EQ(text.find("hunter2"), std::string::npos);
}

TEST(Sources, Lists_the_variables_it_knows) {
  const auto names = environment_names();

  for (const char* name : {"POSTERN_DATA_DIR", "POSTERN_HTTP_LISTEN", "POSTERN_SECRETS_KEY_FILE",
                           "POSTERN_ALERTS_PASSWORD", "POSTERN_ALERTS_PASSWORD_FILE",
                           "POSTERN_ADMIN_TOKEN", "POSTERN_ADMIN_TOKEN_FILE"}) {
    EXPECT_EQ(std::ranges::count(names, name), 1) << name;
  }
}

TEST(Sources, Takes_the_environment_of_the_process) {
  ::setenv("POSTERN_TEST_VARIABLE", "a=b", 1);

  const auto environment = process_environment();

  EXPECT_EQ(environment.at("POSTERN_TEST_VARIABLE"), "a=b");
  ::unsetenv("POSTERN_TEST_VARIABLE");
}

TEST(Config, Credentials_of_systemd_are_weaker_than_the_environment_and_stronger_than_the_file) {
  const Folder folder;
  folder.file("alerts_password", "of the credential\n");
  folder.file("admin_token", "token of the credential");
  const auto key = folder.file("secret.key", "not read here");
  ConfigSources sources;
  const std::string alerts =
      "[alerts]\nsmtp_host = \"h\"\nfrom = \"a@b\"\nusername = \"u\"\npassword = \"f\"\n";
  sources.file = folder.file("c.toml", alerts);
  sources.environment["CREDENTIALS_DIRECTORY"] = folder.path("");
  sources.environment["CREDENTIALS_DIRECTORY"].pop_back();

  const auto config = loaded(sources);
  EXPECT_EQ(config.alerts.password.reveal(), "of the credential");
  EXPECT_EQ(config.admin_token.reveal(), "token of the credential");
  EXPECT_EQ(config.key_file, key);

  sources.environment["POSTERN_ALERTS_PASSWORD"] = "of the environment";
  sources.environment["POSTERN_SECRETS_KEY_FILE"] = "/elsewhere";
  const auto stronger = loaded(sources);
  EXPECT_EQ(stronger.alerts.password.reveal(), "of the environment");
  EXPECT_EQ(stronger.key_file, "/elsewhere");
  sources.environment.erase("POSTERN_SECRETS_KEY_FILE");
  sources.file = folder.file("d.toml", alerts + "[secrets]\nkey_file = \"/of/the/file\"\n");
  EXPECT_EQ(loaded(sources).key_file, "/of/the/file") << "a place that is named is meant";
}

TEST(Config, Forgets_the_secrets_of_the_environment_and_nothing_else) {
  ::setenv("POSTERN_ADMIN_TOKEN", "a secret", 1);
  ::setenv("POSTERN_HTTP_LISTEN", "127.0.0.1:1", 1);
  const char* value = std::getenv("POSTERN_ADMIN_TOKEN");

  forget_secrets_of_environment();

  EXPECT_EQ(std::string(value), "********") << "what /proc shows is the same memory";
  EXPECT_EQ(std::getenv("POSTERN_ADMIN_TOKEN"), nullptr);
  EXPECT_NE(std::getenv("POSTERN_HTTP_LISTEN"), nullptr);
  ::unsetenv("POSTERN_HTTP_LISTEN");
}

}  // namespace
}  // namespace postern::config
