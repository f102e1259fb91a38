// See secret_box.hpp.
#include "storage/secret_box.hpp"

#include "core/hex.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>

namespace postern::storage {
namespace {

constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
constexpr std::size_t key_id_bytes = 8;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* raw(std::string& bytes, std::size_t offset = 0) {
  return reinterpret_cast<unsigned char*>(bytes.data()) + offset;
}

// No part can be mistaken for another: table and field are words of ours without a line feed.
std::string associated_data(const SecretPlace& place) {
  std::string data(place.table);
  data += '\n';
  data += std::to_string(place.row);
  data += '\n';
  data += place.field;
  return data;
}

std::string identify(std::string_view key) {
  const std::string labelled = "postern key id" + std::string(key);
  unsigned char hash[EVP_MAX_MD_SIZE];
  POSTERN_ASSERT(
      EVP_Digest(labelled.data(), labelled.size(), hash, nullptr, EVP_sha256(), nullptr) == 1);
  return to_hex(std::string_view(reinterpret_cast<const char*>(hash), key_id_bytes));
}

}  // namespace

SecretBox::SecretBox(Secret key) : key_(std::move(key)), key_id_(identify(key_.reveal())) {
  POSTERN_ASSERT(key_.reveal().size() == key_bytes);
}

std::string SecretBox::seal(const Secret& secret, const SecretPlace& place) const {
  const auto text = secret.reveal();
  const auto bound = associated_data(place);
  std::string box(nonce_bytes + text.size() + tag_bytes, '\0');
  const Context context(EVP_CIPHER_CTX_new());
  int count = 0;
  bool well = RAND_bytes(raw(box), nonce_bytes) == 1;
  well = well && EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, raw(key_.reveal()),
                                    raw(box)) == 1;
  well = well && EVP_EncryptUpdate(context.get(), nullptr, &count, raw(bound),
                                   static_cast<int>(bound.size())) == 1;
  well = well && EVP_EncryptUpdate(context.get(), raw(box, nonce_bytes), &count, raw(text),
                                   static_cast<int>(text.size())) == 1;
  const auto end = nonce_bytes + text.size();
  well = well && EVP_EncryptFinal_ex(context.get(), raw(box, end), &count) == 1;
  well = well &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes, raw(box, end)) == 1;
  POSTERN_ASSERT(well);
  return box;
}

Result<Secret> SecretBox::open(std::string_view box, const SecretPlace& place) const {
  const Error broken{errc::corrupt, "the stored secret of " + std::string(place.table) + " " +
                                        std::to_string(place.row) + " (" +
                                        std::string(place.field) +
                                        ") does not open: changed, moved, or another key"};
  if (box.size() < nonce_bytes + tag_bytes) return broken;
  const auto bound = associated_data(place);
  const auto text = box.substr(nonce_bytes, box.size() - nonce_bytes - tag_bytes);
  std::string tag(box.substr(box.size() - tag_bytes));
  std::string opened(text.size(), '\0');
  const Context context(EVP_CIPHER_CTX_new());
  int count = 0;
  bool well = EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, raw(key_.reveal()),
                                 raw(box)) == 1;
  well = well && EVP_DecryptUpdate(context.get(), nullptr, &count, raw(bound),
                                   static_cast<int>(bound.size())) == 1;
  well = well && EVP_DecryptUpdate(context.get(), raw(opened), &count, raw(text),
                                   static_cast<int>(text.size())) == 1;
  well = well && EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, raw(tag)) == 1;
  unsigned char rest[tag_bytes];
  well = well && EVP_DecryptFinal_ex(context.get(), rest, &count) == 1;
  if (!well) return broken;
  return Secret(std::move(opened));
}

}  // namespace postern::storage
