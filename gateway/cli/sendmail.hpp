// `postern sendmail`, and postern called by the name sendmail: a drop-in for programs that pipe a
// mail into /usr/sbin/sendmail. The mail goes by POST /send to the running server.
#pragma once

#include "cli/remote.hpp"

#include <string>
#include <variant>
#include <vector>

namespace postern::cli {

struct SendmailFlags {
  std::string from;                           // -f, -r
  std::string full_name;                      // -F: the name in a From that the mail has not
  std::vector<std::string> to;                // arguments
  bool header_recipients = false;             // -t
  bool dot_is_text = false;                   // -i, -oi: a lone dot does not end the mail
  std::string notify, returned, envelope_id;  // -N, -R, -V: as POST /send has them
  std::string integration;                    // --integration
  std::string url, ca_file;                   // --url, --ca-file
};

/// Reads the arguments as sendmail(8) does, joined flags and all; what has no meaning here is
/// passed over. A text is what is wrong with them.
std::variant<SendmailFlags, std::string> parse_sendmail(const std::vector<std::string>& arguments);

/// Standard input is the mail. Silent when it is taken; a code of sysexits(3).
int sendmail(RemoteFlags remote, const std::vector<std::string>& arguments);

}  // namespace postern::cli
