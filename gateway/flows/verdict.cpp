#include "flows/verdict.hpp"

#include "flows/verdict_tables.hpp"
#include "imap/errc.hpp"
#include "net/env.hpp"
#include "smtp/error.hpp"
#include "storage/errc.hpp"

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

Verdict judge(const Error& error, Direction direction, std::string_view step) {
  const auto& category = error.code.category();
  const int value = error.code.value();
  if (category == imap::category()) return judge_imap(static_cast<imap::errc>(value), step);
  if (category == smtp::category()) return judge_smtp(static_cast<smtp::errc>(value));
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

}  // namespace postern::flows
