// See provider_book.hpp.
#include "flows/provider_book.hpp"

#include "oauth/provider_json.hpp"
#include "oauth/providers.hpp"
#include "storage/errc.hpp"

#include <boost/json/parse.hpp>

namespace postern::flows {

Result<oauth::Provider> read_provider(const storage::ProviderRow& row) {
  boost::system::error_code malformed;
  const auto json = boost::json::parse(row.definition, malformed);
  if (malformed) return Error{storage::errc::corrupt, "provider " + row.id + " is no JSON"};
  auto read = oauth::parse_provider(json);
  if (const auto* problems = std::get_if<FieldProblems>(&read)) {
    return Error{storage::errc::corrupt, "provider " + row.id + ": " + problems->front().pointer +
                                             " " + problems->front().detail};
  }
  return std::get<oauth::Provider>(std::move(read));
}

net::Task<Result<oauth::Provider>> provider_named(storage::Store& store, std::string id) {
  if (const auto* known = oauth::known_provider(id)) co_return *known;
  POSTERN_CO_TRY(const auto row, co_await store.providers().find(id));
  if (!row) co_return Error{storage::errc::not_found, "provider " + id};
  co_return read_provider(*row);
}

}  // namespace postern::flows
