#include "net/tls_session.hpp"

#include "net/address.hpp"
#include "net/certificate.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <climits>

namespace postern::net {
namespace {

constexpr std::size_t contexts_max = 256;     // sets of extra CAs kept for the next connection
constexpr std::size_t first_words_max = 120;  // of a peer that does not speak TLS
constexpr int chain_max = 16;                 // certificates told in TlsFacts

std::string last_openssl_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

// How many of the PEM certificates in `pem` were added, none when one cannot be read.
int add_certificates(X509_STORE* store, const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all);
  int added = 0;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    added += X509_STORE_add_cert(store, certificate);
    X509_free(certificate);
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return at_end ? added : 0;
}

Result<std::shared_ptr<SSL_CTX>> make_context(const std::optional<std::string>& ca_pem) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (!context) return Error{errc::io, last_openssl_error()};
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(),
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_default_verify_paths(context.get());  // honours SSL_CERT_FILE
  ERR_clear_error();
  if (!ca_pem) return context;
  X509_STORE* store = SSL_CTX_get_cert_store(context.get());
  if (add_certificates(store, *ca_pem) == 0) {
    return Error{errc::bad_ca, "ca_pem holds no readable certificate"};
  }
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);  // an intermediate may be the anchor
  return context;
}

errc certificate_code(long verify_result) {
  if (verify_result == X509_V_ERR_CERT_HAS_EXPIRED ||
      verify_result == X509_V_ERR_CERT_NOT_YET_VALID) {
    return errc::certificate_expired;
  }
  if (verify_result == X509_V_ERR_HOSTNAME_MISMATCH ||
      verify_result == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    return errc::certificate_name;
  }
  return errc::certificate_untrusted;
}

std::string printable_words(std::string_view bytes) {
  std::string words;
  for (const char c : bytes) {
    if (c == '\r' || c == '\n') break;
    words += c >= ' ' && c < '\x7f' ? c : '.';
  }
  return words;
}

}  // namespace

Result<std::shared_ptr<SSL_CTX>> TlsContexts::get(const std::optional<std::string>& ca_pem) {
  if (ca_pem && ca_pem->size() > INT_MAX) return Error{errc::bad_ca, "ca_pem is too large"};
  const std::string key = ca_pem.value_or("");
  const std::lock_guard lock(mutex_);
  if (const auto found = contexts_.find(key); found != contexts_.end()) return found->second;
  POSTERN_TRY(auto context, make_context(ca_pem));
  certificates_.serve(*context);
  if (contexts_.size() >= contexts_max) contexts_.clear();  // rare; those in use live on
  contexts_.emplace(key, context);
  return context;
}

struct TlsSession::State {
  std::shared_ptr<SSL_CTX> context;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, SSL_free};
  int fd = -1;
  std::optional<std::string> pin;
  bool peer_spoke = false;
  bool broken = false;  // after a fatal error OpenSSL wants no further call, not even the good-bye

  Step failed(int result);
  Step handshake_failure();
  Step check_pin();
  std::optional<Error> peek_first_words();
};

TlsSession::TlsSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsSession::~TlsSession() = default;

Result<std::unique_ptr<TlsSession>> TlsSession::make(TlsContexts& contexts, int fd,
                                                     std::string host, const TlsPolicy& policy) {
  auto state = std::make_unique<State>();
  POSTERN_TRY(state->context, contexts.get(policy.ca_pem));
  state->ssl.reset(SSL_new(state->context.get()));
  SSL* ssl = state->ssl.get();
  if (ssl == nullptr || SSL_set_fd(ssl, fd) != 1) return Error{errc::io, last_openssl_error()};
  state->fd = fd;
  state->pin = policy.pinned_sha256;
  SSL_set_connect_state(ssl);
  X509_VERIFY_PARAM* param = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (const auto address = parse_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(param, to_string(*address).c_str());
  } else {
    if (!host.empty() && host.back() == '.') host.pop_back();
    if (host.empty() || X509_VERIFY_PARAM_set1_host(param, host.c_str(), host.size()) != 1 ||
        SSL_set_tlsext_host_name(ssl, host.c_str()) != 1) {
      ERR_clear_error();
      return Error{errc::certificate_name, "no certificate can be for this host name"};
    }
  }
  const bool by_chain = policy.verify && !policy.pinned_sha256;
  SSL_set_verify(ssl, by_chain ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  return std::unique_ptr<TlsSession>(new TlsSession(std::move(state)));
}

Result<std::unique_ptr<TlsSession>> TlsSession::make_server(std::shared_ptr<SSL_CTX> context,
                                                            int fd) {
  auto state = std::make_unique<State>();
  state->context = std::move(context);
  state->ssl.reset(SSL_new(state->context.get()));
  SSL* ssl = state->ssl.get();
  if (ssl == nullptr || SSL_set_fd(ssl, fd) != 1) return Error{errc::io, last_openssl_error()};
  state->fd = fd;
  SSL_set_accept_state(ssl);
  return std::unique_ptr<TlsSession>(new TlsSession(std::move(state)));
}

// RFC 8446 §5.1: what a TLS peer says begins with the type of a record. Any type will do: its hello
// may have come between this look and OpenSSL's own, so that the next look meets what follows it.
bool begins_a_record(char byte) {
  return byte >= SSL3_RT_CHANGE_CIPHER_SPEC && byte <= SSL3_RT_APPLICATION_DATA;
}

std::optional<Error> TlsSession::State::peek_first_words() {
  std::array<char, first_words_max> bytes{};
  const auto count = recv(fd, bytes.data(), bytes.size(), MSG_PEEK);
  if (count <= 0) return std::nullopt;
  peer_spoke = true;
  if (begins_a_record(bytes[0])) return std::nullopt;
  const auto words = printable_words({bytes.data(), static_cast<std::size_t>(count)});
  return Error{errc::tls_not_spoken, "the peer said: " + words};
}

Step TlsSession::State::failed(int result) {
  const int system_error = errno;
  switch (SSL_get_error(ssl.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Step::wait_for(Step::Kind::want_read);
    case SSL_ERROR_WANT_WRITE:
      return Step::wait_for(Step::Kind::want_write);
    case SSL_ERROR_ZERO_RETURN:
      return Step::fail({errc::closed, ""});
    case SSL_ERROR_SYSCALL:
      broken = true;
      ERR_clear_error();
      if (system_error == 0) return Step::fail({errc::closed, "without a TLS good-bye"});
      return Step::fail(
          {errc::reset, error_code(system_error, boost::system::system_category()).message()});
    default:
      break;
  }
  broken = true;
  if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    ERR_clear_error();
    return Step::fail({errc::closed, "without a TLS good-bye"});
  }
  return Step::fail({errc::tls_handshake, last_openssl_error()});
}

Step TlsSession::State::handshake_failure() {
  if (ERR_GET_REASON(ERR_peek_error()) != SSL_R_CERTIFICATE_VERIFY_FAILED) {
    return Step::fail({errc::tls_handshake, last_openssl_error()});
  }
  const long verify_result = SSL_get_verify_result(ssl.get());
  ERR_clear_error();
  std::string detail = X509_verify_cert_error_string(verify_result);
  const STACK_OF(X509)* chain = SSL_get0_verified_chain(ssl.get());
  if (chain != nullptr && sk_X509_num(chain) > 0) {
    detail += " (" + describe(*sk_X509_value(chain, 0)) + ")";
  }
  return Step::fail({certificate_code(verify_result), std::move(detail)});
}

Step TlsSession::State::check_pin() {
  if (!pin) return Step::moved(0);
  X509* leaf = SSL_get0_peer_certificate(ssl.get());
  if (leaf == nullptr) return Step::fail({errc::certificate_pin, "the peer showed no certificate"});
  const auto found = sha256_of(*leaf);
  if (found == *pin) return Step::moved(0);
  return Step::fail({errc::certificate_pin, "found " + found + " (" + describe(*leaf) + ")"});
}

Step TlsSession::handshake() {
  if (!state_->peer_spoke) {
    if (auto error = state_->peek_first_words()) return Step::fail(std::move(*error));
  }
  ERR_clear_error();
  errno = 0;
  const int result = SSL_do_handshake(state_->ssl.get());
  if (result == 1) return state_->check_pin();
  const bool protocol_error =
      SSL_get_error(state_->ssl.get(), result) == SSL_ERROR_SSL &&
      ERR_GET_REASON(ERR_peek_error()) != SSL_R_UNEXPECTED_EOF_WHILE_READING;
  if (!protocol_error) return state_->failed(result);
  state_->broken = true;
  return state_->handshake_failure();
}

Step TlsSession::read(std::span<char> buffer) {
  if (state_->broken) return Step::fail({errc::reset, "the TLS session is broken"});
  ERR_clear_error();
  errno = 0;
  std::size_t count = 0;
  const int result = SSL_read_ex(state_->ssl.get(), buffer.data(), buffer.size(), &count);
  return result == 1 ? Step::moved(count) : state_->failed(result);
}

Step TlsSession::write(std::string_view bytes) {
  if (state_->broken) return Step::fail({errc::reset, "the TLS session is broken"});
  ERR_clear_error();
  errno = 0;
  std::size_t count = 0;
  const int result = SSL_write_ex(state_->ssl.get(), bytes.data(), bytes.size(), &count);
  return result == 1 ? Step::moved(count) : state_->failed(result);
}

void TlsSession::shut_down() noexcept {
  if (state_->broken || SSL_is_init_finished(state_->ssl.get()) == 0) return;
  SSL_shutdown(state_->ssl.get());
  ERR_clear_error();
}

TlsFacts TlsSession::facts() const {
  TlsFacts facts;
  const SSL* ssl = state_->ssl.get();
  facts.version = SSL_get_version(ssl);
  X509* leaf = SSL_get0_peer_certificate(ssl);
  if (leaf == nullptr) return facts;
  facts.subject = subject_of(*leaf);
  facts.issuer = issuer_of(*leaf);
  facts.not_after = not_after_of(*leaf);
  facts.sha256 = sha256_of(*leaf);
  const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(ssl);
  for (int i = 0; chain != nullptr && i < sk_X509_num(chain) && i < chain_max; ++i) {
    facts.chain.push_back(subject_of(*sk_X509_value(chain, i)));
  }
  return facts;
}

}  // namespace postern::net
