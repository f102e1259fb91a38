// Authorisation on another device (RFC 8628): the token is asked for until the person has entered
// the code, or it has run out.
#include "core/log.hpp"
#include "flows/authoriser.hpp"
#include "oauth/errc.hpp"

namespace postern::flows {
namespace {

constexpr std::size_t devices_max = 200;
constexpr Duration kept_after_end = std::chrono::hours(1);  // so that its outcome can be read

}  // namespace

net::Task<Result<DeviceAuthorisation>> Authoriser::begin_device(AuthorisationWish wish) {
  co_return co_await net::run_on(home_, begin_device_here(std::move(wish)));
}

net::Task<Result<DeviceAuthorisation>> Authoriser::device(std::string id) {
  co_return co_await net::run_on(home_, device_here(std::move(id)));
}

void Authoriser::forget_old_devices() {
  const Duration now = context_.env.steady();
  std::erase_if(devices_,
                [&](const auto& each) { return now > each.second.ends + kept_after_end; });
}

net::Task<Result<DeviceAuthorisation>> Authoriser::begin_device_here(AuthorisationWish wish) {
  forget_old_devices();
  if (devices_.size() >= devices_max) {
    co_return Error{storage::errc::busy, "too many devices are being authorised"};
  }
  POSTERN_CO_TRY(auto opened, co_await open(std::move(wish)));
  if (opened.at.app.value.flow != OAuthFlow::device) {
    co_return Error{storage::errc::wrong_state,
                    "This app's flow is not \"device\": POST /oauth/authorize."};
  }
  const auto asker = server_.client(opened.at);
  POSTERN_CO_TRY(auto request, oauth::device_authorization(asker, opened.scopes));
  POSTERN_CO_TRY(const auto answered, co_await server_.call(opened.at, std::move(request)));
  POSTERN_CO_TRY(auto codes, oauth::read_device_answer(answered));
  const auto id = server_.token();
  Device device;
  device.ends = context_.env.steady() + codes.expires_in;
  device.code = std::move(codes.device_code);
  device.shown.id = id;
  device.shown.user_code = std::move(codes.user_code);
  device.shown.verification_uri = std::move(codes.verification_uri);
  device.shown.verification_uri_complete = std::move(codes.verification_uri_complete);
  device.shown.expires_in = codes.expires_in;
  device.shown.interval = codes.interval;
  const auto shown = device.shown;
  devices_.emplace(id, std::move(device));
  scope_.spawn(poll(std::move(opened), id));
  co_return shown;
}

net::Task<Result<DeviceAuthorisation>> Authoriser::device_here(std::string id) {
  forget_old_devices();
  const auto found = devices_.find(id);
  if (found == devices_.end()) co_return Error{storage::errc::not_found, "device authorisation"};
  co_return found->second.shown;
}

net::Task<void> Authoriser::poll(Case wish, std::string id) {
  oauth::DevicePace pace(devices_.at(id).shown.interval);
  for (;;) {
    co_await net::sleep_for(context_.env, pace.interval());
    if (context_.env.steady() >= devices_.at(id).ends) {
      auto& shown = devices_.at(id).shown;
      shown.state = DeviceAuthorisation::State::failed;
      shown.message = "Nobody entered the code in time.";
      co_return;
    }
    const bool again = co_await poll_once(wish, id, pace);
    if (!again) co_return;
  }
}

/// Whether to ask again.
net::Task<bool> Authoriser::poll_once(const Case& wish, std::string id, oauth::DevicePace& pace) {
  auto form = oauth::device_form(std::string(devices_.at(id).code.reveal()));
  auto answer = co_await server_.ask(wish.at, std::move(form));
  std::string failure;
  if (const auto* fault = std::get_if<oauth::TokenFault>(&answer)) {
    if (pace.after(*fault)) co_return true;
    failure = fault->words + ". " + fault->hint;
  } else {
    auto authorised = co_await settle(wish, std::get<oauth::Tokens>(std::move(answer)));
    auto& shown = devices_.at(id).shown;
    if (authorised) {
      shown.state = DeviceAuthorisation::State::authorised;
      shown.grant = std::move(authorised).value().grant;
      co_return false;
    }
    failure = describe(authorised.error());
  }
  auto& shown = devices_.at(id).shown;
  shown.state = DeviceAuthorisation::State::failed;
  shown.message = std::move(failure);
  log::warn("{}: the authorisation on a device failed: {}", wish.integration.value.name,
            shown.message);
  co_return false;
}

}  // namespace postern::flows
