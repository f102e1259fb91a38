// HTTPS, with a certificate made for the test.
#include "unit/web/api_fixture.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <cstdio>

namespace postern::web::test {
namespace {

namespace asio = boost::asio;

/// A key and its certificate, as PEM files.
void write_pair(const std::string& certificate_file, const std::string& key_file) {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  EXPECT_GT(X509_sign(certificate, key, EVP_sha256()), 0);
  std::FILE* file = std::fopen(certificate_file.c_str(), "w");
  EXPECT_EQ(1, PEM_write_X509(file, certificate));
  std::fclose(file);
  file = std::fopen(key_file.c_str(), "w");
  EXPECT_EQ(1, PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr));
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

class TlsServer : public ApiTest {
 protected:
  ServerOptions options(const std::string& certificate, const std::string& key) {
    ServerOptions result;
    result.tls_certificate = (folder_ / certificate).string();
    result.tls_key = (folder_ / key).string();
    return result;
  }
};

TEST_F(TlsServer, Answers_over_tls_and_marks_its_cookies_secure) {
  write_pair((folder_ / "a.pem").string(), (folder_ / "a.key").string());
  restart(options("a.pem", "a.key"));
  asio::io_context io;
  asio::ssl::context context(asio::ssl::context::tls_client);
  asio::ssl::stream<asio::ip::tcp::socket> stream(io, context);
  stream.next_layer().connect({asio::ip::address_v4::loopback(), port()});
  stream.handshake(asio::ssl::stream_base::client);
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

  asio::write(stream, asio::buffer(request));
  std::string answer;
  boost::system::error_code ec;
  asio::read(stream, asio::dynamic_buffer(answer), ec);

  EXPECT_EQ(0u, answer.find("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_EQ(ec, asio::error::eof) << "the end is told by TLS: " << ec.message();
}

TEST_F(TlsServer, Drops_a_client_that_does_not_shake_hands) {
  write_pair((folder_ / "a.pem").string(), (folder_ / "a.key").string());
  auto with = options("a.pem", "a.key");
  with.limits.handshake = Duration(200);
  restart(with);
  HttpConnection silent(port());
  HttpConnection plain(port());
  plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_TRUE(plain.ended());
  EXPECT_TRUE(silent.ended());
}

TEST_F(TlsServer, Says_when_the_key_is_another_ones) {
  write_pair((folder_ / "a.pem").string(), (folder_ / "a.key").string());
  write_pair((folder_ / "b.pem").string(), (folder_ / "b.key").string());
  auto with = options("a.pem", "b.key");
  with.listen = "127.0.0.1:0";
  Server server(with, fake_gateway(), store(), env_);

  const auto started = server.start();

  ASSERT_FALSE(started);
  EXPECT_NE(std::string::npos, started.error().detail.find("b.key"));
}

}  // namespace
}  // namespace postern::web::test
