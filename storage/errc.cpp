// The sentences of storage's error codes.
#include "storage/errc.hpp"

namespace postern::storage {
namespace {

const char* sentence(int value) {
  switch (static_cast<errc>(value)) {
    case errc::not_found:
      return "there is no such row";
    case errc::name_taken:
      return "the name is taken";
    case errc::version_mismatch:
      return "it was changed by someone else in the meantime";
    case errc::key_in_use:
      return "the idempotency key was used with another body";
    case errc::key_running:
      return "the first request with this idempotency key is still running";
    case errc::wrong_state:
      return "its state does not allow this";
    case errc::disk_full:
      return "the disk is full";
    case errc::busy:
      return "the store is busy";
    case errc::corrupt:
      return "stored data is damaged";
    case errc::schema_too_new:
      return "the database was written by a later version";
    case errc::key_missing:
      return "secrets are stored, but the key file is missing";
    case errc::key_file_mode:
      return "others than the owner may read the key file";
    case errc::bad_cursor:
      return "the cursor is not one of this list";
    case errc::io:
      return "the disk or the operating system refused";
    case errc::stopped:
      return "it was stopped before its end";
  }
  return "unknown storage error";
}

constexpr SentenceCategory category("storage", sentence);

}  // namespace

const boost::system::error_category& storage_category() {
  return category;
}

}  // namespace postern::storage
