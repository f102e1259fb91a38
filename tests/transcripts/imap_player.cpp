// The client of IMAP. The keys of a script's head:
//   tls: established | starttls | none       mechanism: none | password | oauth2
//   user, password, token: OCTETS            client: NAME (ID's; its version is 1.0)
//   allow-plain, read-only, mod-sequences, compress: yes       folder: NAME       body-max: BYTES
//   on EVENT: COMMAND; COMMAND               one line after the other each time the event comes
// A message that is appended consists of "m"s. Behind start-compression the dialogue goes on plain.
#include "transcripts/imap_player_events.hpp"
#include "transcripts/stage.hpp"

#include <map>

namespace postern::transcripts {
namespace {

using namespace imap;

struct Plan {
  Options options;
  std::map<std::string, std::vector<std::string>> hooks;  // event → commands, one entry a time
};

Tls parse_tls(const std::string& value) {
  if (value == "established") return Tls::established;
  if (value == "starttls") return Tls::must_starttls;
  if (value == "none") return Tls::none;
  unknown_key("tls", value);
}

Mechanism parse_mechanism(const std::string& value) {
  if (value == "none") return Mechanism::none;
  if (value == "password") return Mechanism::password;
  if (value == "oauth2") return Mechanism::oauth2;
  unknown_key("mechanism", value);
}

void read_key(const std::string& key, const std::string& value, Plan& plan) {
  auto& options = plan.options;
  auto& credentials = options.credentials;
  if (key.starts_with("on ")) {
    plan.hooks[key.substr(3)].push_back(value);
  } else if (key == "tls") {
    options.tls = parse_tls(value);
  } else if (key == "mechanism") {
    credentials.mechanism = parse_mechanism(value);
  } else if (key == "user") {
    credentials.username = unescape(value);
  } else if (key == "password") {
    credentials.password = Secret(unescape(value));
  } else if (key == "token") {
    credentials.access_token = Secret(unescape(value));
    credentials.host = "imap.example.org";
    credentials.port = 993;
  } else if (key == "client") {
    options.client = {value, "1.0"};
  } else if (key == "mod-sequences") {
    options.mod_sequences = value == "yes";
  } else if (key == "compress") {
    options.compress = value == "yes";
  } else if (key == "allow-plain") {
    options.allow_plain_password = value == "yes";
  } else if (key == "folder") {
    options.folder = value;
  } else if (key == "read-only") {
    options.read_only = value == "yes";
  } else if (key == "body-max") {
    options.body_bytes_max = std::stoull(value);
  } else {
    unknown_key(key, value);
  }
}

Plan read_plan(const Script& script) {
  Plan plan;
  for (const auto& [key, value] : script.head) read_key(key, value, plan);
  return plan;
}

class Player {
 public:
  Player(const Script& script, Way way)
      : stage_(script, way), plan_(read_plan(script)), session_(plan_.options) {}

  Play run() {
    while (stage_.goes_on()) {
      auto step = session_.next();
      if (step) {
        std::visit([&](const auto& s) { on(s, step.value()); }, step.value());
      } else {
        on_error(step.error());
      }
    }
    return stage_.end();
  }

 private:
  void on(const Send& send, const Step&) { stage_.said(send.bytes, send.secret); }

  void on(const NeedInput&, const Step&) {
    const auto bytes = stage_.listen();
    if (bytes) return session_.receive(*bytes);
    // A dialogue that is over without Closed or Error leaves the session alive.
    if (!stage_.cut()) return stage_.finish();
    session_.end_of_input();
  }

  void on(const StartTls&, const Step&) {
    if (stage_.does("[tls]")) return;
    stage_.tell("error handshake");
    stage_.finish();
  }

  void on(const StartCompression& start, const Step& step) {
    // The dialogue is written plain: what came early is given back as it is.
    stage_.tell(describe(step, ""));
    if (!start.received.empty()) session_.receive(start.received);
  }

  void on(const SendBody& body, const Step&) {
    stage_.said(std::string(static_cast<std::size_t>(body.size_bytes), 'm'));
  }

  void on(const FetchStarted& started, const Step&) {
    body_.clear();
    body_bytes_ = started.literal_size_bytes;
  }

  void on(const FetchedPiece& piece, const Step&) { body_ += piece.bytes; }

  void on(const FetchedMail& mail, const Step& step) {
    if (mail.body == Body::whole && body_.size() != body_bytes_) {
      stage_.mistake("the pieces are not as long as was told");
    }
    on_event(step);
  }

  void on(const Closed&, const Step& step) {
    on_event(step);
    stage_.finish();
  }

  template <class Other>
  void on(const Other&, const Step& step) {
    on_event(step);
  }

  void on_event(const Step& step) {
    stage_.tell(describe(step, body_));
    run_hook(event_name(step));
  }

  void on_error(const Error& error) {
    stage_.tell(describe_error(error));
    if (!session_.alive()) return stage_.finish();
    run_hook("error");
  }

  void run_hook(const std::string& event) {
    const auto hooks = plan_.hooks.find(event);
    if (hooks == plan_.hooks.end()) return;
    const auto turn = hook_turns_[event]++;
    if (turn >= hooks->second.size()) return;
    for (const auto& refusal : run_commands(session_, hooks->second[turn])) stage_.tell(refusal);
  }

  Stage stage_;
  const Plan plan_;
  Session session_;
  std::map<std::string, std::size_t> hook_turns_;
  std::string body_;
  std::uint64_t body_bytes_ = 0;
};

}  // namespace

const Protocol protocol{'S', 200, "mail ",
                        [](const Script& script, Way way) { return Player(script, way).run(); }};

}  // namespace postern::transcripts
