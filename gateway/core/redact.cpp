// See redact.hpp. One table of patterns; RE2 is linear in the text, whatever it holds.
#include "core/redact.hpp"

#include <re2/re2.h>

#include <memory>
#include <vector>

namespace postern {
namespace {

struct Rule {
  std::unique_ptr<re2::RE2> pattern;
  const char* replacement;
};

Rule rule(const char* pattern, const char* replacement) {
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);  // foreign bytes need not be UTF-8
  return {std::make_unique<re2::RE2>(pattern, options), replacement};
}

const std::vector<Rule>& rules() {
  static const std::vector<Rule> all = [] {
    std::vector<Rule> made;
    made.push_back(rule(R"re((?i)(authorization["']?\s*[:=]\s*["']?)[^\r\n"']+)re", R"(\1***)"));
    made.push_back(rule(R"re((?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]{8,})re", R"(\1***)"));
    // What follows must be base 64, so that "250-AUTH PLAIN LOGIN" stays readable.
    made.push_back(rule(R"re((?i)\b(authenticate\s+(?:plain|login|xoauth2|oauthbearer|cram-md5))re"
                        R"re(|auth\s+(?:plain|login|xoauth2|oauthbearer|cram-md5)))re"
                        R"re([ \t]+(?:[A-Za-z0-9+/]{12,}=*|(?:[A-Za-z0-9+/]{4})*)re"
                        R"re((?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4}\b)))re",
                        R"(\1 ***)"));
    // Upper case only, as clients write it: "login failed for x" is a sentence, not a command.
    made.push_back(rule(R"re(\b(LOGIN[ \t]+(?:"(?:[^"\\]|\\.)*"|[^\s"]+))[ \t]+)re"
                        R"re((?:"(?:[^"\\]|\\.)*"?|[^\s"]+))re",
                        R"(\1 ***)"));
    made.push_back(rule(R"re(\b(whsec_|pst_)[A-Za-z0-9+/=_-]+)re", R"(\1***)"));
    made.push_back(
        rule(R"re(\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*)?)re", "***"));
    made.push_back(rule(R"re((?i)\b((?:[a-z_]*password|passwd|client_secret|refresh_token)re"
                        R"re(|access_token|id_token|client_assertion|assertion|code_verifier)re"
                        R"re(|admin_token)["']?\s*[:=]\s*)(?:"(?:[^"\\]|\\.)*"?|[^\s&,;}"]+))re",
                        R"(\1***)"));
    made.push_back(rule(R"re((://)[^/\s@"]+@)re", R"(\1***@)"));
    return made;
  }();
  return all;
}

}  // namespace

std::string redact(std::string_view text) {
  std::string out(text);
  for (const auto& each : rules()) {
    re2::RE2::GlobalReplace(&out, *each.pattern, each.replacement);
  }
  return out;
}

}  // namespace postern
