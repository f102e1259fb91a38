// What a certificate says, in words for people. Foreign text: bounded, control characters escaped.
#pragma once

#include "core/time.hpp"

#include <openssl/types.h>

#include <string>

namespace postern::net {

std::string subject_of(X509& certificate);
std::string issuer_of(X509& certificate);
Instant not_after_of(X509& certificate);
std::string sha256_of(X509& certificate);  // of its DER, lower-case hex

/// "subject CN=a, issuer CN=b, valid 2026-01-01T00:00:00.000Z to …, names a.test b.test"
std::string describe(X509& certificate);

}  // namespace postern::net
