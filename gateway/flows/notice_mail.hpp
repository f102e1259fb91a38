// NoticeMail: a mail that Postern writes by itself: about an event, to people on duty.
#pragma once

#include "core/event.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::flows {

struct NoticeMail {
  std::string id;  // the same at every try
  std::vector<std::string> to, cc;
  std::string subject, text, html;
  std::optional<IntegrationId> integration;  // wished for
  Event about;  // never by what it tells of: its integration, its server and login
};

}  // namespace postern::flows
