// Our certificate: loaded, and held against its key.
#include "net/server_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace postern::net {
namespace {

Error unusable(const std::string& file, const char* what) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return {errc::bad_ca, file + " " + what + (reason == nullptr ? "" : std::string(": ") + reason)};
}

}  // namespace

Result<std::shared_ptr<const ServerTls>> ServerTls::load(const std::string& certificate_file,
                                                         const std::string& key_file) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) return Error{errc::io, "OpenSSL has no context for us"};
  SSL_CTX* raw = context.get();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);  // RFC 8314 §4
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                               SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(raw, 0);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(raw, certificate_file.c_str()) != 1) {
    return unusable(certificate_file, "is no readable certificate (PEM)");
  }
  if (SSL_CTX_use_PrivateKey_file(raw, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return unusable(key_file, "is no readable key (PEM) of that certificate");
  }
  if (SSL_CTX_check_private_key(raw) != 1) {
    return unusable(key_file, "is not the key of that certificate");
  }
  return std::shared_ptr<const ServerTls>(new ServerTls(std::move(context)));
}

}  // namespace postern::net
