// SecretBox: seals secrets with AES-256-GCM, each bound to the row and field it stands in, so that
// a box moved to another row does not open. The key's file is made at the first start.
#pragma once

#include "core/secret.hpp"
#include "storage/chance.hpp"
#include "storage/errc.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::storage {

/// Where a secret stands; part of what the seal proves.
struct SecretPlace {
  std::string_view table;
  std::int64_t row = 0;
  std::string_view field;
};

constexpr std::size_t key_bytes = 32;

class SecretBox {
 public:
  /// `key` holds key_bytes bytes.
  explicit SecretBox(Secret key);

  /// Names the key without telling it: the beginning of a hash of it. Stored beside each box.
  const std::string& key_id() const { return key_id_; }

  /// Nonce (12 bytes, random), ciphertext, tag (16 bytes). Source: NIST SP 800-38D.
  std::string seal(const Secret& secret, const SecretPlace& place) const;

  /// Errors: corrupt (changed, moved from another place, or sealed with another key).
  Result<Secret> open(std::string_view box, const SecretPlace& place) const;

 private:
  Secret key_;
  std::string key_id_;
};

/// The keys in the file, each on a line of its own, base 64 or hexadecimal: one, or two when a
/// rotation was cut off; none when there is no file.
/// Errors: key_file_mode (group or others have any right to it), corrupt (not a key), io.
Result<std::vector<Secret>> read_key_file(const std::string& path);

/// Puts a file with these keys in the place of `path`, mode 0600, owned by who owned the former
/// one. When it returns, file and folder are on the disk; on an error the former one is untouched.
/// Errors: io, disk_full.
Result<void> write_key_file(const std::string& path, const std::vector<Secret>& keys);

/// 32 bytes of chance.
Secret make_key();

/// A new key, in a new file. Errors: as write_key_file.
Result<Secret> make_key_file(const std::string& path);

}  // namespace postern::storage
