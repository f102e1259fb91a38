// The tables behind judge(), one a module.
#pragma once

#include "flows/verdict.hpp"
#include "imap/errc.hpp"
#include "net/env.hpp"
#include "oauth/errc.hpp"
#include "pop3/errc.hpp"
#include "smtp/error.hpp"

namespace postern::flows {

Verdict judge_imap(imap::errc code, std::string_view step);
Verdict judge_pop3(pop3::errc code, std::string_view step);
Verdict judge_smtp(smtp::errc code);
Verdict judge_oauth(oauth::errc code, Direction direction);
Verdict judge_net(net::errc code, Direction direction, std::string_view step);

}  // namespace postern::flows
