#include "unit/net/loopback.hpp"

#include "core/result.hpp"
#include "net/address.hpp"
#include "net/certificate.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace postern::net::testing {
namespace {

std::shared_ptr<EVP_PKEY> make_key() {
  return {EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free};
}

void add_extension(X509* certificate, int nid, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  POSTERN_ASSERT(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

std::shared_ptr<X509> make_certificate(const std::string& name, const Validity& validity,
                                       EVP_PKEY* key) {
  static long serial = 0;
  std::shared_ptr<X509> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  X509_time_adj_ex(X509_getm_notBefore(certificate.get()), validity.from_days, 0, nullptr);
  X509_time_adj_ex(X509_getm_notAfter(certificate.get()), validity.to_days, 0, nullptr);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

}  // namespace

void run_to_end(Task<void> task, boost::asio::io_context& io) {
  Scope scope(io.get_executor());
  scope.spawn(std::move(task));
  finish(scope, io);
}

void finish(const Scope& scope, boost::asio::io_context& io) {
  io.restart();
  while (scope.running() > 0) io.run_one();
}

Server::Server(Part part) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  POSTERN_ASSERT(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  POSTERN_ASSERT(listen(listener_, 64) == 0);
  socklen_t size = sizeof address;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, part = std::move(part)] { serve(part); });
}

Server::~Server() {
  shutdown(listener_, SHUT_RDWR);
  if (const int fd = current_.exchange(-1); fd >= 0) shutdown(fd, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

void Server::serve(const Part& part) {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    ++connections_;
    current_ = fd;
    part(fd);
    current_ = -1;
    ::close(fd);
  }
}

void send_all(int fd, const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const auto count = send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;
    sent += static_cast<std::size_t>(count);
  }
}

std::string receive_all(int fd) {
  std::string all;
  std::array<char, 65536> buffer{};
  for (;;) {
    const auto count = recv(fd, buffer.data(), buffer.size(), 0);
    if (count <= 0) return all;
    all.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

void wait_for_end(int fd) {
  receive_all(fd);
}

std::string Identity::sha256() const {
  return sha256_of(*certificate);
}

Authority::Authority(const std::string& name) {
  root_.key = make_key();
  root_.certificate = make_certificate(name, Validity{-100, 1000}, root_.key.get());
  X509_set_issuer_name(root_.certificate.get(), X509_get_subject_name(root_.certificate.get()));
  add_extension(root_.certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(root_.certificate.get(), root_.key.get(), EVP_sha256());
}

std::string Authority::pem() const {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
  PEM_write_bio_X509(bio.get(), root_.certificate.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Identity Authority::issue(const std::string& host, Validity validity) const {
  Identity leaf;
  leaf.key = make_key();
  leaf.certificate = make_certificate(host, validity, leaf.key.get());
  X509_set_issuer_name(leaf.certificate.get(), X509_get_subject_name(root_.certificate.get()));
  add_extension(leaf.certificate.get(), NID_subject_alt_name,
                (parse_address(host) ? "IP:" : "DNS:") + host);
  X509_sign(leaf.certificate.get(), root_.key.get(), EVP_sha256());
  return leaf;
}

std::shared_ptr<SSL> accept_tls(int fd, const Identity& identity) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()),
                                                                  SSL_CTX_free);
  SSL_CTX_use_certificate(context.get(), identity.certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), identity.key.get());
  std::shared_ptr<SSL> ssl(SSL_new(context.get()), SSL_free);
  SSL_set_fd(ssl.get(), fd);
  return SSL_accept(ssl.get()) == 1 ? ssl : nullptr;
}

void send_all(SSL& ssl, const std::string& bytes) {
  SSL_write(&ssl, bytes.data(), static_cast<int>(bytes.size()));
}

std::string receive_some(SSL& ssl) {
  std::array<char, 65536> buffer{};
  const int count = SSL_read(&ssl, buffer.data(), static_cast<int>(buffer.size()));
  return count > 0 ? std::string(buffer.data(), static_cast<std::size_t>(count)) : "";
}

}  // namespace postern::net::testing
