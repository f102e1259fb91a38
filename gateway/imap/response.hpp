// One response of the server as a value. RFC 9051 §7, RFC 3501 §7, RFC 4731, RFC 7162.
#pragma once

#include "imap/fetch.hpp"
#include "imap/mailbox_name.hpp"
#include "imap/number_set.hpp"
#include "imap/status.hpp"
#include "imap/steps.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace postern::imap {

struct Continuation {
  std::string text;  // behind "+" and its space, which some servers leave out
};

struct Tagged {
  std::string tag;
  Status status;
};

struct CapabilityList {
  std::vector<std::string> names;
};

struct Exists {
  std::uint32_t count = 0;
};

struct Recent {
  std::uint32_t count = 0;
};

struct Expunged {
  std::uint32_t sequence = 0;
};

struct Vanished {
  bool earlier = false;
  NumberSet uids;
};

struct FlagsList {
  std::vector<std::string> flags;
};

struct SearchResult {
  NumberSet numbers;
  bool by_uid = false;  // ESEARCH said UID; a plain SEARCH does not say
};

/// The answer to ENABLE. RFC 5161.
struct EnabledList {
  std::vector<std::string> names;
};

/// The answer to ID: fields and their values, those that are NIL left out. RFC 2971.
struct ServerId {
  static constexpr std::size_t fields_max = 30;
  std::vector<std::pair<std::string, std::string>> fields;
};

struct NamespaceLists {
  static constexpr std::size_t names_max = 64;  // in a list; more are ignored
  std::vector<Namespace> personal, other_users, shared;
};

/// An untagged response we have no use for: LSUB, QUOTA, …
struct OtherResponse {
  std::string name;
};

using Response =
    std::variant<Continuation, Tagged, Status, CapabilityList, Exists, Recent, Expunged, Vanished,
                 FlagsList, ListedFolder, FolderStatus, SearchResult, FetchResponse, EnabledList,
                 ServerId, NamespaceLists, OtherResponse>;

/// Parses one WholeResponse's text; an untagged status comes as Status.
///
/// response = continue-req / response-data / response-tagged. Unknown untagged responses are
/// OtherResponse, known ones must be right. Errors: malformed, nesting_too_deep, set_too_large.
Result<Response> parse_response(std::string_view text,
                                MailboxNames names = MailboxNames::modified_utf7);

/// Parses a LiteralBegin's text: the FETCH response so far, its body the streamed literal.
/// Errors: as above.
Result<FetchResponse> parse_fetch_begin(std::string_view text);

}  // namespace postern::imap
