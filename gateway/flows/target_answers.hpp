// The judges: what each kind of target means by its answer. Pure: see target_kinds.hpp.
#pragma once

#include "flows/target_kinds.hpp"

namespace postern::flows {

/// 2xx takes, 410 disables, all else is tried again. Source: Standard Webhooks 1.0.
TargetAnswer judge_webhook(const TargetMail& mail, const net::HttpResponse& response);
/// As a webhook; 413, 415 and 422 refuse the mail for good.
TargetAnswer judge_raw(const TargetMail& mail, const net::HttpResponse& response);
/// 201 with the ticket's number; 401: key or address; 403: refused by filter or ban, for good.
TargetAnswer judge_osticket(const TargetMail& mail, const net::HttpResponse& response);
/// 200 always, and the body tells: "ok", "not ok - …" for good, anything else is tried again.
TargetAnswer judge_rt(const TargetMail& mail, const net::HttpResponse& response);
/// 201; 422 refuses the mail; 403: the key, or the interface is off.
TargetAnswer judge_redmine(const TargetMail& mail, const net::HttpResponse& response);
/// 201 with the ticket; a ticket that is gone is forgotten and a new one made at the next try.
TargetAnswer judge_zammad(const TargetMail& mail, const net::HttpResponse& response);
/// 204; 401 password, 404 ingress not switched on; 415 and 422 refuse the mail.
TargetAnswer judge_rails(const TargetMail& mail, const net::HttpResponse& response);

// Of the probes, which hold no mail: an answer that finds fault with just that is a good one.
TargetAnswer judge_osticket_probe(const TargetMail& mail, const net::HttpResponse& response);
TargetAnswer judge_rt_probe(const TargetMail& mail, const net::HttpResponse& response);
TargetAnswer judge_redmine_probe(const TargetMail& mail, const net::HttpResponse& response);
TargetAnswer judge_zammad_probe(const TargetMail& mail, const net::HttpResponse& response);
TargetAnswer judge_rails_probe(const TargetMail& mail, const net::HttpResponse& response);

/// Retry-After as seconds, at most a day; its form as a date is left to the schedule.
/// Source: RFC 9110 §10.2.3.
Duration retry_after(const net::HttpResponse& response);

/// Why no answer came: the network's error, with its hint.
TargetAnswer judge_silence(const Error& error);

}  // namespace postern::flows
