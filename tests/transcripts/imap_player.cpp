// Playing: the script is the server, the Session the client, the events the outcome.
#include "transcripts/imap_player.hpp"

#include "transcripts/imap_player_events.hpp"

#include <algorithm>
#include <utility>

namespace postern::imap {
namespace {

constexpr int steps_max = 2'000'000;  // a dialogue that needs more hangs

class Player {
 public:
  Player(const Transcript& transcript, const PlayOptions& how)
      : transcript_(transcript), how_(how), session_(transcript.options) {}

  Play run() {
    for (int i = 0; i < steps_max && !finished_; ++i) {
      auto step = session_.next();
      if (step) {
        take(step.value());
      } else {
        take_error(step.error());
      }
    }
    if (!finished_) play_.problem = "the session never comes to an end";
    return std::move(play_);
  }

 private:
  void take(Step& step) {
    if (const auto* send = std::get_if<Send>(&step)) return take_send(*send);
    if (std::holds_alternative<NeedInput>(step)) return feed();
    if (std::holds_alternative<StartTls>(step)) return take_start_tls();
    if (const auto* start = std::get_if<StartCompression>(&step)) {
      // The dialogue is written plain: what came early is given back as it is.
      tell(describe(step, ""));
      if (!start->received.empty()) session_.receive(start->received);
      return;
    }
    if (const auto* body = std::get_if<SendBody>(&step)) {
      sent_.append(static_cast<std::size_t>(body->size_bytes), 'm');
      return match_sent();
    }
    if (const auto* started = std::get_if<FetchStarted>(&step)) {
      body_.clear();
      body_bytes_ = started->literal_size_bytes;
      return;
    }
    if (const auto* piece = std::get_if<FetchedPiece>(&step)) {
      body_ += piece->bytes;
      return;
    }
    if (const auto* mail = std::get_if<FetchedMail>(&step)) {
      if (mail->body == Body::whole && body_.size() != body_bytes_) {
        return stop("the pieces are not as long as was told");
      }
    }
    tell(describe(step, body_));
    run_hook(event_name(step));
    if (std::holds_alternative<Closed>(step)) finish(true);
  }

  void take_error(const Error& error) {
    tell(describe_error(error));
    if (!session_.alive()) return finish(false);
    run_hook("error");
  }

  void finish(bool well) {
    play_.ended = true;
    play_.ended_well = well;
    finished_ = true;
    if (well && next_ < transcript_.items.size() && !cut_) {
      play_.problem = at_line() + "the session closed before the dialogue's end";
    }
  }

  void take_send(const Send& send) {
    sent_ += send.bytes;
    secret_ = secret_ || send.secret;
    match_sent();
  }

  void match_sent() {
    while (next_ < transcript_.items.size() && !sent_.empty()) {
      const auto& item = transcript_.items[next_];
      if (item.kind == DialogueItem::Kind::server || !sent_.starts_with(item.bytes) ||
          item.kind == DialogueItem::Kind::tls) {
        return;
      }
      if (secret_ != (item.kind == DialogueItem::Kind::client_secret)) {
        return stop(secret_ ? "this was sent as secret" : "this was not sent as secret");
      }
      sent_.erase(0, item.bytes.size());
      ++next_;
    }
    if (sent_.empty()) secret_ = false;
  }

  void take_start_tls() {
    if (fed_ == how_.server_items_max) {
      tell("error the stream ends at the handshake");
      return finish(false);
    }
    if (next_ == transcript_.items.size() ||
        transcript_.items[next_].kind != DialogueItem::Kind::tls) {
      return stop("the session starts TLS");
    }
    ++next_;
  }

  void feed() {
    if (!sent_.empty()) return stop("the session sent: " + escaped(sent_));
    if (next_ < transcript_.items.size() &&
        transcript_.items[next_].kind != DialogueItem::Kind::server) {
      return stop("the session waits");
    }
    if (next_ == transcript_.items.size() || fed_ == how_.server_items_max) return end_input();
    if (how_.byte_by_byte) return feed_byte();
    std::string bytes;
    while (next_ < transcript_.items.size() && fed_ < how_.server_items_max &&
           transcript_.items[next_].kind == DialogueItem::Kind::server) {
      bytes += transcript_.items[next_++].bytes;
      ++fed_;
    }
    session_.receive(bytes);
  }

  void feed_byte() {
    const auto& bytes = transcript_.items[next_].bytes;
    session_.receive(std::string_view(bytes).substr(byte_++, 1));
    if (byte_ < bytes.size()) return;
    byte_ = 0;
    ++next_;
    ++fed_;
  }

  // A dialogue that is over without Closed or Error leaves the session alive, unless it was cut.
  void end_input() {
    cut_ = fed_ == how_.server_items_max;
    if (!cut_ || input_ended_) {
      finished_ = true;
      if (input_ended_) play_.problem = "the session waits behind the end of the stream";
      return;
    }
    input_ended_ = true;
    session_.end_of_input();
  }

  void run_hook(const std::string& event) {
    const auto hooks = transcript_.hooks.find(event);
    if (hooks == transcript_.hooks.end()) return;
    const auto turn = hook_turns_[event]++;
    if (turn >= hooks->second.size()) return;
    for (const auto& refusal : run_commands(session_, hooks->second[turn])) tell(refusal);
  }

  void tell(std::string event) { play_.events.push_back(std::move(event)); }

  void stop(const std::string& problem) {
    play_.problem = at_line() + problem;
    finished_ = true;
  }

  std::string at_line() const {
    if (next_ == transcript_.items.size()) return "at the end: ";
    const auto& item = transcript_.items[next_];
    return "line " + std::to_string(item.line) + " (" + escaped(item.bytes) + "): ";
  }

  const Transcript& transcript_;
  const PlayOptions how_;
  Session session_;
  Play play_;
  std::map<std::string, std::size_t> hook_turns_;
  std::size_t next_ = 0;  // item
  std::size_t byte_ = 0;  // of it
  std::size_t fed_ = 0;   // server items
  std::string sent_, body_;
  std::uint64_t body_bytes_ = 0;
  bool secret_ = false, finished_ = false, input_ended_ = false, cut_ = false;
};

}  // namespace

std::size_t Transcript::server_items() const {
  return static_cast<std::size_t>(std::count_if(
      items.begin(), items.end(),
      [](const DialogueItem& item) { return item.kind == DialogueItem::Kind::server; }));
}

Play play(const Transcript& transcript, const PlayOptions& how) {
  return Player(transcript, how).run();
}

}  // namespace postern::imap
