#include "message/digest.hpp"

#include "core/hex.hpp"
#include "core/utf8.hpp"
#include "message/address_field.hpp"
#include "message/ascii.hpp"
#include "message/bounce.hpp"
#include "message/classify.hpp"
#include "message/errc.hpp"
#include "message/leaves.hpp"
#include "message/mail_date.hpp"
#include "message/received_for.hpp"
#include "message/scan.hpp"
#include "message/transfer.hpp"
#include "message/words.hpp"

#include <openssl/evp.h>
#include <algorithm>
#include <array>
#include <memory>

namespace postern::message {
namespace {

constexpr std::size_t envelope_recipients_max = 100;
constexpr std::size_t whole_text_bytes_max = 64 * 1024 * 1024;

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    if (!context_) throw std::bad_alloc();
    POSTERN_ASSERT(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }
  void add(std::string_view bytes) {
    POSTERN_ASSERT(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  }
  std::string hex() {
    std::array<unsigned char, 32> sum{};
    POSTERN_ASSERT(EVP_DigestFinal_ex(context_.get(), sum.data(), nullptr) == 1);
    return to_hex({reinterpret_cast<const char*>(sum.data()), sum.size()});
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

class Digester {
 public:
  Digester(std::string_view raw, const DigestLimits& limits)
      : raw_(raw), limits_(limits), tree_(scan(raw)) {}

  MessageSummary run() {
    summary_.defects = tree_.defects;
    for (const HeaderField& field : tree_.fields) take_field(field);
    if (summary_.from.empty()) defect("from.missing");
    for (const Leaf& leaf : leaves_of(raw_, tree_, charsets_)) take_leaf(leaf);
    summary_.bounce = find_bounce(raw_, tree_, summary_);
    if (summary_.envelope_recipients.empty() && received_for_) {
      summary_.envelope_recipients.push_back(std::move(*received_for_));
    }
    classify(raw_, tree_, summary_);
    return std::move(summary_);
  }

 private:
  void take_field(const HeaderField& field) {
    const std::string name = to_lower(field.name.in(raw_));
    const std::string_view value = field.value.in(raw_);
    list_header(field.name.in(raw_), value);
    if (name == "from") return take_addresses(value, summary_.from, "from");
    if (name == "to") return take_addresses(value, summary_.to, "to");
    if (name == "cc") return take_addresses(value, summary_.cc, "cc");
    if (name == "sender") return take_addresses(value, summary_.sender, "sender");
    if (name == "reply-to") return take_addresses(value, summary_.reply_to, "reply_to");
    if (name == "delivered-to" || name == "x-original-to" || name == "envelope-to" ||
        name == "x-envelope-to" || name == "x-delivered-to" || name == "x-rcpt-to") {
      return take_envelope(value);
    }
    // The topmost that names one is the last hop's, ours; only one recipient is ever named.
    if (name == "received" && !received_for_) received_for_ = received_for(value);
    if (name == "thread-index" && !summary_.thread_index) {
      summary_.thread_index = thread_index_root(value);
    }
    if (name == "message-id") return take_once(summary_.message_id, message_id_of(value), name);
    if (name == "subject") return take_once(summary_.subject, words(value), name);
    if (name == "in-reply-to" && value.find('<') != value.npos) {
      return take_once(summary_.in_reply_to, message_id_of(value), name);
    }
    if (name == "references") return take_references(value);
    if (name == "date" && !summary_.date) {
      summary_.date = parse_mail_date(unfold(value.substr(0, 1000)));
      if (!summary_.date) defect("date.invalid");
    }
  }

  std::string words(std::string_view value) {
    bool clean = true;
    std::string text = decode_words(value, charsets_, clean);
    if (!clean) defect("header.bad_charset");
    return text;
  }

  /// The first counts; a mail with two has a defect.
  void take_once(std::optional<std::string>& kept, std::optional<std::string> value,
                 const std::string& name) {
    if (kept) {
      defect("header.duplicate_" + name);
    } else {
      kept = std::move(value);
    }
  }

  void list_header(std::string_view name, std::string_view value) {
    if (summary_.headers.size() >= limits_.headers_max ||
        headers_bytes_ >= limits_.headers_bytes_max) {
      return defect("header.list_cut");
    }
    // Encoded words are at most four times their text; what is longer would be cut anyway.
    std::string text = words(value.substr(0, limits_.header_value_bytes_max * 4));
    if (text.size() > limits_.header_value_bytes_max) {
      text.resize(cut_utf8(text, limits_.header_value_bytes_max).size());
      defect("header.value_cut");
    }
    headers_bytes_ += name.size() + text.size();
    summary_.headers.emplace_back(name, std::move(text));
  }

  void take_addresses(std::string_view value, std::vector<MailAddress>& list,
                      std::string_view field_name) {
    if (!list.empty()) defect("header.duplicate_" + std::string(field_name));
    const std::size_t room = limits_.addresses_max - std::min(limits_.addresses_max, list.size());
    AddressField field = parse_address_field(value, room, charsets_);
    if (field.malformed) defect("address.malformed");
    if (field.nesting_limit) defect("address.nesting_limit");
    if (field.count_limit) defect("address.count_limit");
    std::move(field.addresses.begin(), field.addresses.end(), std::back_inserter(list));
  }

  void take_envelope(std::string_view value) {
    auto& known = summary_.envelope_recipients;
    for (MailAddress& entry :
         parse_address_field(value, envelope_recipients_max, charsets_).addresses) {
      const bool fresh = std::find(known.begin(), known.end(), entry.address) == known.end();
      if (entry.address.empty() || !fresh || known.size() >= envelope_recipients_max) continue;
      known.push_back(std::move(entry.address));
    }
  }

  void take_references(std::string_view value) {
    auto& list = summary_.references;
    std::size_t open = value.find('<');
    while (open != value.npos) {
      const std::size_t close = value.find('>', open);
      if (close == value.npos) break;
      auto id = message_id_of(value.substr(open, close - open + 1));
      if (id) list.push_back(std::move(*id));
      open = value.find('<', close);
    }
    if (list.size() <= limits_.references_max || list.empty()) return;
    defect("references.cut");
    const std::size_t surplus = list.size() - std::max<std::size_t>(limits_.references_max, 1);
    list.erase(list.begin() + 1, list.begin() + 1 + static_cast<std::ptrdiff_t>(surplus));
  }

  void take_leaf(const Leaf& leaf) {
    switch (leaf.role) {
      case LeafRole::text:
        summary_.text = text(leaf);
        return;
      case LeafRole::html:
        summary_.html = text(leaf);
        return;
      case LeafRole::attachment:
        take_attachment(leaf);
        return;
    }
  }

  std::string text(const Leaf& leaf) {
    LeafText text =
        text_of(raw_, tree_.parts[leaf.part], leaf.charset, limits_.text_bytes_max, charsets_);
    if (!text.encoding_clean) defect("text.bad_encoding");
    if (!text.charset_clean) defect("text.bad_charset");
    summary_.text_truncated = summary_.text_truncated || text.truncated;
    return std::move(text.utf8);
  }

  void take_attachment(const Leaf& leaf) {
    if (leaf.content) return take_inner_file(leaf);
    const Part& part = tree_.parts[leaf.part];
    if (leaf.broken_tnef) defect("tnef.broken");
    container_ = summary_.attachments.size();
    AttachmentSummary attachment;
    attachment.filename = leaf.filename;
    attachment.content_type = part.content_type;
    attachment.content_id = leaf.content_id;
    attachment.inline_disposition = leaf.inline_disposition;
    Sha256 sha256;
    const bool clean =
        decode_transfer(part.body.in(raw_), part.encoding, [&](std::string_view bytes) {
          sha256.add(bytes);
          attachment.size_bytes += bytes.size();
          return true;
        });
    if (!clean) defect("attachment.bad_encoding");
    attachment.sha256 = sha256.hex();
    summary_.attachments.push_back(std::move(attachment));
  }

  void take_inner_file(const Leaf& leaf) {
    AttachmentSummary attachment;
    attachment.filename = leaf.filename;
    attachment.content_type = leaf.content_type;
    attachment.content_id = leaf.content_id;
    attachment.size_bytes = leaf.content->size();
    attachment.within = container_;
    Sha256 sha256;
    sha256.add(*leaf.content);
    attachment.sha256 = sha256.hex();
    summary_.attachments.push_back(std::move(attachment));
  }

  void defect(std::string_view word) {
    auto& defects = summary_.defects;
    if (std::find(defects.begin(), defects.end(), word) == defects.end()) {
      defects.emplace_back(word);
    }
  }

  std::string_view raw_;
  const DigestLimits& limits_;
  PartTree tree_;
  CharsetDecoder charsets_;
  MessageSummary summary_;
  std::size_t headers_bytes_ = 0;
  std::size_t container_ = 0;  // the last attachment that stands in the mail itself
  std::optional<std::string> received_for_;
};

}  // namespace

MessageSummary digest(std::string_view raw, const DigestLimits& limits) {
  return Digester(raw, limits).run();
}

Result<std::string> decode_attachment(std::string_view raw, std::size_t index) {
  const PartTree tree = scan(raw);
  CharsetDecoder charsets;
  std::size_t at = 0;
  for (const Leaf& leaf : leaves_of(raw, tree, charsets)) {
    if (leaf.role != LeafRole::attachment || at++ != index) continue;
    if (leaf.content) return *leaf.content;
    const Part& part = tree.parts[leaf.part];
    return decode_transfer(part.body.in(raw), part.encoding, part.body.size()).bytes;
  }
  return Error{errc::no_such_part, "there is no attachment " + std::to_string(index)};
}

Result<std::string> decode_text(std::string_view raw, TextKind kind) {
  const LeafRole role = kind == TextKind::plain ? LeafRole::text : LeafRole::html;
  const PartTree tree = scan(raw);
  CharsetDecoder charsets;
  for (const Leaf& leaf : leaves_of(raw, tree, charsets)) {
    if (leaf.role != role) continue;
    return text_of(raw, tree.parts[leaf.part], leaf.charset, whole_text_bytes_max, charsets).utf8;
  }
  return Error{errc::no_such_part,
               role == LeafRole::text ? "there is no plain text" : "there is no HTML text"};
}

}  // namespace postern::message
