// Discovery: an authorization server's endpoints, found by its issuer.
//
// OpenID Connect Discovery 1.0 §4, RFC 8414.
#pragma once

#include "oauth/errc.hpp"
#include "oauth/provider.hpp"

#include <string>
#include <string_view>

namespace postern::oauth {

/// Where the document of an issuer is.
std::string discovery_url(std::string_view issuer);

/// Whether `endpoints` lacks what `flow` needs although it has an issuer to ask.
bool needs_discovery(const Endpoints& endpoints, OAuthFlow flow);

/// `known`, completed by the document; what is known stays. Errors: unavailable (not a document of
/// that issuer; an endpoint that is neither https nor on loopback).
Result<Endpoints> with_discovered(Endpoints known, std::string_view document);

}  // namespace postern::oauth
