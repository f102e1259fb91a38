// The configuration: every value of the contract's TOML file, with its default.
//
// Read before anything else runs, never changed after. Each value may also come from the
// environment (POSTERN_<SECTION>_<KEY>, secrets also as …_FILE) and some from the command line;
// flags beat the environment, that beats …_FILE, that beats the file, that beats the default.
#pragma once

#include "core/integration.hpp"
#include "core/log.hpp"
#include "core/secret.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern::config {

/// An IP address or "localhost", without brackets. Port 0: any that is free.
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const ListenAddress&) const = default;
};

struct Http {
  ListenAddress listen{"127.0.0.1", 8025};
  std::string public_url;                    // without a slash at its end; empty: not known
  std::string tls_certificate, tls_key;      // files; both or neither
  std::vector<std::string> trusted_proxies;  // CIDR or addresses
};

struct Storage {
  std::string url = "sqlite:";
  int retention_days = 30;
  int retention_sent_days = 30;  // of what was sent or has failed
  std::optional<std::uint64_t> retention_bytes, retention_messages;
};

struct Egress {
  /// CIDR. Link-local (cloud metadata lives there), "this network", multicast, reserved; loopback
  /// and private networks are where helpdesks are, and not denied.
  std::vector<std::string> deny{"0.0.0.0/8",         "100.100.100.200/32", "169.254.0.0/16",
                                "224.0.0.0/4",       "240.0.0.0/4",        "::/128",
                                "fd00:ec2::254/128", "fe80::/10",          "ff00::/8"};
};

struct Monitoring {
  int notify_after = 3;
  int disable_after = 10;
  int login_disable_after = 5;  // refused logins in a row
  int recover_after = 1;
  int stale_after = 3;  // intervals without a check that succeeded
  std::chrono::seconds remind_after{14400};
  std::chrono::seconds max_frequency{900};
  std::vector<std::string> recipients;
  std::string ping_url;  // called as long as Postern works; empty: none
  std::chrono::seconds ping_every{60};
};

/// A transport of its own for notices, used when no integration can carry one. Off without a host.
struct Alerts {
  std::string smtp_host;
  std::uint16_t smtp_port = 587;
  Security smtp_security = Security::starttls;
  std::string username;
  Secret password;
  std::string from;
  std::string log_dir;  // where event rules write files; empty: data_dir/logs
};

struct Retry {
  std::vector<std::chrono::seconds> outgoing{
      std::chrono::seconds(60),  std::chrono::seconds(120),  std::chrono::seconds(300),
      std::chrono::seconds(900), std::chrono::seconds(3600), std::chrono::seconds(14400)};
  std::chrono::seconds outgoing_for{432000};
};

/// The SMTP listener; off without an address.
struct Submission {
  std::optional<ListenAddress> listen, tls_listen;
  std::string certificate, key;  // files; both or neither
};

struct Limits {
  std::uint64_t message_bytes = 52428800;
  int connections_per_integration = 10;  // open at once, in both directions together
  int connections_per_server = 20000;    // open at once, of all integrations together
  int webhooks_in_flight = 32;
  std::uint64_t http_body_bytes = 104857600;
  int threads = 0;           // 0: one for each core
  int worker_processes = 2;  // that parse and compose mail
};

struct Log {
  log::Level level = log::Level::info;
  log::Format format = log::Format::text;
};

struct Config {
  std::string data_dir = "postern-data";
  Http http;
  Storage storage;
  std::string key_file;  // [secrets]; empty: data_dir/secret.key
  Egress egress;
  Monitoring monitoring;
  Alerts alerts;
  Retry retry;
  Submission submission;
  Limits limits;
  Log log;
  Secret admin_token;  // POSTERN_ADMIN_TOKEN; empty: none
};

struct ConfigProblem {
  std::string file;  // a file's name, "environment" or "command line"
  int line = 0;      // from 1; 0: of no line
  std::string key;   // "http.listen", "POSTERN_HTTP_LISTEN"; empty: of the whole
  std::string what;  // what is wrong, for people; never quotes a secret
};
using ConfigProblems = std::vector<ConfigProblem>;

/// "FILE:LINE: key: what is wrong".
std::string to_string(const ConfigProblem& problem);

/// The configuration in `toml`, or every mistake in it, in the order of its lines. Files it names
/// must be readable. `file_name` is for the problems.
std::variant<Config, ConfigProblems> parse_config(std::string_view toml,
                                                  std::string_view file_name);

struct ConfigSources {
  std::optional<std::string> file;                 // must be readable if given
  std::map<std::string, std::string> environment;  // an empty value is as none
  std::map<std::string, std::string> flags;        // by key: {"http.listen", "127.0.0.1:0"}
};

/// The configuration from all sources, or every mistake in any of them, also in a value that
/// another source overrides.
std::variant<Config, ConfigProblems> load_config(const ConfigSources& sources);

/// The process's environment, for ConfigSources. Not to be called while a thread changes it.
std::map<std::string, std::string> process_environment();

/// Overwrites the secrets' values in the process's environment, which /proc shows, and takes them
/// out of it, for the processes it starts. Before any thread runs.
void forget_secrets_of_environment();

/// One line for each key: "POSTERN_HTTP_LISTEN" …, in the contract's order. For --help and tests.
std::vector<std::string> environment_names();

}  // namespace postern::config
