// See errc.hpp.
#include "oauth/errc.hpp"

namespace postern::oauth {
namespace {

const char* sentence(int value) {
  switch (static_cast<errc>(value)) {
    case errc::consent_needed:
      return "the authorization must be given again";
    case errc::no_grant:
      return "there is no grant for this login";
    case errc::app_fault:
      return "the authorization server refuses the app";
    case errc::unavailable:
      return "the authorization server gave no answer to build on";
    case errc::throttled:
      return "the authorization server asks for patience";
    case errc::bad_key:
      return "the key or certificate cannot be used";
    case errc::bad_identity_token:
      return "the identity token is not for us";
    case errc::wrong_person:
      return "another person authorised than the mailbox belongs to";
    case errc::refused:
      return "the authorization was refused";
  }
  return "unknown";
}

}  // namespace

const boost::system::error_category& category() {
  static const SentenceCategory instance("oauth", sentence);
  return instance;
}

}  // namespace postern::oauth
