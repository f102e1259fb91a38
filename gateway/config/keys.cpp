// See keys.hpp. Ranges stand here, beside the key they are for.
#include "config/keys.hpp"

#include "core/integration_words.hpp"
#include "core/syntax.hpp"

namespace postern::config {
namespace {

constexpr std::int64_t days_max = 36500;
constexpr std::int64_t threshold_max = 10000;
constexpr std::int64_t year_s = 31536000;
constexpr std::int64_t month_s = 2592000;
constexpr std::int64_t gibibyte = std::int64_t(1) << 30;
constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();

constexpr Choice<log::Level> levels[] = {{"debug", log::Level::debug},
                                         {"info", log::Level::info},
                                         {"warn", log::Level::warn},
                                         {"error", log::Level::error},
                                         {"warning", log::Level::warn, true}};
constexpr Choice<log::Format> formats[] = {{"text", log::Format::text},
                                           {"json", log::Format::json}};

void read_store(Reading& r, Config& c) {
  std::string url;
  if (!r.text(url)) return;
  if (url != "sqlite:") {
    r.problem("must be \"sqlite:\"; other stores are not in this version yet");
    return;
  }
  c.storage.url = url;
}

void read_data_dir(Reading& r, Config& c) {
  std::string path;
  if (!r.text(path)) return;
  if (path.empty()) {
    r.problem("must not be empty");
    return;
  }
  c.data_dir = path;
}

void read_admin_token(Reading& r, Config& c) {
  Secret token;
  if (!r.secret(token)) return;
  if (token.empty()) {
    r.problem("must not be empty");
    return;
  }
  c.admin_token = std::move(token);
}

/// As it is given out by the service that waits for the calls: often with a query.
void read_ping_url(Reading& r, Config& c) {
  std::string url;
  if (!r.text(url)) return;
  if (auto wrong = http_url_problem(url)) {
    r.problem(std::move(*wrong));
    return;
  }
  c.monitoring.ping_url = url;
}

using R = Reading;
using C = Config;

// clang-format off
constexpr Key table[] = {
    {"", "data_dir", read_data_dir},
    {"http", "listen", [](R& r, C& c) { r.listen(c.http.listen); }},
    {"http", "public_url", [](R& r, C& c) { r.url(c.http.public_url); }},
    {"http", "tls_certificate", [](R& r, C& c) { r.file(c.http.tls_certificate); }},
    {"http", "tls_key", [](R& r, C& c) { r.file(c.http.tls_key); }},
    {"http", "trusted_proxies", [](R& r, C& c) { r.networks(c.http.trusted_proxies); }},
    {"storage", "url", read_store},
    {"storage", "retention_days",
     [](R& r, C& c) { r.integer(c.storage.retention_days, 1, days_max); }},
    {"storage", "retention_sent_days",
     [](R& r, C& c) { r.integer(c.storage.retention_sent_days, 1, days_max); }},
    {"storage", "retention_bytes",
     [](R& r, C& c) { r.integer(c.storage.retention_bytes, 1, any); }},
    {"storage", "retention_messages",
     [](R& r, C& c) { r.integer(c.storage.retention_messages, 1, any); }},
    {"secrets", "key_file", [](R& r, C& c) { r.text(c.key_file); }},
    {"egress", "deny", [](R& r, C& c) { r.networks(c.egress.deny); }},
    {"monitoring", "notify_after",
     [](R& r, C& c) { r.integer(c.monitoring.notify_after, 1, threshold_max); }},
    {"monitoring", "disable_after",
     [](R& r, C& c) { r.integer(c.monitoring.disable_after, 1, threshold_max); }},
    {"monitoring", "login_disable_after",
     [](R& r, C& c) { r.integer(c.monitoring.login_disable_after, 1, threshold_max); }},
    {"monitoring", "stale_after",
     [](R& r, C& c) { r.integer(c.monitoring.stale_after, 1, threshold_max); }},
    {"monitoring", "recover_after",
     [](R& r, C& c) { r.integer(c.monitoring.recover_after, 1, threshold_max); }},
    {"monitoring", "remind_after_s",
     [](R& r, C& c) { r.seconds(c.monitoring.remind_after, 1, year_s); }},
    {"monitoring", "max_frequency_s",
     [](R& r, C& c) { r.seconds(c.monitoring.max_frequency, 0, year_s); }},
    {"monitoring", "recipients", [](R& r, C& c) { r.addresses(c.monitoring.recipients); }},
    {"monitoring", "ping_url", read_ping_url},
    {"monitoring", "ping_every_s",
     [](R& r, C& c) { r.seconds(c.monitoring.ping_every, 1, month_s); }},
    {"alerts", "log_dir", [](R& r, C& c) { r.text(c.alerts.log_dir); }},
    {"alerts", "smtp_host", [](R& r, C& c) { r.host(c.alerts.smtp_host); }},
    {"alerts", "smtp_port", [](R& r, C& c) { r.integer(c.alerts.smtp_port, 1, 65535); }},
    {"alerts", "smtp_security",
     [](R& r, C& c) { r.choice(c.alerts.smtp_security, words::security); }},
    {"alerts", "username", [](R& r, C& c) { r.text(c.alerts.username); }},
    {"alerts", "password", [](R& r, C& c) { r.secret(c.alerts.password); }, true},
    {"alerts", "from", [](R& r, C& c) { r.address(c.alerts.from); }},
    {"retry", "outgoing_s", [](R& r, C& c) { r.seconds_list(c.retry.outgoing, 1, month_s, 50); }},
    {"retry", "outgoing_for_s", [](R& r, C& c) { r.seconds(c.retry.outgoing_for, 1, month_s); }},
    {"submission", "listen", [](R& r, C& c) { r.listen(c.submission.listen); }},
    {"submission", "tls_listen", [](R& r, C& c) { r.listen(c.submission.tls_listen); }},
    {"submission", "certificate", [](R& r, C& c) { r.file(c.submission.certificate); }},
    {"submission", "key", [](R& r, C& c) { r.file(c.submission.key); }},
    {"limits", "message_bytes",
     [](R& r, C& c) { r.integer(c.limits.message_bytes, 1024, gibibyte); }},
    {"limits", "connections_per_integration",
     [](R& r, C& c) { r.integer(c.limits.connections_per_integration, 1, 50); }},
    {"limits", "connections_per_server",
     [](R& r, C& c) { r.integer(c.limits.connections_per_server, 1, 100000); }},
    {"limits", "webhooks_in_flight",
     [](R& r, C& c) { r.integer(c.limits.webhooks_in_flight, 1, 1000); }},
    {"limits", "http_body_bytes",
     [](R& r, C& c) { r.integer(c.limits.http_body_bytes, 1024, gibibyte); }},
    {"limits", "threads", [](R& r, C& c) { r.integer(c.limits.threads, 0, 256); }},
    {"limits", "worker_processes",
     [](R& r, C& c) { r.integer(c.limits.worker_processes, 1, 64); }},
    {"log", "level", [](R& r, C& c) { r.choice(c.log.level, levels); }},
    {"log", "format", [](R& r, C& c) { r.choice(c.log.format, formats); }},
    {"", "admin_token", read_admin_token, true, false},
};
// clang-format on

}  // namespace

std::span<const Key> keys() {
  return table;
}

std::string dotted(const Key& key) {
  if (key.section.empty()) return std::string(key.name);
  return std::string(key.section) + '.' + std::string(key.name);
}

std::string environment_name(const Key& key) {
  std::string out = "POSTERN_" + dotted(key);
  for (char& c : out) {
    if (c == '.') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

}  // namespace postern::config
