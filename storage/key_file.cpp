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

namespace postern::storage {
namespace {

constexpr std::uint64_t key_file_bytes_max = 1024;

std::optional<std::string> decode(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  auto key = text.size() == 2 * key_bytes ? from_hex(text) : from_base64(text);
  if (key && key->size() != key_bytes) key.reset();
  return key;
}

}  // namespace

Result<std::optional<Secret>> read_key_file(const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) {
    if (errno == ENOENT) return std::optional<Secret>();
    return system_error("stat", path);
  }
  if ((facts.st_mode & 077) != 0) {
    return Error{errc::key_file_mode, "key file " + path +
                                          ": make it readable by its owner alone "
                                          "(chmod 600 " +
                                          path + ")"};
  }
  POSTERN_TRY(const auto text, read_whole(path, key_file_bytes_max));
  auto key = decode(text);
  if (!key) {
    return Error{errc::corrupt, "key file " + path +
                                    " does not hold a key: 32 bytes in base 64 or "
                                    "hexadecimal"};
  }
  return std::optional<Secret>(Secret(std::move(*key)));
}

Result<Secret> make_key_file(const std::string& path) {
  std::string key(key_bytes, '\0');
  POSTERN_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), key_bytes) == 1);
  const auto fresh = path + ".new";
  ::unlink(fresh.c_str());  // of a start that ended early
  {
    POSTERN_TRY(const auto file, open_file(fresh, O_WRONLY | O_CREAT | O_EXCL, 0600));
    POSTERN_TRY(write_whole(file, to_base64(key) + "\n", fresh));
    POSTERN_TRY(sync_file(file, fresh));
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) return system_error("rename", fresh);
  POSTERN_TRY(sync_directory(parent_directory(path)));
  return Secret(std::move(key));
}

}  // namespace postern::storage
