#include "message/raw_header.hpp"

#include "core/utf8.hpp"
#include "message/address.hpp"
#include "message/address_field.hpp"
#include "message/ascii.hpp"
#include "message/domain.hpp"
#include "message/errc.hpp"
#include "message/header_writer.hpp"
#include "message/mail_date.hpp"
#include "message/scan.hpp"
#include "message/words.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace postern::message {
namespace {

constexpr std::size_t addresses_max = 5000;  // read of one field

struct Field {
  std::string_view name;
  std::string_view whole;  // name to line end, still folded
};

/// The next line with its end, off the front of `text`.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find("\r\n");
  const auto size = end == std::string_view::npos ? text.size() : end + 2;
  const auto line = text.substr(0, size);
  text.remove_prefix(size);
  return line;
}

/// "Name:" in front of the line; blanks before the colon were allowed once (RFC 5322 §4.5).
std::optional<std::string_view> field_name(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto name = trim(line.substr(0, colon));
  const bool fits =
      !name.empty() && !is_blank(line.front()) && std::all_of(name.begin(), name.end(), is_ftext);
  return fits ? std::optional(name) : std::nullopt;
}

struct Split {
  std::vector<Field> fields;
  std::size_t consumed = 0;
};

Result<Split> split(std::string_view begin) {
  const Error too_big{errc::header_too_big, "the limit is 256 KiB in 2,000 fields"};
  Split found;
  std::string_view rest = begin;
  if (rest.starts_with("From ")) take_line(rest);
  while (!rest.empty()) {
    const auto* start = rest.data();
    auto after = rest;
    const auto line = take_line(after);
    const auto read = static_cast<std::size_t>(start - begin.data()) + line.size();
    if (read > header_block_bytes_max) return too_big;
    if (line == "\r\n") {
      found.consumed = read;
      return found;
    }
    const bool folded = is_blank(line.front()) && !found.fields.empty();
    const auto name = field_name(line);
    if (!folded && !name) break;  // a line of the body, and no empty one before it
    if (!folded) found.fields.push_back({*name, {}});
    if (found.fields.size() > header_fields_max) return too_big;
    auto& field = found.fields.back();
    const auto* field_start = folded ? field.whole.data() : start;
    field.whole = {field_start, static_cast<std::size_t>(start - field_start) + line.size()};
    rest = after;
  }
  found.consumed = begin.size() - rest.size();
  return found;
}

/// Still folded, without its last line end.
std::string_view value_of(const Field& field) {
  auto value = field.whole.substr(field.whole.find(':') + 1);
  if (value.ends_with("\r\n")) value.remove_suffix(2);
  return value;
}

bool is(const Field& field, std::string_view name) {
  return equals_ignoring_case(field.name, name);
}

class Preparer {
 public:
  Preparer(std::vector<Field> fields, const RawHeaderPolicy& policy)
      : fields_(std::move(fields)), policy_(policy) {}

  Result<RawHeader> prepare() {
    POSTERN_TRY(look_at_from());
    add_missing();
    for (const auto& field : fields_) {
      if (is(field, "Bcc") || is(field, "Resent-Bcc")) continue;
      if (rewritten_ && (is(field, "From") || is(field, "Sender"))) continue;
      header_.bytes += field.whole;
      if (!field.whole.ends_with("\r\n")) header_.bytes += "\r\n";
    }
    header_.bytes += "\r\n";
    read_recipients();
    return std::move(header_);
  }

 private:
  const Field* find(std::string_view name) const {
    const auto found = std::find_if(fields_.begin(), fields_.end(),
                                    [&](const Field& field) { return is(field, name); });
    return found == fields_.end() ? nullptr : &*found;
  }

  bool allowed(const std::string& address) const {
    const auto wanted = to_lower(address);
    return std::find(policy_.allowed.begin(), policy_.allowed.end(), wanted) !=
           policy_.allowed.end();
  }

  /// Writes our own From where the mail's own may not stay.
  Result<void> look_at_from() {
    std::vector<MailAddress> authors;
    std::size_t fields = 0;
    bool malformed = false;
    for (const auto& field : fields_) {
      if (!is(field, "From")) continue;
      ++fields;
      auto read = parse_address_field(value_of(field), addresses_max, charsets_);
      malformed = malformed || read.nesting_limit || read.count_limit;
      for (auto& address : read.addresses) authors.push_back(std::move(address));
    }
    const bool fine = std::all_of(authors.begin(), authors.end(),
                                  [this](const auto& author) { return allowed(author.address); });
    if (fields == 1 && fine && !authors.empty() && !malformed) return success();
    rewritten_ = true;
    const bool local = authors.size() == 1 && authors[0].address.find('@') == std::string::npos;
    const bool foreign = !authors.empty() && !local && !fine;
    if (foreign && policy_.refuse_foreign) {
      return Error{errc::from_not_allowed, "the From field names " + shown(authors)};
    }
    write_from(authors, local);
    if (foreign) keep_as_reply_to(authors);
    return success();
  }

  void write_from(const std::vector<MailAddress>& authors, bool local) {
    MailAddress from = policy_.own;
    if (!authors.empty()) {
      const auto& old = authors.front();
      if (!old.name.empty()) from.name = old.name;
      // "root (Cron Daemon)" keeps both.
      if (local && old.name.empty()) from.name = old.address;
      if (local && !old.name.empty() && !old.address.empty()) {
        from.name = old.address + " (" + old.name + ")";
      }
    }
    HeaderWriter(header_.bytes, "utf-8").addresses("From", {from});
  }

  void keep_as_reply_to(std::vector<MailAddress> authors) {
    header_.notes.push_back("From was rewritten from " + shown(authors));
    if (find("Reply-To") != nullptr) return;
    std::erase_if(authors, [](const auto& author) { return !is_addr_spec(author.address); });
    HeaderWriter(header_.bytes, "utf-8").addresses("Reply-To", authors);
  }

  static std::string shown(const std::vector<MailAddress>& authors) {
    std::string text;
    for (const auto& author : authors) {
      if (text.size() > 200) return text + ", …";
      text += (text.empty() ? "" : ", ") + author.address;
    }
    return text;
  }

  void add_missing() {
    HeaderWriter writer(header_.bytes, "utf-8");
    if (find("Date") == nullptr) writer.words("Date", {to_mail_date(policy_.now)});
    const auto* id = find("Message-ID");
    const auto known = id == nullptr ? std::nullopt : message_id_of(value_of(*id));
    header_.message_id = known.value_or("");
    if (id == nullptr) {
      const auto& own = policy_.own.address;
      const auto at = own.rfind('@');
      const auto domain = at == std::string::npos ? std::string("localhost") : own.substr(at + 1);
      header_.message_id =
          "<" + policy_.random_hex + "@" + to_ascii_domain(domain).value_or("localhost") + ">";
      writer.words("Message-ID", {header_.message_id});
    }
    const auto* subject = find("Subject");
    if (subject == nullptr) return;
    bool clean = true;
    const auto text = decode_words(value_of(*subject), charsets_, clean);
    header_.subject = cut_utf8(text, raw_subject_bytes_max);
  }

  void read_recipients() {
    std::set<std::string> known;
    for (const auto& field : fields_) {
      if (!is(field, "To") && !is(field, "Cc") && !is(field, "Bcc")) continue;
      auto read = parse_address_field(value_of(field), addresses_max, charsets_);
      for (auto& each : read.addresses) {
        if (known.size() >= addresses_max) return;
        if (!known.insert(to_lower(each.address)).second) continue;
        header_.recipients.push_back(std::move(each.address));
      }
    }
  }

  const std::vector<Field> fields_;
  const RawHeaderPolicy& policy_;
  CharsetDecoder charsets_;
  RawHeader header_;
  bool rewritten_ = false;
};

}  // namespace

Result<RawHeader> prepare_header(std::string_view begin, const RawHeaderPolicy& policy) {
  POSTERN_TRY(auto parts, split(begin));
  const auto consumed = parts.consumed;
  POSTERN_TRY(auto header, Preparer(std::move(parts.fields), policy).prepare());
  header.consumed = consumed;
  return header;
}

}  // namespace postern::message
