// Every rule of the configuration, as "TOML, what is told".
#include "config/config.hpp"
#include "config/reading.hpp"

#include <gtest/gtest.h>

#include <string>

namespace postern::config {
namespace {

std::string told(std::string_view toml) {
  const auto result = parse_config(toml, "p.toml");
  std::string out;
  if (const auto* problems = std::get_if<ConfigProblems>(&result)) {
    for (const auto& problem : *problems) out += to_string(problem) + "\n";
  }
  return out;
}

struct Mistake {
  std::string toml, what;
};

class Mistakes : public testing::TestWithParam<Mistake> {};

TEST_P(Mistakes, Are_told_with_line_key_and_sentence) {
  EXPECT_EQ(told(GetParam().toml), "p.toml:" + GetParam().what + "\n");
}

const Mistake types[] = {
    {"data_dir = 1", "1: data_dir: must be a string, not a number"},
    {"data_dir = \"\"", "1: data_dir: must not be empty"},
    {"data_dir = \"a\\nb\"", "1: data_dir: must not hold line breaks or other control characters"},
    {"http = 1", "1: http: must be a section: [http]"},
    {"[[http]]\nlisten = \"x\"", "1: http: must be a section: [http]"},
    {"[http]\nlisten = true", "2: http.listen: must be a string, not a boolean"},
    {"[http]\nlisten = 2026-01-31", "2: http.listen: must be a string, not a date or time"},
    {"[http]\nlisten = 1.5", "2: http.listen: must be a string, not a number with a fraction"},
    {"[http]\nlisten = []", "2: http.listen: must be a string, not an array"},
    {"[http]\nlisten = {}", "2: http.listen: must be a string, not a table"},
    {"[http]\ntrusted_proxies = \"10.0.0.0/8\"",
     "2: http.trusted_proxies: must be an array, not a string"},
    {"[http]\ntrusted_proxies = [1]",
     "2: http.trusted_proxies: must be an array of strings that are not empty"},
    {"[storage]\nretention_days = \"30\"",
     "2: storage.retention_days: must be a whole number, not a string"},
    {"[storage]\nretention_days = [30]",
     "2: storage.retention_days: must be a whole number, not an array"},
    {"[storage]\nretention_days = 1.0",
     "2: storage.retention_days: must be a whole number, not a number with a fraction"},
    {"[retry]\noutgoing_s = 60", "2: retry.outgoing_s: must be an array, not a number"},
    {"[retry]\noutgoing_s = [\"a\"]", "2: retry.outgoing_s: must be a whole number, not a string"},
};
INSTANTIATE_TEST_SUITE_P(Types, Mistakes, testing::ValuesIn(types));

const Mistake unknowns[] = {
    {"dada_dir = \"x\"", "1: dada_dir: unknown key (did you mean \"data_dir\"?)"},
    {"[htpp]\n", "1: htpp: unknown section (did you mean \"http\"?)"},
    {"[zebra]\n", "1: zebra: unknown section"},
    {"[http]\n\nlisen = \"x\"", "3: http.lisen: unknown key (did you mean \"listen\"?)"},
    {"[log]\nzebra = 1", "2: log.zebra: unknown key"},
    {"[log]\n\"a\\nb\" = 1", "2: log.…: unknown key"},
};
INSTANTIATE_TEST_SUITE_P(Unknown, Mistakes, testing::ValuesIn(unknowns));

constexpr const char* listen_problem =
    "2: http.listen: must be an IP address and a port, such as \"127.0.0.1:8025\" or "
    "\"[::1]:8025\"";

const Mistake values[] = {
    {"[http]\nlisten = \"8025\"", listen_problem},
    {"[http]\nlisten = \":8025\"", listen_problem},
    {"[http]\nlisten = \"127.0.0.1:65536\"", listen_problem},
    {"[http]\nlisten = \"127.0.0.1:-1\"", listen_problem},
    {"[http]\nlisten = \"::1:8025\"", listen_problem},
    {"[http]\nlisten = \"[127.0.0.1]:8025\"", listen_problem},
    {"[http]\nlisten = \"example.com:8025\"", listen_problem},
    {"[http]\npublic_url = \"mail.example.com\"",
     "2: http.public_url: must begin with https:// or http://"},
    {"[http]\npublic_url = \"https://a/?x\"", "2: http.public_url: must not have a query (?…)"},
    {"[http]\ntrusted_proxies = [\"10.0.0.0/33\"]",
     "2: http.trusted_proxies: \"10.0.0.0/33\" is not a network such as \"10.0.0.0/8\""},
    {"[egress]\ndeny = [\"example.com\"]",
     "2: egress.deny: \"example.com\" is not a network such as \"10.0.0.0/8\""},
    {"[egress]\ndeny = [\"::1/129\"]",
     "2: egress.deny: \"::1/129\" is not a network such as \"10.0.0.0/8\""},
    {"[storage]\nurl = \"postgresql://x\"",
     "2: storage.url: must be \"sqlite:\"; other stores are not in this version yet"},
    {"[storage]\nretention_days = 0", "2: storage.retention_days: must be from 1 to 36500"},
    {"[storage]\nretention_bytes = -1",
     "2: storage.retention_bytes: must be from 1 to 9223372036854775807"},
    {"[monitoring]\nnotify_after = 0", "2: monitoring.notify_after: must be from 1 to 10000"},
    {"[monitoring]\ndisable_after = 0", "2: monitoring.disable_after: must be from 1 to 10000"},
    {"[monitoring]\nrecover_after = 10001", "2: monitoring.recover_after: must be from 1 to 10000"},
    {"[monitoring]\nremind_after_s = 0",
     "2: monitoring.remind_after_s: must be from 1 to 31536000"},
    {"[monitoring]\nmax_frequency_s = -1",
     "2: monitoring.max_frequency_s: must be from 0 to 31536000"},
    {"[monitoring]\nrecipients = [\"ops\"]",
     "2: monitoring.recipients: \"ops\" is not an e-mail address"},
    {"[retry]\noutgoing_s = []", "2: retry.outgoing_s: must have 1 to 50 items"},
    {"[retry]\noutgoing_s = [0]", "2: retry.outgoing_s: must be from 1 to 2592000"},
    {"[retry]\noutgoing_for_s = 2592001", "2: retry.outgoing_for_s: must be from 1 to 2592000"},
    {"[limits]\nmessage_bytes = 1023", "2: limits.message_bytes: must be from 1024 to 1073741824"},
    {"[limits]\nconnections_per_integration = 51",
     "2: limits.connections_per_integration: must be from 1 to 50"},
    {"[limits]\nconnections_per_server = 0",
     "2: limits.connections_per_server: must be from 1 to 100000"},
    {"[limits]\nwebhooks_in_flight = 1001", "2: limits.webhooks_in_flight: must be from 1 to 1000"},
    {"[limits]\nhttp_body_bytes = 1", "2: limits.http_body_bytes: must be from 1024 to 1073741824"},
    {"[limits]\nthreads = 257", "2: limits.threads: must be from 0 to 256"},
    {"[limits]\nworker_processes = 0", "2: limits.worker_processes: must be from 1 to 64"},
    {"[log]\nlevel = \"inof\"",
     "2: log.level: must be one of \"debug\", \"info\", \"warn\", \"error\", not \"inof\" (did you "
     "mean \"info\"?)"},
    {"[log]\nformat = \"xml\"", "2: log.format: must be one of \"text\", \"json\", not \"xml\""},
};
INSTANTIATE_TEST_SUITE_P(Values, Mistakes, testing::ValuesIn(values));

const Mistake together[] = {
    {"[http]\ntls_certificate = \"/dev/null\"",
     "2: http.tls_certificate: needs http.tls_key beside it"},
    {"[http]\ntls_key = \"/dev/null\"", "2: http.tls_key: needs http.tls_certificate beside it"},
    {"[http]\ntls_key = \"/dev/null\"\ntls_certificate = \"/nowhere/c.pem\"",
     "3: http.tls_certificate: the file \"/nowhere/c.pem\" cannot be read: No such file or "
     "directory"},
    {"[alerts]\nfrom = \"a@b\"", "2: alerts.from: needs alerts.smtp_host beside it"},
    {"[alerts]\nsmtp_port = 25", "2: alerts.smtp_port: needs alerts.smtp_host beside it"},
    {"[alerts]\nsmtp_host = \"a\"", "2: alerts.smtp_host: needs alerts.from beside it"},
    {"[alerts]\nsmtp_host = \"a b\"\nfrom = \"a@b\"",
     "2: alerts.smtp_host: must be a host name or an IP address"},
    {"[alerts]\nsmtp_host = \"a\"\nfrom = \"a\"", "3: alerts.from: must be an e-mail address"},
    {"[alerts]\nsmtp_host = \"a\"\nfrom = \"a@b\"\nsmtp_port = 0",
     "4: alerts.smtp_port: must be from 1 to 65535"},
    {"[alerts]\nsmtp_host = \"a\"\nfrom = \"a@b\"\nusername = \"u\"",
     "4: alerts.username: needs alerts.password beside it"},
    {"[alerts]\nsmtp_host = \"a\"\nfrom = \"a@b\"\npassword = \"u\"",
     "4: alerts.password: needs alerts.username beside it"},
    {"[alerts]\nsmtp_host = \"a\"\nfrom = \"a@b\"\nusername = \"u\"\npassword = \"p\"\n"
     "smtp_security = \"none\"",
     "6: alerts.smtp_security: \"none\" would send the password unprotected"},
    {"[submission]\nlisten = \"0.0.0.0:25\"",
     "2: submission.listen: beyond loopback needs submission.certificate, since logins cross the "
     "network"},
    {"[submission]\ntls_listen = \"127.0.0.1:25\"",
     "2: submission.tls_listen: needs submission.certificate beside it"},
    {"[submission]\ncertificate = \"/dev/null\"",
     "2: submission.certificate: needs submission.key beside it"},
    {"[submission]\nlisten = \"127.0.0.1:25\"\ntls_listen = \"127.0.0.1:25\"\n"
     "key = \"/dev/null\"\ncertificate = \"/dev/null\"",
     "3: submission.tls_listen: is the same as submission.listen"},
    {"[submission]\nlisten = \"127.0.0.1:8025\"",
     "2: submission.listen: is the same as http.listen"},
};
INSTANTIATE_TEST_SUITE_P(Contradictions, Mistakes, testing::ValuesIn(together));

TEST(ConfigMistakes, All_are_told_at_once_in_the_order_of_lines) {
  EXPECT_EQ(told("[monitoring]\nnotify_after = 0\n[zebra]\n[http]\nlisten = 1\nlisen = 1\n"
                 "tls_key = \"/dev/null\"\n"),
            "p.toml:2: monitoring.notify_after: must be from 1 to 10000\n"
            "p.toml:3: zebra: unknown section\n"
            "p.toml:5: http.listen: must be a string, not a number\n"
            "p.toml:6: http.lisen: unknown key (did you mean \"listen\"?)\n"
            "p.toml:7: http.tls_key: needs http.tls_certificate beside it\n");
}

TEST(ConfigMistakes, What_is_no_TOML_is_told_with_its_line) {
  const auto text = told("[http]\nlisten = \n");

  EXPECT_TRUE(text.starts_with("p.toml:2: not TOML: ")) << text;
}

TEST(ConfigMistakes, Aliases_are_understood) {
  EXPECT_EQ(told("[log]\nlevel = \"warning\"\n"), "");
  EXPECT_EQ(told("[alerts]\nsmtp_host = \"a\"\nfrom = \"a@b\"\nsmtp_security = \"ssl\"\n"), "");
}

TEST(ConfigMistakes, A_password_to_loopback_may_go_unprotected) {
  EXPECT_EQ(told("[alerts]\nsmtp_host = \"127.0.0.1\"\nfrom = \"a@b\"\nusername = \"u\"\n"
                 "password = \"p\"\nsmtp_security = \"none\"\n"),
            "");
}

TEST(Listen, Takes_addresses_with_ports) {
  EXPECT_EQ(parse_listen("127.0.0.1:0"), (ListenAddress{"127.0.0.1", 0}));
  EXPECT_EQ(parse_listen("[::]:65535"), (ListenAddress{"::", 65535}));
  EXPECT_EQ(parse_listen("localhost:1"), (ListenAddress{"localhost", 1}));
}

TEST(Network, Is_an_address_or_one_with_a_prefix_length) {
  for (const char* text :
       {"10.0.0.0/8", "0.0.0.0/0", "1.2.3.4", "1.2.3.4/32", "::/0", "fe80::/10", "::1/128"}) {
    EXPECT_TRUE(valid_network(text)) << text;
  }
  for (const char* text :
       {"", "/8", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1", "10.0.0/8", "10.0.0.0/8/8"}) {
    EXPECT_FALSE(valid_network(text)) << text;
  }
}

}  // namespace
}  // namespace postern::config
