// The commands that talk to a running server through its API.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace postern::cli {

struct RemoteFlags {
  std::string url;      // --url, POSTERN_URL; "http://127.0.0.1:8025"
  std::string token;    // POSTERN_TOKEN
  std::string ca_file;  // --ca-file: a CA for an https URL
};

struct SendFlags {
  std::string integration;
  std::vector<std::string> to, cc, bcc;
  std::string subject, from;
  std::vector<std::string> attachments;  // files
  bool html = false;
  bool sync = false;
};

struct TestFlags {
  bool incoming = false, outgoing = false;  // neither or both: both directions
  bool transcript = false;                  // also when all goes well
};

/// Standard input is the text. Prints "CODE MESSAGE".
int send(const RemoteFlags& remote, const SendFlags& flags);

/// Prints each step of the connection test, and what was said where one failed.
int test(const RemoteFlags& remote, const std::string& integration, const TestFlags& flags);

/// Whether the server takes and stores mail at this moment (/readyz); for a container's health
/// check, which has no other program to ask with. Needs no token.
int health(const RemoteFlags& remote);

/// What is wrong now, one line each; `closed`: what was. `as_json`: as the API shows it.
int list_problems(const RemoteFlags& remote, bool closed, bool as_json);
int acknowledge_problem(const RemoteFlags& remote, const std::string& problem);

int list_integrations(const RemoteFlags& remote);
int show_integration(const RemoteFlags& remote, const std::string& integration);
/// All integrations as one JSON array, without secrets.
int export_integrations(const RemoteFlags& remote);
/// A file of export's, or of one integration: made new, or changed where the name exists.
int import_integrations(const RemoteFlags& remote, const std::string& file);

}  // namespace postern::cli
