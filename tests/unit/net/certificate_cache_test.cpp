// Certificates shared by sessions, against real servers on loopback.
#include "net/certificate_cache.hpp"
#include "unit/net/loopback.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

namespace postern::net {
namespace {

using testing::Authority;
using testing::Identity;
using testing::Server;

Server::Part speaks_tls(const Identity& identity) {
  return [identity](int fd) {
    const auto ssl = testing::accept_tls(fd, identity);
    if (ssl) testing::wait_for_end(fd);
  };
}

/// A session that has shaken hands, or tried to.
class Client {
 public:
  Client(SSL_CTX& context, const Server& server) : ssl_(SSL_new(&context), SSL_free) {
    fd_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    SSL_set_fd(ssl_.get(), fd_);
    well_ = SSL_connect(ssl_.get()) == 1;
  }
  ~Client() { close(fd_); }

  bool well() const { return well_; }
  const X509* leaf() const { return SSL_get0_peer_certificate(ssl_.get()); }
  long verify_result() const { return SSL_get_verify_result(ssl_.get()); }

 private:
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  int fd_ = -1;
  bool well_ = false;
};

struct SharedCertificates : ::testing::Test {
  // Who writes to a session that has ended is told by the call.
  static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }

  std::shared_ptr<SSL_CTX> context(CertificateCache& cache, bool trusting = true) const {
    std::shared_ptr<SSL_CTX> made(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, nullptr);
    const auto pem = authority.pem();
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all);
    X509* root = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr);
    if (trusting) X509_STORE_add_cert(SSL_CTX_get_cert_store(made.get()), root);
    X509_free(root);
    cache.serve(*made);
    return made;
  }
  Authority authority{"Test CA"};
};

TEST_F(SharedCertificates, Are_the_same_object_in_each_session) {
  CertificateCache cache;
  Server server(speaks_tls(authority.issue("good.test")));
  const auto made = context(cache);
  const X509* first = nullptr;
  {
    const Client client(*made, server);
    ASSERT_TRUE(client.well());
    first = client.leaf();
  }
  const Client client(*made, server);

  ASSERT_TRUE(client.well());
  EXPECT_NE(first, nullptr);
  EXPECT_EQ(client.leaf(), first);
  EXPECT_EQ(client.verify_result(), X509_V_OK);
}

TEST_F(SharedCertificates, Are_verified_by_each_session_for_itself) {
  CertificateCache cache;
  Server server(speaks_tls(authority.issue("good.test")));
  {
    const Client client(*context(cache), server);
    EXPECT_TRUE(client.well());
  }
  const Client client(*context(cache, false), server);

  EXPECT_FALSE(client.well());
  EXPECT_NE(client.verify_result(), X509_V_OK);
}

TEST_F(SharedCertificates, Of_more_servers_than_are_kept_are_read_anew) {
  CertificateCache cache(1);
  Server one(speaks_tls(authority.issue("one.test")));
  Server two(speaks_tls(authority.issue("two.test")));
  const auto made = context(cache);

  for (const auto* server : {&one, &two, &one, &two}) {
    const Client client(*made, *server);
    EXPECT_TRUE(client.well());
    EXPECT_NE(client.leaf(), nullptr);
  }
}

}  // namespace
}  // namespace postern::net
