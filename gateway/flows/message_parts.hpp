// The decoded parts of a stored mail, for those who may not look into mail themselves (web/).
#pragma once

#include "core/ids.hpp"
#include "core/result.hpp"
#include "flows/context.hpp"
#include "net/task.hpp"

#include <string>

namespace postern::flows {

/// The decoded bytes of attachment `index`, as counted in MESSAGE. Decoding runs on a thread of its
/// own: 50 MB of base64 take half a second, and the caller's executor serves others.
/// Errors: storage's not_found; message's no_such_part.
net::Task<Result<std::string>> attachment(Context& context, MessageId id, int index);

enum class BodyPart { text, html };

/// The whole text or html body as UTF-8, uncut. Errors: as attachment.
net::Task<Result<std::string>> body_part(Context& context, MessageId id, BodyPart part);

/// Whether `error` says that the mail has no such part.
bool is_no_such_part(const Error& error);

}  // namespace postern::flows
