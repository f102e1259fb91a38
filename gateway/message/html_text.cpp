#include "message/html_text.hpp"

#include "core/utf8.hpp"
#include "message/ascii.hpp"

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace postern::message {
namespace {

/// What an element does to the text around it.
enum class Shape { inline_words, line, paragraph, nothing_shown };

struct Element {
  std::string_view name;
  Shape shape;
};

constexpr std::array elements{
    Element{"address", Shape::line},
    Element{"article", Shape::line},
    Element{"aside", Shape::line},
    Element{"blockquote", Shape::paragraph},
    Element{"caption", Shape::line},
    Element{"center", Shape::line},
    Element{"dd", Shape::line},
    Element{"div", Shape::line},
    Element{"dl", Shape::paragraph},
    Element{"dt", Shape::line},
    Element{"fieldset", Shape::line},
    Element{"figure", Shape::line},
    Element{"footer", Shape::line},
    Element{"form", Shape::line},
    Element{"h1", Shape::paragraph},
    Element{"h2", Shape::paragraph},
    Element{"h3", Shape::paragraph},
    Element{"h4", Shape::paragraph},
    Element{"h5", Shape::paragraph},
    Element{"h6", Shape::paragraph},
    Element{"header", Shape::line},
    Element{"li", Shape::line},
    Element{"main", Shape::line},
    Element{"nav", Shape::line},
    Element{"ol", Shape::paragraph},
    Element{"p", Shape::paragraph},
    Element{"pre", Shape::paragraph},
    Element{"script", Shape::nothing_shown},
    Element{"section", Shape::line},
    Element{"select", Shape::nothing_shown},
    Element{"style", Shape::nothing_shown},
    Element{"table", Shape::paragraph},
    Element{"template", Shape::nothing_shown},
    Element{"title", Shape::nothing_shown},
    Element{"tr", Shape::line},
    Element{"ul", Shape::paragraph},
};

Shape shape_of(std::string_view name) {
  const auto found = std::find_if(elements.begin(), elements.end(),
                                  [&](const Element& element) { return element.name == name; });
  return found == elements.end() ? Shape::inline_words : found->shape;
}

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

/// Appends words, knows how many line ends are owed before the next one.
class Writer {
 public:
  /// Words whose runs of white space count as one blank.
  void words(std::string_view text) {
    for (const char c : text) {
      if (is_space(c) || c == '\f') {
        blank_owed_ = true;
      } else {
        put(c);
      }
    }
  }

  void as_they_stand(std::string_view text) {
    for (const char c : text) {
      if (c == '\n') {
        end_line();
      } else if (c == ' ') {
        put_blank();
      } else if (c != '\r') {
        put(c);
      }
    }
  }

  void blank() { blank_owed_ = true; }
  /// At least `ends` line ends between what is there and what comes.
  void ends(int ends) { ends_owed_ = std::max(ends_owed_, ends); }
  void end_line() {
    ends_owed_ = std::min(ends_owed_ + 1, lines_between_max);
    blank_owed_ = false;
  }

  /// Begins an item: its mark stands where the next line's indent ends.
  void mark(std::string text) { mark_ = std::move(text); }
  void push(std::string indent) { indents_.push_back(std::move(indent)); }
  void pop() {
    if (!indents_.empty()) indents_.pop_back();
  }

  bool full() const { return text_.size() > html_text_bytes_max; }
  std::size_t size() const { return text_.size(); }
  std::string_view since(std::size_t begin) const { return std::string_view(text_).substr(begin); }
  std::string take() {
    if (!text_.empty()) text_.push_back('\n');
    return std::move(text_);
  }

 private:
  static constexpr int lines_between_max = 2;

  void put(char c) {
    open_line();
    if (blank_owed_ && !line_begins_) text_.push_back(' ');
    blank_owed_ = line_begins_ = false;
    text_.push_back(c);
  }

  void put_blank() {
    open_line();
    line_begins_ = false;
    text_.push_back(' ');
  }

  void open_line() {
    if (ends_owed_ == 0 && !text_.empty()) return;
    if (!text_.empty()) text_.append(static_cast<std::size_t>(ends_owed_), '\n');
    ends_owed_ = 0;
    const std::size_t shown = std::min<std::size_t>(indents_.size(), html_indent_max);
    const std::size_t own = mark_.empty() ? shown : shown - std::min<std::size_t>(shown, 1);
    for (std::size_t i = 0; i < own; ++i) text_ += indents_[i];
    text_ += mark_;
    mark_.clear();
    line_begins_ = true;
    blank_owed_ = false;
  }

  std::string text_, mark_;
  std::vector<std::string> indents_;
  int ends_owed_ = 0;
  bool blank_owed_ = false, line_begins_ = true;
};

/// A list that is open; a bullet when `next` is 0.
struct List {
  int next = 0;
};

class Reader {
 public:
  explicit Reader(xmlParserCtxtPtr parser) : parser_(parser) {}

  void start(std::string_view name, const xmlChar** attributes) {
    if (++depth_ > html_nesting_max || writer_.full()) return stop();
    const Shape shape = shape_of(name);
    if (shape == Shape::nothing_shown) ++hidden_;
    if (hidden_ > 0) return;
    if (shape == Shape::line) writer_.ends(1);
    if (shape == Shape::paragraph) writer_.ends(lists_.empty() ? 2 : 1);
    if (name == "br") writer_.end_line();
    if (name == "hr") rule();
    if (name == "td" || name == "th") writer_.blank();
    if (name == "pre") ++preformatted_;
    if (name == "blockquote") writer_.push("> ");
    if (name == "ul" || name == "ol") lists_.push_back({name == "ol" ? 1 : 0});
    if (name == "li") item();
    if (name == "a") links_.push_back({attribute(attributes, "href"), writer_.size()});
    if (name == "img") image(attributes);
  }

  void end(std::string_view name) {
    --depth_;
    const Shape shape = shape_of(name);
    if (shape == Shape::nothing_shown) hidden_ = std::max(0, hidden_ - 1);
    if (hidden_ > 0) return;
    if (name == "a") end_link();
    if (name == "pre") preformatted_ = std::max(0, preformatted_ - 1);
    if (name == "blockquote" || name == "li") writer_.pop();
    if (name == "li") writer_.mark("");  // an empty item shows none
    if ((name == "ul" || name == "ol") && !lists_.empty()) lists_.pop_back();
    if (shape == Shape::line) writer_.ends(1);
    if (shape == Shape::paragraph) writer_.ends(lists_.empty() ? 2 : 1);
  }

  void characters(std::string_view text) {
    if (hidden_ > 0) return;
    if (writer_.full()) return stop();
    std::string plain;  // a no-break space is a blank in plain text
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool hard_blank = text.substr(i).starts_with("\xC2\xA0");
      plain.push_back(hard_blank ? ' ' : text[i]);
      if (hard_blank) ++i;
    }
    if (preformatted_ > 0) {
      writer_.as_they_stand(plain);
    } else {
      writer_.words(plain);
    }
  }

  HtmlText take() { return {writer_.take(), stopped_}; }

 private:
  struct Link {
    std::string address;
    std::size_t text_begins;
  };

  void stop() {
    stopped_ = true;
    xmlStopParser(parser_);
  }

  static std::string attribute(const xmlChar** attributes, std::string_view name) {
    for (; attributes != nullptr && attributes[0] != nullptr; attributes += 2) {
      if (view(attributes[0]) == name) return std::string(trim(view(attributes[1])));
    }
    return {};
  }

  void rule() {
    writer_.ends(1);
    writer_.words("----------");
    writer_.ends(1);
  }

  void item() {
    std::string mark = "- ";
    if (!lists_.empty() && lists_.back().next > 0)
      mark = std::to_string(lists_.back().next++) + ". ";
    writer_.push(std::string(mark.size(), ' '));
    writer_.mark(std::move(mark));
  }

  void image(const xmlChar** attributes) {
    const std::string alt = attribute(attributes, "alt");
    if (!alt.empty()) writer_.words("[" + alt + "]");
  }

  /// The address behind the words, where it is of use and not what they say already.
  void end_link() {
    if (links_.empty()) return;
    const Link link = std::move(links_.back());
    links_.pop_back();
    const std::string& address = link.address;
    const std::string kind = to_lower(address.substr(0, 8));
    const bool of_use =
        kind.starts_with("http://") || kind == "https://" || kind.starts_with("mailto:");
    const bool clean = std::none_of(address.begin(), address.end(),
                                    [](char c) { return is_space(c) || is_control(c); });
    if (!of_use || !clean || writer_.size() <= link.text_begins) return;
    const std::string_view said = trim(writer_.since(link.text_begins));
    if (address.ends_with(said) && address.size() - said.size() <= kind.size()) return;
    writer_.words(" <" + address + ">");
  }

  xmlParserCtxtPtr parser_;
  Writer writer_;
  std::vector<List> lists_;
  std::vector<Link> links_;
  int depth_ = 0, hidden_ = 0, preformatted_ = 0;
  bool stopped_ = false;
};

Reader& reader(void* user) {
  return *static_cast<Reader*>(user);
}

struct FreeParser {
  void operator()(xmlParserCtxt* parser) const { htmlFreeParserCtxt(parser); }
};

}  // namespace

HtmlText text_of_html(std::string_view html) {
  const bool cut = html.size() > html_text_source_bytes_max;
  std::string source = to_valid_utf8(cut_utf8(html, html_text_source_bytes_max));
  std::erase(source, '\0');
  if (source.empty()) return {};
  const std::unique_ptr<xmlParserCtxt, FreeParser> parser(
      htmlCreateMemoryParserCtxt(source.data(), static_cast<int>(source.size())));
  if (!parser) return {"", true};
  // The HTML is UTF-8, whatever a <meta> in it says.
  htmlCtxtUseOptions(parser.get(), HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                                       HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
  xmlSwitchEncoding(parser.get(), XML_CHAR_ENCODING_UTF8);
  Reader target(parser.get());
  xmlSAXHandler& sax = *parser->sax;
  sax = {};
  sax.startElement = [](void* user, const xmlChar* name, const xmlChar** attributes) {
    reader(user).start(view(name), attributes);
  };
  sax.endElement = [](void* user, const xmlChar* name) { reader(user).end(view(name)); };
  sax.characters = [](void* user, const xmlChar* text, int size) {
    reader(user).characters({reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)});
  };
  sax.ignorableWhitespace = sax.characters;
  parser->userData = &target;
  htmlParseDocument(parser.get());
  HtmlText result = target.take();
  result.cut = result.cut || cut;
  return result;
}

}  // namespace postern::message
