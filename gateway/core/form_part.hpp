// One field or file of a form, as a client sent it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern {

struct FormPart {
  std::string name;                     // UTF-8
  std::optional<std::string> filename;  // without folders; a file has one; not checked to be UTF-8
  std::string content_type;             // with its parameters; empty when there is none
  std::string content_id;               // as it stands; empty when there is none
  std::string_view content;             // into the body
};

}  // namespace postern
