// The sentences of net's error codes, and the waits every Env shares.
#include "net/env.hpp"

#include <boost/asio/this_coro.hpp>

namespace postern::net {
namespace {

const char* sentence(int value) {
  switch (static_cast<errc>(value)) {
    case errc::resolve_failed:
      return "the host name has no address";
    case errc::resolve_timeout:
      return "the name servers did not answer in time";
    case errc::egress_denied:
      return "connections to this address are not allowed";
    case errc::refused:
      return "the connection was refused or the host is unreachable";
    case errc::connect_timeout:
      return "the host did not answer the connection in time";
    case errc::timeout:
      return "the peer did not answer in time";
    case errc::closed:
      return "the peer closed the connection";
    case errc::reset:
      return "the connection broke";
    case errc::tls_handshake:
      return "the TLS handshake failed";
    case errc::tls_not_spoken:
      return "the peer does not speak TLS here";
    case errc::certificate_untrusted:
      return "the certificate is not trusted";
    case errc::certificate_expired:
      return "the certificate is expired or not yet valid";
    case errc::certificate_name:
      return "the certificate is for another host";
    case errc::certificate_pin:
      return "the certificate is not the pinned one";
    case errc::bad_ca:
      return "the CA certificate cannot be read";
    case errc::http_malformed:
      return "not valid HTTP";
    case errc::http_too_large:
      return "the HTTP answer's header is too large";
    case errc::inflate_malformed:
      return "the peer's compressed bytes cannot be read";
    case errc::inflate_limit:
      return "the peer's compressed bytes swell beyond the limit";
    case errc::worker_died:
      return "the worker process died";
    case errc::worker_deadline:
      return "the worker process passed its deadline";
    case errc::io:
      return "input or output failed";
  }
  return "unknown network error";
}

}  // namespace

const boost::system::error_category& net_category() {
  static const SentenceCategory category("net", sentence);
  return category;
}

Task<void> sleep_for(Env& env, Duration duration) {
  const auto timer = env.make_timer(co_await boost::asio::this_coro::executor);
  co_await timer->wait(duration);
}

}  // namespace postern::net
