// SecretKeys: the keys that a process has read. It holds one; a rotation by another process makes
// it read the file again, the first time it meets a secret of a key it does not know.
#pragma once

#include "storage/secret_box.hpp"

#include <map>
#include <memory>
#include <mutex>

namespace postern::storage {

/// From any thread; copies share the same keys.
class SecretKeys {
 public:
  /// What is sealed while the database names no key is sealed with the key `standard` names, one
  /// of `keys`.
  SecretKeys(const std::vector<Secret>& keys, std::string standard, std::string path);

  const std::string& standard() const { return ring_->standard; }

  /// The box of this key. Errors: key_missing (nor does the file hold it), as read_key_file.
  Result<SecretBox> of(const std::string& key_id) const;

 private:
  struct Ring {
    std::mutex guard;
    std::map<std::string, SecretBox> boxes;  // by their keys' ids; never fewer
    std::string standard, path;
    void add(const std::vector<Secret>& keys);
  };
  std::shared_ptr<Ring> ring_;  // shared by all copies: writer and readers
};

}  // namespace postern::storage
