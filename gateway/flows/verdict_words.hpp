// What servers say only in words, or in codes that stand among them: that there are too many
// connections, that we ask too much. The one place of the flows where a server's words count, and
// they count for patience alone.
#pragma once

#include <string_view>

namespace postern::flows {

enum class Plea {
  none,
  fewer_connections,  // of us, or of all: another connection would be let in later
  patience,           // we asked too much, or too often
};

/// What the server asks for. `words` is an Error's detail: the response code, if any, and the text.
/// Source: RFC 5530 §3 (LIMIT), RFC 2449 §8.1.1 (LOGIN-DELAY); Dovecot, Gmail, Exchange, Yahoo.
Plea plea_in(std::string_view words);

}  // namespace postern::flows
