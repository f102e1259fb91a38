// See contradictions.hpp.
#include "config/contradictions.hpp"

#include "core/syntax.hpp"

namespace postern::config {
namespace {

class Finder {
 public:
  Finder(const Origins& origins, ConfigProblems& problems)
      : origins_(origins), problems_(problems) {}

  bool set(const std::string& key) const { return origins_.contains(key); }

  /// At `key`, which is set.
  void problem(const std::string& key, std::string what) {
    const auto& origin = origins_.at(key);
    problems_.push_back({origin.file, origin.line, origin.key, std::move(what)});
  }

  void both_or_neither(const std::string& one, const std::string& other) {
    if (set(one) && !set(other)) problem(one, "needs " + other + " beside it");
    if (set(other) && !set(one)) problem(other, "needs " + one + " beside it");
  }

 private:
  const Origins& origins_;
  ConfigProblems& problems_;
};

void check_alerts(const Alerts& alerts, Finder& find) {
  if (!find.set("alerts.smtp_host")) {
    for (const char* key : {"alerts.smtp_port", "alerts.smtp_security", "alerts.username",
                            "alerts.password", "alerts.from"}) {
      if (find.set(key)) find.problem(key, "needs alerts.smtp_host beside it");
    }
    return;
  }
  if (!find.set("alerts.from")) find.problem("alerts.smtp_host", "needs alerts.from beside it");
  find.both_or_neither("alerts.username", "alerts.password");
  if (find.set("alerts.password") && alerts.smtp_security == Security::none &&
      !is_loopback_host(alerts.smtp_host)) {
    find.problem("alerts.smtp_security", "\"none\" would send the password unprotected");
  }
}

void check_submission(const Submission& submission, Finder& find) {
  find.both_or_neither("submission.certificate", "submission.key");
  const bool certificate = find.set("submission.certificate");
  if (find.set("submission.tls_listen") && !certificate) {
    find.problem("submission.tls_listen", "needs submission.certificate beside it");
  }
  if (submission.listen && !certificate && !is_loopback(*submission.listen)) {
    find.problem("submission.listen",
                 "beyond loopback needs submission.certificate, since logins cross the network");
  }
  if (submission.listen && submission.listen == submission.tls_listen &&
      submission.listen->port != 0) {
    find.problem("submission.tls_listen", "is the same as submission.listen");
  }
}

}  // namespace

void find_contradictions(const Config& config, const Origins& origins, ConfigProblems& problems) {
  Finder find(origins, problems);
  find.both_or_neither("http.tls_certificate", "http.tls_key");
  if (config.http.listen.port != 0 && config.submission.listen == config.http.listen) {
    find.problem("submission.listen", "is the same as http.listen");
  }
  check_alerts(config.alerts, find);
  check_submission(config.submission, find);
}

}  // namespace postern::config
