// Rows as each schema had them, in the SQL of their time: what a database that was left alone since
// may hold. A migration with a new table gets a row here.
#pragma once

#include <limits>
#include <span>
#include <string_view>

namespace postern::storage {

inline constexpr int newest_of_all = std::numeric_limits<int>::max();

/// Up to here every table has a row; to be raised with each migration that makes one.
inline constexpr int schema_with_rows = 28;

/// `sql` fits a database of the schemas from `since` on, before `until`.
struct RowsOf {
  int since = 0, until = newest_of_all;
  const char* sql = nullptr;
};
std::span<const RowsOf> rows_of_each_schema();

/// The key that their secrets were sealed with (bytes 0 to 31), as a key file holds it.
inline constexpr std::string_view key_of_rows = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
inline constexpr std::string_view password_of_rows = "open sesame";  // of the integration, incoming

/// A large mail's spool file that a row names, and its bytes; from schema 1 on.
inline constexpr std::string_view spool_file_of_rows = "aafixture";
inline constexpr std::string_view spooled_mail_of_rows =
    "From: ann@example.com\r\nMessage-ID: <13@example.com>\r\nSubject: Mail 13\r\n\r\nHello\r\n";

}  // namespace postern::storage
