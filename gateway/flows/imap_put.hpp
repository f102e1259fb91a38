// A mail put into a folder by IMAP: the folder opened or made, searched, the APPEND. What the
// copies in the Sent folder and targets of the type imap_append share.
#pragma once

#include "flows/imap_link.hpp"

#include <string>
#include <string_view>

namespace postern::flows {

/// Until the server has taken the login.
net::Task<Result<void>> until_ready(ImapLink& link);

/// Opens it for more than reading, though it is only searched: Courier takes no APPEND to a folder
/// that is open read-only. False where there is no such folder.
net::Task<Result<bool>> open_to_put(ImapLink& link, std::string folder);

/// Whether the open folder has a mail with this Message-ID (with < >).
net::Task<Result<bool>> holds(ImapLink& link, std::string message_id);

/// CREATE and SUBSCRIBE. That it is there already is no error, nor a refused SUBSCRIBE.
net::Task<Result<void>> make_folder(ImapLink& link, std::string folder);

/// `message.size_bytes` is set here. `bytes` outlive the call.
net::Task<Result<void>> append(ImapLink& link, std::string folder, imap::NewMessage message,
                               std::string_view bytes);

}  // namespace postern::flows
