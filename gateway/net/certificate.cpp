#include "net/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <array>
#include <ctime>
#include <memory>

namespace postern::net {
namespace {

constexpr std::size_t name_bytes_max = 256;
constexpr int names_max = 8;

std::string text_of(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
  if (!bio || name == nullptr) return {};
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  if (size <= 0) return {};
  return {data, std::min(static_cast<std::size_t>(size), name_bytes_max)};
}

Instant instant_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return Instant(std::chrono::seconds(timegm(&parts)));
}

std::string printable(std::string_view text) {
  std::string result;
  for (const char c : text.substr(0, name_bytes_max)) result += c > ' ' && c < '\x7f' ? c : '?';
  return result;
}

// The DNS names it is for, or its addresses as dotted text.
std::string names_of(X509& certificate) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  std::string result;
  if (!names) return result;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()) && i < names_max; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) {
      const auto* text = ASN1_STRING_get0_data(name->d.dNSName);
      const auto size = static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName));
      result += " " + printable({reinterpret_cast<const char*>(text), size});
    } else if (name->type == GEN_IPADD) {
      const int size = ASN1_STRING_length(name->d.iPAddress);
      std::array<char, INET6_ADDRSTRLEN> text{};
      inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(name->d.iPAddress),
                text.data(), text.size());
      if (size == 4 || size == 16) result += " " + std::string(text.data());
    }
  }
  return result;
}

}  // namespace

std::string subject_of(X509& certificate) {
  return text_of(X509_get_subject_name(&certificate));
}

std::string issuer_of(X509& certificate) {
  return text_of(X509_get_issuer_name(&certificate));
}

Instant not_after_of(X509& certificate) {
  return instant_of(X509_get0_notAfter(&certificate));
}

std::string sha256_of(X509& certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    constexpr char digits[] = "0123456789abcdef";
    hex += digits[digest[i] >> 4];
    hex += digits[digest[i] & 15];
  }
  return hex;
}

std::string describe(X509& certificate) {
  auto text = "subject " + subject_of(certificate) + ", issuer " + issuer_of(certificate) +
              ", valid " + to_rfc3339(instant_of(X509_get0_notBefore(&certificate))) + " to " +
              to_rfc3339(not_after_of(certificate));
  if (const auto names = names_of(certificate); !names.empty()) text += ", names" + names;
  return text;
}

}  // namespace postern::net
