// Migration: OAuth's apps, grants and begun authorisations. Their secrets are in `secret`; the
// words are told in oauth.hpp.
#pragma once

namespace postern::storage {

inline constexpr const char* oauth_schema = R"sql(
CREATE TABLE oauth_app (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  config TEXT NOT NULL,
  fault TEXT NOT NULL DEFAULT '',
  reminded_days INTEGER,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  modified_by TEXT NOT NULL
) STRICT;
CREATE TABLE oauth_grant (
  id INTEGER PRIMARY KEY,
  app INTEGER NOT NULL REFERENCES oauth_app(id),
  state TEXT NOT NULL,
  identity TEXT NOT NULL,
  subject TEXT NOT NULL,
  scopes TEXT NOT NULL,
  authorised_by TEXT NOT NULL,
  authorised_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_refresh INTEGER,
  serial INTEGER NOT NULL,
  trouble TEXT NOT NULL
) STRICT;
CREATE INDEX oauth_grant_by_app ON oauth_grant(app);
CREATE TABLE oauth_pending (
  id INTEGER PRIMARY KEY,
  state_sha256 TEXT NOT NULL UNIQUE,
  app INTEGER NOT NULL,
  integration INTEGER NOT NULL,
  shared_mailbox INTEGER NOT NULL,
  asked_by TEXT NOT NULL,
  session_sha256 TEXT NOT NULL,
  browser_sha256 TEXT NOT NULL,
  nonce TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
)sql";

}  // namespace postern::storage
