#include "message/compose.hpp"

#include "core/utf8.hpp"
#include "message/ascii.hpp"
#include "message/charset.hpp"
#include "message/domain.hpp"
#include "message/draft_check.hpp"
#include "message/errc.hpp"
#include "message/header_writer.hpp"
#include "message/html_text.hpp"
#include "message/mail_date.hpp"
#include "message/parameters.hpp"
#include "message/transfer.hpp"

#include <algorithm>
#include <optional>

namespace postern::message {
namespace {

/// CRLF for each line end, be it CRLF, LF or CR.
std::string with_crlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' && text[i] != '\n') {
      out.push_back(text[i]);
      continue;
    }
    out += "\r\n";
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
  }
  return out;
}

/// Whether `text` (CRLF lines) may go unencoded through any mail server, and unchanged.
bool fits_seven_bit(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\r\n"), text.size());
    const std::string_view line = text.substr(0, end);
    if (line.size() > line_octets_max || line.starts_with("From ")) return false;
    const bool odd = std::any_of(line.begin(), line.end(), [](char c) {
      return is_eight_bit(c) || c == '\0' || c == '\r' || c == '\n';
    });
    if (odd) return false;
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return true;
}

std::string dot_atom_or(std::string_view domain, std::string_view otherwise) {
  const auto ascii = to_ascii_domain(domain);
  const bool good = ascii && !ascii->empty() && ascii->size() <= 255 &&
                    std::all_of(ascii->begin(), ascii->end(), [](char c) {
                      return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
                    });
  return good ? *ascii : std::string(otherwise);
}

std::string bracketed(std::string_view id) {
  return id.starts_with('<') ? std::string(id) : "<" + std::string(id) + ">";
}

class Composer {
 public:
  Composer(const Draft& draft, const ComposeContext& context) : draft_(draft), context_(context) {}

  Result<ComposedMail> run() {
    POSTERN_TRY(choose_charset());
    make_text();
    mail_.message_id = "<" + context_.random_hex + "@" +
                       dot_atom_or(context_.message_id_domain, "postern.invalid") + ">";
    std::size_t bytes =
        16 * 1024 + text_.value_or("").size() * 3 / 2 + draft_.html.value_or("").size() * 3 / 2;
    for (const auto& attachment : draft_.attachments) {
      bytes += attachment.content.size() / 57 * 78 + 1024;
    }
    out().reserve(bytes);
    write_header();
    write_content();
    return std::move(mail_);
  }

 private:
  std::string& out() { return mail_.bytes; }
  HeaderWriter header() { return HeaderWriter(mail_.bytes, charset_); }

  /// Whose mail is HTML alone is given its words as text, too.
  void make_text() {
    text_ = draft_.text;
    if (text_ || !draft_.html) return;
    HtmlText made = text_of_html(*draft_.html);
    if (!made.text.empty()) text_ = std::move(made.text);
    if (made.cut)
      mail_.notes.push_back("the plain text made from the HTML holds only a part of it");
  }

  Result<void> choose_charset() {
    const std::string wanted = to_lower(draft_.charset);
    if (wanted.empty() || wanted == "utf-8" || wanted == "utf8") return success();
    std::string why = "the charset " + to_valid_utf8(cut_utf8(wanted, 40));
    if (!is_mail_charset(wanted)) {
      why += " is unknown, or none that mail can be written in";
      if (!context_.unknown_charset_falls_back) return Error{errc::unknown_charset, why};
    } else if (from_utf8(all_words(), wanted)) {
      charset_ = wanted;
      return success();
    } else {
      why += " does not hold all of the text";
    }
    if (context_.strict_encoding) return Error{errc::charset_does_not_fit, why};
    mail_.notes.push_back(why + "; utf-8 was used");
    return success();
  }

  /// Everything that is written in the draft's charset.
  std::string all_words() const {
    std::string all = draft_.subject + draft_.text.value_or("") + draft_.html.value_or("");
    for (const auto* list : {&draft_.from, &draft_.reply_to, &draft_.to, &draft_.cc}) {
      for (const MailAddress& address : *list) all += address.name;
    }
    for (const auto& [name, value] : draft_.headers) all += value;
    return all;
  }

  void write_header() {
    header().text("Date", to_mail_date(context_.now));
    header().addresses("From", draft_.from);
    // RFC 5322 §3.6.2: more than one author needs a sender.
    if (draft_.from.size() > 1) header().addresses("Sender", {draft_.from.front()});
    header().addresses("Reply-To", draft_.reply_to);
    header().addresses("To", draft_.to);
    header().addresses("Cc", draft_.cc);
    if (draft_.to.empty() && draft_.cc.empty()) {
      header().words("To", {"undisclosed-recipients:;"});
    }
    if (!draft_.subject.empty()) header().text("Subject", draft_.subject);
    header().words("Message-ID", {mail_.message_id});
    if (draft_.in_reply_to) header().words("In-Reply-To", {bracketed(*draft_.in_reply_to)});
    std::vector<std::string> references;
    for (const std::string& id : draft_.references) references.push_back(bracketed(id));
    header().words("References", references);
    for (const auto& [name, value] : draft_.headers) {
      if (!value.empty()) header().text(name, value);
    }
    header().words("MIME-Version", {"1.0"});
    note_eight_bit_addresses();
  }

  void note_eight_bit_addresses() {
    for (const auto* list : {&draft_.from, &draft_.reply_to, &draft_.to, &draft_.cc}) {
      for (const MailAddress& address : *list) {
        if (!needs_smtputf8(address.address)) continue;
        mail_.needs_smtputf8 = true;
        mail_.notes.push_back(address.address + " needs a server with SMTPUTF8");
      }
    }
  }

  // --- structure: mixed( alternative( text, related( html, images ) ), attachments ) -------------

  bool is_inline(const DraftAttachment& attachment) const {
    return draft_.html.has_value() && !attachment.content_id.empty();
  }

  void write_content() {
    const auto inlines = [this](const DraftAttachment& a) { return is_inline(a); };
    const auto& all = draft_.attachments;
    const bool related = std::any_of(all.begin(), all.end(), inlines);
    if (std::all_of(all.begin(), all.end(), inlines)) return write_body(related, true);
    const std::string boundary = begin_multipart("mixed", "1");
    begin_part(boundary);
    write_body(related, false);
    for (const DraftAttachment& attachment : all) {
      if (is_inline(attachment)) continue;
      begin_part(boundary);
      write_attachment(attachment);
    }
    end_multipart(boundary);
  }

  void write_body(bool related, bool is_root) {
    if (!draft_.html) return write_text("text/plain", text_.value_or(""), is_root);
    if (!text_) return write_html(related, is_root);
    const std::string boundary = begin_multipart("alternative", "2");
    begin_part(boundary);
    write_text("text/plain", *text_, false);
    begin_part(boundary);
    write_html(related, false);
    end_multipart(boundary);
  }

  void write_html(bool related, bool is_root) {
    if (!related) return write_text("text/html", *draft_.html, is_root);
    const std::string boundary = begin_multipart("related", "3");
    begin_part(boundary);
    write_text("text/html", *draft_.html, false);
    for (const DraftAttachment& attachment : draft_.attachments) {
      if (!is_inline(attachment)) continue;
      begin_part(boundary);
      write_attachment(attachment);
    }
    end_multipart(boundary);
  }

  /// "=_" occurs in no base64 and no quoted-printable; the random part keeps it out of plain text.
  std::string begin_multipart(const std::string& kind, const char* number) {
    std::string boundary = "=_" + context_.random_hex + "_" + number;
    std::vector<std::pair<std::string, std::string>> parameters;
    if (kind == "related") parameters.emplace_back("type", "text/html");  // RFC 2387 §3.1
    parameters.emplace_back("boundary", boundary);
    header().with_parameters("Content-Type", "multipart/" + kind, parameters);
    return boundary;
  }

  void begin_part(const std::string& boundary) { out() += "\r\n--" + boundary + "\r\n"; }
  void end_multipart(const std::string& boundary) { out() += "\r\n--" + boundary + "--\r\n"; }

  // --- leaves -----------------------------------------------------------------------------------

  void write_text(const char* type, std::string_view utf8, bool is_root) {
    std::string text = with_crlf(to_valid_utf8(utf8));
    // A text that we made of the HTML may hold what there were only entities for.
    auto converted = from_utf8(text, charset_);
    const std::string charset = converted ? charset_ : "utf-8";
    if (converted) text = std::move(*converted);
    if (is_root && !text.ends_with("\r\n")) text += "\r\n";
    header().with_parameters("Content-Type", type, {{"charset", charset}});
    const auto odd =
        static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_eight_bit));
    if (fits_seven_bit(text)) {
      begin_content("7bit");
      out() += text;
    } else if (odd * 6 > text.size()) {
      begin_content("base64");
      append_base64_lines(text, out());
    } else {
      begin_content("quoted-printable");
      append_quoted_printable(text, out());
    }
  }

  void begin_content(const char* encoding) {
    header().words("Content-Transfer-Encoding", {encoding});
    out() += "\r\n";
  }

  void write_attachment(const DraftAttachment& attachment) {
    const ParameterizedValue type = parse_parameterized(attachment.content_type);
    const std::size_t slash = type.value.find('/');
    std::string name = type.value;
    const bool valid = slash != name.npos && name.size() <= 127 &&
                       is_token(name.substr(0, slash)) && is_token(name.substr(slash + 1)) &&
                       !name.starts_with("multipart/");
    if (!valid) name = "application/octet-stream";
    // RFC 2046 §5.2.1: a message part may not be base64.
    std::string plain;
    if (name.starts_with("message/")) plain = with_crlf(attachment.content);
    const bool as_message = !plain.empty() && fits_seven_bit(plain);
    if (name.starts_with("message/") && !as_message) name = "application/octet-stream";
    if (name != type.value && !attachment.content_type.empty()) {
      mail_.notes.push_back("attachment " + to_valid_utf8(cut_utf8(attachment.filename, 60)) +
                            " was sent as application/octet-stream");
    }
    std::vector<std::pair<std::string, std::string>> parameters;
    const Parameter* charset = type.find("charset");
    if (charset != nullptr && valid && is_token(charset->value) && charset->value.size() <= 40) {
      parameters.emplace_back("charset", charset->value);
    }
    header().with_parameters("Content-Type", name, parameters);
    write_disposition(attachment);
    begin_content(as_message ? "7bit" : "base64");
    if (as_message) {
      out() += plain;
    } else {
      append_base64_lines(attachment.content, out());
    }
  }

  void write_disposition(const DraftAttachment& attachment) {
    std::vector<std::pair<std::string, std::string>> parameters;
    if (!attachment.filename.empty()) parameters.emplace_back("filename", attachment.filename);
    header().with_parameters("Content-Disposition", is_inline(attachment) ? "inline" : "attachment",
                             parameters);
    if (!attachment.content_id.empty()) {
      header().words("Content-ID", {bracketed(attachment.content_id)});
    }
  }

  const Draft& draft_;
  const ComposeContext& context_;
  std::string charset_ = "utf-8";
  std::optional<std::string> text_;
  ComposedMail mail_;
};

}  // namespace

Result<ComposedMail> compose(const Draft& draft, const ComposeContext& context) {
  POSTERN_ASSERT(context.random_hex.size() >= 16 && context.random_hex.size() <= 64 &&
                 std::all_of(context.random_hex.begin(), context.random_hex.end(),
                             [](char c) { return hex_value(c) >= 0; }));
  POSTERN_TRY(check_draft(draft));
  return Composer(draft, context).run();
}

}  // namespace postern::message
