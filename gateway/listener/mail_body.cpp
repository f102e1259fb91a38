#include "listener/mail_body.hpp"

#include "message/scan.hpp"

#include <algorithm>

namespace postern::listener {

MailBody::MailBody(message::RawHeaderPolicy policy, Desk& desk, const Limits& limits,
                   std::uint64_t& in_memory)
    : policy_(std::move(policy)), desk_(desk), limits_(limits), in_memory_(in_memory) {}

MailBody::~MailBody() {
  forget_memory();
}

void MailBody::forget_memory() {
  in_memory_ -= counted_;
  counted_ = 0;
}

void MailBody::push(std::string_view piece) {
  if (error_) return;
  if (prepared_) return keep(piece);
  const auto searched = head_.size() < 3 ? 0 : head_.size() - 3;
  head_ += piece;
  const bool complete =
      head_.find("\r\n\r\n", searched) != std::string::npos || head_.starts_with("\r\n");
  if (complete || head_.size() > message::header_block_bytes_max) prepare();
}

void MailBody::prepare() {
  prepared_ = true;
  auto header = message::prepare_header(head_, policy_);
  if (!header) {
    error_ = std::move(header).error();
  } else {
    auto& made = header.value();
    mail_.message_id = std::move(made.message_id);
    mail_.subject = std::move(made.subject);
    mail_.notes = std::move(made.notes);
    keep(made.bytes);
    keep(std::string_view(head_).substr(made.consumed));
  }
  head_ = {};
}

void MailBody::keep(std::string_view bytes) {
  mail_.size_bytes += bytes.size();
  if (!mail_.file) {
    mail_.bytes += bytes;
    counted_ += bytes.size();
    in_memory_ += bytes.size();
    const bool crowded = in_memory_ > limits_.bodies_in_memory;
    const auto most =
        crowded ? std::min(limits_.small_body, limits_.body_in_memory) : limits_.body_in_memory;
    if (mail_.bytes.size() <= most) return;
    if (auto spilled = spill(); !spilled) error_ = std::move(spilled).error();
    return;
  }
  if (auto written = mail_.file->append(bytes); !written) error_ = std::move(written).error();
}

Result<void> MailBody::spill() {
  POSTERN_TRY(mail_.file, desk_.open_file());
  POSTERN_TRY(mail_.file->append(mail_.bytes));
  mail_.bytes = {};
  forget_memory();
  return success();
}

net::Task<Result<flows::RawMail>> MailBody::finish() {
  if (!prepared_) prepare();
  if (error_) co_return std::move(*error_);
  if (mail_.file) {
    POSTERN_CO_TRY(co_await mail_.file->finish());
  }
  forget_memory();
  co_return std::move(mail_);
}

}  // namespace postern::listener
