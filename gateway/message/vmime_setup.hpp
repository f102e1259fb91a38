// vmime made ready once a process. RFC numbers are vmime's business; ours are two settings without
// which it asks the DNS for the host's name in the middle of parsing, and reads 8-bit headers as
// US-ASCII. They are globals without locks, so they are set before anything else of it is touched.
#pragma once

namespace postern::message {

/// Safe to call from any thread, any number of times; cheap after the first.
void setup_vmime();

}  // namespace postern::message
