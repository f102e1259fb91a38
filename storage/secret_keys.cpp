// See secret_keys.hpp.
#include "storage/secret_keys.hpp"

namespace postern::storage {

void SecretKeys::Ring::add(const std::vector<Secret>& keys) {
  for (const auto& key : keys) {
    SecretBox box(key);
    boxes.emplace(box.key_id(), box);
  }
}

SecretKeys::SecretKeys(const std::vector<Secret>& keys, std::string standard, std::string path)
    : ring_(std::make_shared<Ring>()) {
  ring_->add(keys);
  ring_->standard = std::move(standard);
  ring_->path = std::move(path);
}

Result<SecretBox> SecretKeys::of(const std::string& key_id) const {
  const std::lock_guard lock(ring_->guard);
  if (const auto known = ring_->boxes.find(key_id); known != ring_->boxes.end()) {
    return known->second;
  }
  POSTERN_TRY(const auto keys, read_key_file(ring_->path));
  ring_->add(keys);
  if (const auto found = ring_->boxes.find(key_id); found != ring_->boxes.end()) {
    return found->second;
  }
  return Error{errc::key_missing, "the key that secrets are sealed with is not in " + ring_->path};
}

}  // namespace postern::storage
