// PlayedWebhook: a receiver of Standard Webhooks. It checks every signature, remembers every id and
// its body, and answers by its manners.
#pragma once

#include "sim/dialogue.hpp"
#include "sim/world.hpp"

#include <map>
#include <string>
#include <vector>

namespace postern::sim {

struct HookManners {
  // Chances of each call, tried in this order; what is left answers 204.
  double hangs = 0;  // says nothing until the other end hangs up
  double answers_500 = 0;
  double answers_503 = 0;  // with Retry-After
  int retry_after_s = 600;
  double cuts_after_taking = 0;
  bool gone = false;  // 410
  Duration thinks{0};
};

struct HookCall {
  Duration at;
  std::string id;
  int status = 0;  // 0: none given
  bool acknowledged() const { return status >= 200 && status < 300; }
};

/// What one webhook-id brought.
struct HookMail {
  std::string body_sha256;  // of the webhook's body
  std::string mail_sha256;  // as the body tells
  std::string message_id, raw;
  std::vector<std::string> defects;
  int calls = 0, acknowledged = 0;
  Duration first_acknowledged{0};
};

class PlayedWebhook {
 public:
  PlayedWebhook(World& world, std::string host, std::string secret, std::uint64_t seed);

  void serve();  // `host`:80
  HookManners manners;

  const std::vector<HookCall>& calls() const { return calls_; }
  const std::map<std::string, HookMail>& mails() const { return mails_; }
  const std::vector<std::string>& mistakes() const { return mistakes_; }
  int in_flight() const { return in_flight_; }
  int in_flight_max() const { return in_flight_max_; }
  /// The ids under which a mail came, by its sha256.
  std::vector<std::string> ids_of(const std::string& mail_sha256) const;
  const std::string& host() const { return host_; }
  const std::string& secret() const { return secret_; }

 private:
  struct Request {
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
  };
  net::Task<void> play(std::unique_ptr<net::Stream> stream);
  net::Task<std::optional<Request>> hear(Dialogue& dialogue);
  net::Task<bool> answer(Dialogue& dialogue, const Request& request);
  void check_signature(const Request& request);
  HookMail& keep(const Request& request);

  World& world_;
  std::string host_, secret_;
  std::mt19937_64 chance_;
  std::vector<HookCall> calls_;
  std::map<std::string, HookMail> mails_;
  std::vector<std::string> mistakes_;
  int in_flight_ = 0, in_flight_max_ = 0;
};

}  // namespace postern::sim
