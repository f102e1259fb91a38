// The requests by which each kind of target is given a mail over HTTP. Pure: see target_kinds.hpp.
#pragma once

#include "flows/target_kinds.hpp"

namespace postern::flows {

Result<net::HttpRequest> webhook_request(TargetMail& mail);
Result<net::HttpRequest> raw_request(TargetMail& mail);
Result<net::HttpRequest> osticket_request(TargetMail& mail);
Result<net::HttpRequest> rt_request(TargetMail& mail);
Result<net::HttpRequest> redmine_request(TargetMail& mail);
Result<net::HttpRequest> zammad_request(TargetMail& mail);
Result<net::HttpRequest> rails_request(TargetMail& mail);

// Those of the test: nothing is left behind.
Result<net::HttpRequest> webhook_probe(TargetMail& mail);
Result<net::HttpRequest> raw_probe(TargetMail& mail);
Result<net::HttpRequest> osticket_probe(TargetMail& mail);
Result<net::HttpRequest> rt_probe(TargetMail& mail);
Result<net::HttpRequest> redmine_probe(TargetMail& mail);
Result<net::HttpRequest> zammad_probe(TargetMail& mail);
Result<net::HttpRequest> rails_probe(TargetMail& mail);

/// A call of Zammad's interface, logged in; `path` below /api/v1.
net::HttpRequest zammad_call(const TargetMail& mail, std::string_view path);

/// application/x-www-form-urlencoded of the pairs. Source: the URL standard, §5.2.
std::string form_urlencoded(const std::vector<std::pair<std::string, std::string_view>>& pairs);

}  // namespace postern::flows
