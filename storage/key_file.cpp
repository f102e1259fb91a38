// The key's file, see secret_box.hpp. It is written under another name and renamed, so that a
// crash never leaves half a key.
#include "core/base64.hpp"
#include "core/hex.hpp"
#include "storage/file.hpp"
#include "storage/secret_box.hpp"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace postern::storage {
namespace {

constexpr std::uint64_t key_file_bytes_max = 1024;
constexpr mode_t rights_of_others = 077;
constexpr mode_t group_may_read = 040;

std::optional<std::string> decode(std::string_view text) {
  auto key = text.size() == 2 * key_bytes ? from_hex(text) : from_base64(text);
  if (key && key->size() != key_bytes) key.reset();
  return key;
}

/// Nothing: a line is no key.
std::vector<Secret> decode_lines(std::string_view text) {
  std::vector<Secret> keys;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
    if (line.empty()) continue;
    auto key = decode(line);
    if (!key) return {};
    keys.emplace_back(std::move(*key));
  }
  return keys;
}

/// systemd gives a unit's credentials to its user by an access list where the file system has
/// them; the list's mask then stands where the group's rights do.
bool is_credential(const std::string& path) {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  return folder != nullptr && *folder != '\0' && path.starts_with(std::string(folder) + "/");
}

}  // namespace

Result<std::vector<Secret>> read_key_file(const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) {
    if (errno == ENOENT) return std::vector<Secret>();
    return system_error("stat", path);
  }
  const mode_t refused =
      is_credential(path) ? rights_of_others & ~group_may_read : rights_of_others;
  if ((facts.st_mode & refused) != 0) {
    return Error{errc::key_file_mode, "key file " + path +
                                          ": make it readable by its owner alone "
                                          "(chmod 600 " +
                                          path + ")"};
  }
  POSTERN_TRY(const auto text, read_whole(path, key_file_bytes_max));
  auto keys = decode_lines(text);
  if (keys.empty()) {
    return Error{errc::corrupt, "key file " + path +
                                    " does not hold a key: 32 bytes in base 64 or "
                                    "hexadecimal"};
  }
  return keys;
}

Result<void> write_key_file(const std::string& path, const std::vector<Secret>& keys) {
  std::error_code unresolved;  // a link is followed, not replaced; what is not there is made
  auto place = std::filesystem::weakly_canonical(path, unresolved).string();
  if (unresolved) place = path;
  const auto fresh = place + ".new";
  ::unlink(fresh.c_str());  // of a start that ended early
  {
    POSTERN_TRY(const auto file, open_file(fresh, O_WRONLY | O_CREAT | O_EXCL, 0600));
    struct stat former {};
    // Root may rotate what another user serves with.
    if (::stat(place.c_str(), &former) == 0 && former.st_uid != ::geteuid() &&
        ::fchown(file.number(), former.st_uid, former.st_gid) != 0) {
      return system_error("chown", fresh);
    }
    std::string text;
    for (const auto& key : keys) text += to_base64(key.reveal()) + "\n";
    POSTERN_TRY(write_whole(file, text, fresh));
    POSTERN_TRY(sync_file(file, fresh));
  }
  if (::rename(fresh.c_str(), place.c_str()) != 0) return system_error("rename", fresh);
  return sync_directory(parent_directory(place));
}

Secret make_key() {
  std::string key(key_bytes, '\0');
  POSTERN_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), key_bytes) == 1);
  return Secret(std::move(key));
}

Result<Secret> make_key_file(const std::string& path) {
  auto key = make_key();
  POSTERN_TRY(write_key_file(path, {key}));
  return key;
}

}  // namespace postern::storage
