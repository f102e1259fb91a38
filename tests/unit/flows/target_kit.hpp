// A mail for a target of any type, for the tests of requests and judges.
#pragma once

#include "flows/target_kinds.hpp"

#include <boost/json/parse.hpp>

#include <string>
#include <string_view>

namespace postern::flows {

struct TargetKit {
  explicit TargetKit(std::string_view type) : mail(target, secrets) {
    target.id = TargetId{7};
    target.type = type;
    target.url = "https://desk.example";
    secrets.current = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    secrets.credential = Secret("geheim");
    mail.handover = "hnd_1";
    mail.message = "msg_1";
    mail.integration = "int_1";
    mail.now = parse_rfc3339("2026-01-31T12:00:00Z").value();
    mail.bytes = "Subject: hi\r\n\r\nbody\r\n";
    mail.data =
        boost::json::parse(
            R"({"subject":"hi","text":"body","html":null,"message_id":"<1@a>","in_reply_to":null,
                "from":[{"name":"Anna \"A\" B","address":"anna@a.example"}],"reply_to":[],
                "to":[{"name":"","address":"desk@b.example"}],"cc":[],
                "attachments":[{"filename":"a.txt","content_type":"text/plain"}]})")
            .as_object();
    mail.thread = "<0@a>";
    mail.attachments = {"abc"};
  }
  TargetKit(const TargetKit&) = delete;
  TargetKit& operator=(const TargetKit&) = delete;

  net::HttpRequest request() { return kind_of(target).request(mail).value(); }
  TargetAnswer judge(int status, std::string body = "") const {
    net::HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    return kind_of(target).judge(mail, response);
  }
  TargetAnswer judge_probe(int status, std::string body = "") const {
    net::HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    return kind_of(target).judge_probe(mail, response);
  }

  Target target;
  storage::TargetSecrets secrets;
  TargetMail mail;
};

inline std::string header_of(const net::HttpRequest& request, std::string_view name) {
  for (const auto& [header, value] : request.headers) {
    if (header == name) return value;
  }
  return {};
}

}  // namespace postern::flows
