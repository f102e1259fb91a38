// One mail given to one target, whatever its kind: what the kind needs is read from the store, the
// call is made, and its answer judged.
#pragma once

#include "core/delivery.hpp"
#include "flows/context.hpp"
#include "flows/target_kinds.hpp"
#include "flows/target_lines.hpp"
#include "net/http_client.hpp"

namespace postern::flows {

/// A hand-over that is due, and its mail.
struct DueMail {
  Handover handover;
  storage::MessageDetail detail;
};

/// Errors: storage's; what the target or the network does is an answer.
net::Task<Result<TargetAnswer>> give_mail(Context& context, net::HttpClient& http,
                                          TargetLines& lines, const Target& target,
                                          const storage::TargetSecrets& secrets, DueMail due);

/// The certificate rules and the times of a call by HTTP.
TlsPolicy tls_of(const Target& target);
net::HttpLimits limits_of(const Target& target);

}  // namespace postern::flows
