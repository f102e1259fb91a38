#include "sim/played_authority.hpp"

#include "core/base64.hpp"
#include "core/hex.hpp"
#include "net/hashing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace postern::sim {
namespace {

using net::Task;

std::string percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      result += from_hex(text.substr(i + 1, 2)).value_or("?");
      i += 2;
    } else {
      result += text[i] == '+' ? ' ' : text[i];
    }
  }
  return result;
}

std::map<std::string, std::string> fields_in(std::string_view form) {
  std::map<std::string, std::string> fields;
  while (!form.empty()) {
    const auto end = std::min(form.find('&'), form.size());
    const auto each = form.substr(0, end);
    form.remove_prefix(std::min(end + 1, form.size()));
    const auto equals = std::min(each.find('='), each.size());
    const auto value = equals == each.size() ? std::string_view() : each.substr(equals + 1);
    fields[percent_decoded(each.substr(0, equals))] = percent_decoded(value);
  }
  return fields;
}

std::string http(int status, std::string_view body, std::string_view headers = "") {
  return fmt::format(
      "HTTP/1.1 {} X\r\nContent-Type: application/json\r\n{}Content-Length: {}\r\n\r\n{}", status,
      headers, body.size(), body);
}

std::string refusal(std::string_view error) {
  return http(400,
              fmt::format(R"({{"error":"{}","error_description":"as the story says"}})", error));
}

}  // namespace

void PlayedAuthority::serve() {
  world_.serve(host_, [this](std::unique_ptr<net::Stream> stream) -> Task<void> {
    return play(std::move(stream));
  });
}

std::string PlayedAuthority::fresh_secret(const std::string& kind) {
  ++made_;
  auto secret = fmt::format("{}-{:04}-{}", kind, made_, net::sha256(kind + std::to_string(made_)));
  secrets_.push_back(secret);
  return secret;
}

std::string PlayedAuthority::authorise(const std::string& url) {
  const auto question = url.find('?');
  auto fields = fields_in(std::string_view(url).substr(question + 1));
  if (fields["code_challenge_method"] != "S256") mistakes_.push_back("no PKCE by S256");
  if (fields["response_type"] != "code") mistakes_.push_back("no code is asked for");
  const auto code = fresh_secret("code");
  codes_[code] = {fields["code_challenge"], fields["redirect_uri"], fields["nonce"]};
  return fmt::format("code={}&state={}&iss=http://{}", code, fields["state"], host_);
}

void PlayedAuthority::revoke_all() {
  good_.clear();
  refresh_.clear();
}

bool PlayedAuthority::takes(const std::string& access_token) {
  const auto found = good_.find(access_token);
  return found != good_.end() && world_.now() < found->second;
}

int PlayedAuthority::requests(const std::string& grant_type) const {
  const auto found = requests_.find(grant_type);
  return found == requests_.end() ? 0 : found->second;
}

Task<void> PlayedAuthority::play(std::unique_ptr<net::Stream> stream) {
  Dialogue dialogue(std::move(stream));
  for (;;) {
    const auto head = co_await dialogue.until("\r\n\r\n");
    if (!head) co_return;
    std::size_t length = 0;
    for (const char* name : {"Content-Length: ", "content-length: "}) {
      const auto at = head->find(name);
      if (at == std::string::npos) continue;
      const auto* begin = head->data() + at + 16;
      std::from_chars(begin, head->data() + head->size(), length);
    }
    const auto body = co_await dialogue.bytes(length);
    if (!body) co_return;
    const auto path = head->substr(head->find(' ') + 1);
    const auto words = answer(path.substr(0, path.find(' ')), *body);
    if (manners.thinks > Duration(0)) co_await net::sleep_for(world_, manners.thinks);
    if (manners.cuts_after_taking) co_return;
    const bool said = co_await dialogue.say(words);
    if (!said) co_return;
  }
}

std::string PlayedAuthority::answer(const std::string& path, const std::string& body) {
  if (path == "/.well-known/openid-configuration") {
    return http(200, fmt::format(R"({{"issuer":"http://{0}","authorization_endpoint":)"
                                 R"("http://{0}/authorize","token_endpoint":"http://{0}/token"}})",
                                 host_));
  }
  auto form = fields_in(body);
  if (path == "/revoke") {
    ++revocations_;
    refresh_.erase(form["token"]);
    return http(200, "");
  }
  if (path == "/device") {
    return http(200, fmt::format(R"({{"device_code":"{}","user_code":"WDJB-MJHT",)"
                                 R"("verification_uri":"http://{}/enter","expires_in":600,)"
                                 R"("interval":5}})",
                                 fresh_secret("device"), host_));
  }
  const auto& type = form["grant_type"];
  ++requests_[type];
  world_.note(host_ + " asked for tokens: " + type);
  if (manners.status) return http(*manners.status, manners.body, manners.headers);
  return token_answer(form);
}

std::string PlayedAuthority::token_answer(const Fields& form) {
  const auto value = [&](const char* name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string() : found->second;
  };
  const auto type = value("grant_type");
  if (type == "client_credentials") return tokens("", false);
  if (type == "urn:ietf:params:oauth:grant-type:device_code") {
    return device_approved_ ? tokens("", true) : refusal("authorization_pending");
  }
  if (type == "authorization_code") {
    const auto found = codes_.find(value("code"));
    if (found == codes_.end()) return refusal("invalid_grant");
    const auto code = found->second;
    codes_.erase(found);
    const auto challenge = to_base64url(from_hex(net::sha256(value("code_verifier"))).value_or(""));
    if (challenge != code.challenge) mistakes_.push_back("the verifier is not the challenge's");
    if (value("redirect_uri") != code.redirect_uri) mistakes_.push_back("another redirect_uri");
    return tokens(code.nonce, true);
  }
  const auto token = value("refresh_token");
  if (used_.contains(token) && manners.detects_reuse) {
    revoke_all();
    return refusal("invalid_grant");
  }
  if (!refresh_.contains(token)) return refusal("invalid_grant");
  if (!manners.rotates) return tokens("", false);
  used_.insert(token);
  if (manners.detects_reuse) refresh_.erase(token);
  return tokens("", true);
}

std::string PlayedAuthority::tokens(const std::string& nonce, bool refreshable) {
  const auto access = fresh_secret("access");
  given_.push_back(access);
  good_[access] = world_.now() + manners.lifetime;
  std::string body = fmt::format(R"({{"access_token":"{}","token_type":"Bearer")", access);
  if (manners.expires_in.empty()) {
    body += fmt::format(R"(,"expires_in":{})", manners.lifetime.count());
  } else if (manners.expires_in != "none") {
    body += fmt::format(R"(,"expires_in":"{}")", manners.expires_in);
  }
  if (refreshable) {
    const auto refresh = fresh_secret("refresh");
    refresh_.insert(refresh);
    body += fmt::format(R"(,"refresh_token":"{}")", refresh);
  }
  if (!manners.identity.empty()) {
    const auto claims = fmt::format(
        R"({{"iss":"http://{}","aud":"gate","sub":"1","email":"{}","exp":{},"nonce":"{}"}})", host_,
        manners.identity, to_milliseconds(world_.now()) / 1000 + 600, nonce);
    body += fmt::format(R"(,"id_token":"e30.{}.c2ln")", to_base64url(claims));
  }
  return http(200, body + "}");
}

}  // namespace postern::sim
