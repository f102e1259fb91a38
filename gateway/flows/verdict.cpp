#include "flows/verdict.hpp"

#include "core/asked_wait.hpp"
#include "core/backoff.hpp"
#include "flows/limits.hpp"
#include "flows/verdict_advice.hpp"
#include "flows/verdict_tables.hpp"
#include "flows/verdict_words.hpp"
#include "imap/errc.hpp"
#include "net/env.hpp"
#include "pop3/errc.hpp"
#include "smtp/error.hpp"
#include "storage/errc.hpp"

#include <algorithm>

namespace postern::flows {
namespace {

std::string pointer(Direction direction, std::string_view field) {
  return "/" + std::string(to_string(direction)) + "/" + std::string(field);
}

struct NetRow {
  ResultCode result;
  const char* hint;
  const char* field;
};

NetRow net_row(net::errc code) {
  using net::errc;
  switch (code) {
    case errc::resolve_failed:
      return {ResultCode::dns, "The host name is not known; check its spelling.", "host"};
    case errc::resolve_timeout:
      return {ResultCode::dns, "The name servers do not answer; check this machine's DNS.", "host"};
    case errc::egress_denied:
      return {ResultCode::unreachable,
              "The configuration ([egress] deny) forbids connections to this address.", "host"};
    case errc::refused:
      return {ResultCode::unreachable,
              "Nothing answers at this host and port; check both, and firewalls between.", "port"};
    case errc::connect_timeout:
      return {ResultCode::connect_timeout,
              "The host does not answer; check host and port, and firewalls between.", "host"};
    case errc::timeout:
      return {ResultCode::connect_timeout, "The server stopped answering; it is tried again.", ""};
    case errc::closed:
    case errc::reset:
      return {ResultCode::unreachable, "The connection was cut; it is tried again.", ""};
    case errc::tls_handshake:
      return {ResultCode::tls_handshake,
              "No TLS connection could be agreed on; the server may be too old.", "security"};
    case errc::tls_not_spoken:
      return {ResultCode::tls_handshake,
              "The server does not speak TLS on this port; use security \"starttls\" or the TLS "
              "port.",
              "security"};
    case errc::certificate_untrusted:
      return {ResultCode::certificate,
              "The certificate is signed by nobody this machine trusts; give its CA in tls.ca_pem "
              "or pin it.",
              "tls/ca_pem"};
    case errc::certificate_expired:
      return {ResultCode::certificate, "The server's certificate has run out or is not yet valid.",
              "host"};
    case errc::certificate_name:
      return {ResultCode::certificate,
              "The certificate is for another name; use the host name that it holds.", "host"};
    case errc::certificate_pin:
      return {ResultCode::certificate,
              "The certificate is not the pinned one; if it was renewed, pin the new one.",
              "tls/pinned_sha256"};
    case errc::bad_ca:
      return {ResultCode::certificate, "tls.ca_pem holds no certificate.", "tls/ca_pem"};
    case errc::inflate_malformed:
    case errc::inflate_limit:
      return {ResultCode::internal,
              "The compressed line cannot be read; set incoming.compress to false.", "compress"};
    case errc::http_malformed:
    case errc::http_too_large:
    case errc::worker_died:
    case errc::worker_deadline:
    case errc::io:
      return {ResultCode::internal, "", ""};
  }
  return {ResultCode::internal, "", ""};
}

}  // namespace

std::string_view to_string(Direction direction) {
  return direction == Direction::incoming ? "incoming" : "outgoing";
}

Verdict incoming_verdict(std::string_view protocol, Outcome outcome, const char* event,
                         const char* hint, const char* field) {
  Verdict verdict;
  verdict.outcome = outcome;
  verdict.kind = std::string(protocol) + "." + event;
  verdict.hint = hint;
  verdict.field = field;
  return verdict;
}

Verdict judge_net(net::errc code, Direction direction, std::string_view step) {
  const NetRow row = net_row(code);
  Verdict verdict;
  verdict.outcome = Outcome::transient;
  verdict.result_code = row.result;
  const bool loading = step == "fetch" || step == "search";
  verdict.kind = direction == Direction::outgoing ? "smtp.connection_failed"
                 : loading                        ? "imap.download_failed"
                                                  : "imap.connection_failed";
  verdict.hint = row.hint;
  if (*row.field != '\0') verdict.field = pointer(direction, row.field);
  return verdict;
}

namespace {

/// A server that asks for patience is obeyed, whatever the refusal looked like: it is neither the
/// login's fault nor the password's.
void heed_plea(Verdict& verdict, std::string_view words, Direction direction) {
  const Plea plea = plea_in(words);
  if (plea == Plea::none || verdict.outcome == Outcome::rejected) return;
  verdict.outcome = Outcome::throttled;
  verdict.field.clear();
  verdict.too_many_connections = plea == Plea::fewer_connections;
  verdict.wait_at_least = asked_wait(words);
  const auto dot = verdict.kind.find('.');
  const bool login = verdict.kind.ends_with(".login_failed");
  if (login && dot != std::string::npos)
    verdict.kind.replace(dot, verdict.kind.size(), ".connection_failed");
  if (direction == Direction::outgoing && verdict.result_code != ResultCode::login_deferred) {
    verdict.result_code = ResultCode::rate_limited;
  }
  verdict.hint = verdict.too_many_connections
                     ? "The server takes no more connections at the moment; it is tried again when "
                       "some have ended."
                     : "The server asks for patience; it is tried again later.";
}

Verdict judge_by_table(const Error& error, Direction direction, std::string_view step);

}  // namespace

Verdict for_protocol(Verdict verdict, std::string_view protocol) {
  constexpr std::string_view imap_kind = "imap.";
  if (protocol == "pop3" && verdict.kind.starts_with(imap_kind)) {
    verdict.kind = "pop3." + verdict.kind.substr(imap_kind.size());
  }
  return verdict;
}

Verdict judge(const Error& error, Direction direction, std::string_view step) {
  auto verdict = judge_by_table(error, direction, step);
  const auto& category = error.code.category();
  const bool ours = category == net::net_category() || category == storage::storage_category();
  const bool said_by_code = error.code == pop3::errc::login_too_soon;
  if (!ours && !said_by_code) {
    heed_plea(verdict, error.detail, direction);
    advise(verdict, error.detail, direction);
  }
  return verdict;
}

Duration pause_after(const Verdict& verdict, int failures, std::uint64_t random) {
  switch (verdict.outcome) {
    case Outcome::throttled:
      if (verdict.wait_at_least) return std::min(*verdict.wait_at_least, limits::throttled_max);
      return backoff(failures, limits::throttled_first, limits::throttled_max, random);
    case Outcome::auth_rejected:
      return backoff(failures, limits::login_refused_first, limits::login_refused_max, random);
    case Outcome::ok:
    case Outcome::transient:
    case Outcome::needs_consent:
    case Outcome::rejected:
    case Outcome::stopped:
      break;
  }
  return backoff(failures, limits::reconnect_first, limits::reconnect_max, random);
}

namespace {

Verdict judge_by_table(const Error& error, Direction direction, std::string_view step) {
  const auto& category = error.code.category();
  const int value = error.code.value();
  if (category == imap::category()) return judge_imap(static_cast<imap::errc>(value), step);
  if (category == pop3::category()) return judge_pop3(static_cast<pop3::errc>(value), step);
  if (category == smtp::category()) return judge_smtp(static_cast<smtp::errc>(value));
  if (category == oauth::category()) {
    return judge_oauth(static_cast<oauth::errc>(value), direction);
  }
  if (category == net::net_category()) {
    return judge_net(static_cast<net::errc>(value), direction, step);
  }
  Verdict verdict;
  verdict.kind = direction == Direction::outgoing ? "smtp.delivery_failed" : "imap.import_failed";
  if (category == storage::storage_category()) {
    verdict.hint = "Postern could not write to its data directory; see its log and the disk.";
  }
  return verdict;
}

}  // namespace

}  // namespace postern::flows
