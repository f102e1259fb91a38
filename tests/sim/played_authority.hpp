// PlayedAuthority: an authorization server: a token endpoint (codes, refresh, client credentials,
// devices), discovery and revocation over HTTP on port 80. It remembers every token it gave, keeps
// the rules of rotation, and answers by its manners.
#pragma once

#include "sim/dialogue.hpp"
#include "sim/world.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace postern::sim {

struct AuthorityManners {
  std::chrono::seconds lifetime{3600};
  bool rotates = true;          // each refresh gives a new refresh token
  bool detects_reuse = false;   // a refresh token used twice ends all of its line
  std::string identity = "";    // put into the id_token as email; empty: none is given
  std::string expires_in = "";  // told so instead of lifetime: a string, or "none"
  Duration thinks{0};
  // Instead of tokens, while set: status, headers' lines, body.
  std::optional<int> status;
  std::string headers, body;
  bool cuts_after_taking = false;  // the answer is lost on its way
};

class PlayedAuthority {
 public:
  PlayedAuthority(World& world, std::string host) : world_(world), host_(std::move(host)) {}

  void serve();
  AuthorityManners manners;

  /// What a person's browser would bring back for this authorization URL.
  std::string authorise(const std::string& url);
  /// The person entered the code.
  void approve_device() { device_approved_ = true; }
  /// Ends every refresh and access token given so far.
  void revoke_all();
  /// Access tokens end, refresh tokens live: what a server refuses though we think it fresh.
  void expire_access() { good_.clear(); }

  /// Whether a mail server would let someone in with it now.
  bool takes(const std::string& access_token);

  const std::string& host() const { return host_; }
  int requests(const std::string& grant_type) const;
  const std::vector<std::string>& secrets() const { return secrets_; }
  const std::vector<std::string>& mistakes() const { return mistakes_; }
  /// The access tokens that were given out, in order.
  const std::vector<std::string>& given() const { return given_; }
  int revocations() const { return revocations_; }

 private:
  using Fields = std::map<std::string, std::string>;
  struct Code {
    std::string challenge, redirect_uri, nonce;
  };
  net::Task<void> play(std::unique_ptr<net::Stream> stream);
  std::string answer(const std::string& path, const std::string& body);
  std::string token_answer(const Fields& form);
  std::string tokens(const std::string& nonce, bool refreshable);
  std::string fresh_secret(const std::string& kind);

  World& world_;
  std::string host_;
  std::map<std::string, Code> codes_;
  std::map<std::string, Instant> good_;  // access tokens and their ends
  std::set<std::string> refresh_, used_;
  std::map<std::string, int> requests_;
  std::vector<std::string> secrets_, given_, mistakes_;
  bool device_approved_ = false;
  int made_ = 0, revocations_ = 0;
};

}  // namespace postern::sim
