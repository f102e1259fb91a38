// See sessions.hpp.
#include "web/sessions.hpp"

#include "core/utf8.hpp"
#include "web/token.hpp"

namespace postern::web {
namespace {

constexpr std::size_t id_bytes = 32;

}  // namespace

net::Task<Result<OpenedSession>> open_session(storage::People& people, const Request& request,
                                              std::string person, Instant now) {
  OpenedSession opened;
  opened.id = random_text(id_bytes);
  opened.csrf_token = csrf_token_of(opened.id);
  storage::SessionRow row;
  row.person = std::move(person);
  row.created_at = now;
  row.ends_at = now + session_lifetime;
  row.address = request.client;
  if (const auto* agent = request.header("user-agent")) {
    row.agent = to_valid_utf8(std::string_view(*agent).substr(0, agent_bytes_max));
  }
  POSTERN_CO_TRY(opened.row, co_await people.open_session(std::move(row), sha256_hex(opened.id)));
  co_return opened;
}

std::string csrf_token_of(std::string_view session_id) {
  return sha256_hex("postern csrf token of " + std::string(session_id));
}

}  // namespace postern::web
