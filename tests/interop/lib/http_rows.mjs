// Requests that no honest client sends: each row is a name, the bytes, and the statuses that are
// right; "cut" is a line closed without an answer. More than one answer is always wrong: then
// something behind the first request was taken for another.
const crlf = "\r\n";
export const smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

const get = (lines, target = "/healthz") =>
  [`GET ${target} HTTP/1.1`, "Host: x", ...lines, "", ""].join(crlf);
const post = (lines, body = "") =>
  ["POST /api/v1/session HTTP/1.1", "Host: x", "Content-Type: application/json", ...lines, "", body].join(crlf);
const chunked = (body) => post(["Transfer-Encoding: chunked"], body);

const request_lines = [
  ["no request line", "GARBAGE\r\n\r\n", [400]],
  ["an empty line before it", `\r\n${get(["Connection: close"])}`, [200, 400]],
  ["HTTP/0.9", "GET /healthz\r\n\r\n", [400]],
  ["HTTP/2.0", "GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n", [400, 505]],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400, 405, 505]],
  ["a version that is none", "GET /healthz HTTP/1.x\r\nHost: x\r\n\r\n", [400, 505]],
  ["bare LF as line end", "GET /healthz HTTP/1.1\nHost: x\n\n", [400, 505]],
  ["bare LF within the header", `GET /healthz HTTP/1.1\r\nHost: x\nX: y\r\n\r\n${smuggled}`, [400]],
  ["bare CR within the header", "GET /healthz HTTP/1.1\r\nHost: x\rX: y\r\n\r\n", [400]],
  ["two blanks", "GET  /healthz HTTP/1.1\r\nHost: x\r\n\r\n", [400]],
  ["a tab as blank", "GET\t/healthz\tHTTP/1.1\r\nHost: x\r\n\r\n", [400]],
  ["a blank within the target", "GET /heal thz HTTP/1.1\r\nHost: x\r\n\r\n", [400, 505]],
  ["a method in small letters", "get /healthz HTTP/1.1\r\nHost: x\r\n\r\n", [400, 405, 501]],
  ["a method that is none", "BREW /healthz HTTP/1.1\r\nHost: x\r\n\r\n", [400, 405, 501]],
  ["a method of 20 KB", `${"G".repeat(20000)} /healthz HTTP/1.1\r\nHost: x\r\n\r\n`, [400, 431]],
  ["NUL within the method", "G\0T /healthz HTTP/1.1\r\nHost: x\r\n\r\n", [400]],
  ["NUL within the target", "GET /heal\0thz HTTP/1.1\r\nHost: x\r\n\r\n", [400]],
  ["TRACE", "TRACE /healthz HTTP/1.1\r\nHost: x\r\n\r\n", [405]],
  ["CONNECT", "CONNECT example.test:80 HTTP/1.1\r\nHost: x\r\n\r\n", [400, 404, 405]],
  ["OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", [400, 404, 405]],
  ["a target as for a proxy, which is its path (RFC 9112 §3.2.2)", get([], "http://example.test/healthz"), [200]],
  ["a target without its slash", get([], "healthz"), [400, 404]],
  ["a target of 20 KB", get([], `/${"a".repeat(20000)}`), [414, 431]],
  ["bytes beyond ASCII in the target", get([], "/h\u00e9althz"), [400, 404]],
  ["a target that climbs", get([], "/pages/../../etc/passwd"), [400, 404]],
  ["a target that climbs, encoded", get([], "/pages/%2e%2e/%2e%2e/%2e%2e/etc/passwd"), [400, 404]],
  ["a target that climbs, slashes encoded", get([], "/assets/1/..%2f..%2f..%2fetc%2fpasswd"), [400, 404]],
  ["an encoded NUL", get([], "/pages/app.js%00.html"), [400, 404]],
  ["an encoding that is none", get([], "/%zz"), [400, 404]],
  ["a TLS greeting", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 and more\r\n\r\n", [400]],
];

const headers = [
  ["no Host", "GET /healthz HTTP/1.1\r\n\r\n", [400]],
  ["two Hosts", get(["Host: y"]), [400]],
  ["a line without a colon", get(["Nonsense"]), [400]],
  ["a blank before the colon", get(["X : y"]), [400]],
  ["a name that is no token", get(["X(y): z"]), [400]],
  ["a name that is empty", get([": y"]), [400]],
  ["a blank before the first name", `GET /healthz HTTP/1.1\r\n Host: x\r\n\r\n`, [400]],
  ["NUL within a value", get(["X: a\0b"]), [400]],
  ["a control within a value", get(["X: a\x01b"]), [400]],
  ["a value of 17 KB", get([`X: ${"a".repeat(17000)}`]), [431]],
  ["a name of 17 KB", get([`${"X".repeat(17000)}: a`]), [431, 400]],
  ["5,000 lines", get(Array.from({ length: 5000 }, (_, n) => `X-${n}: y`)), [431]],
  ["a cookie of 15 KB", get([`Cookie: ${"a=b; ".repeat(3000)}`], "/api/v1/events"), [401]],
  ["a token of 15 KB", get([`Authorization: Bearer ${"a".repeat(15000)}`], "/api/v1/events"), [401]],
  ["two tokens", get(["Authorization: Bearer a", "Authorization: Bearer b"], "/api/v1/events"), [400, 401]],
  ["Basic", get(["Authorization: Basic YTpi"], "/api/v1/events"), [401]],
  ["another expectation", get(["Expect: a-miracle"]), [417]],
  ["a range of all", get(["Range: bytes=0-,0-,0-,0-", "Connection: close"]), [200]],
];

const lengths = [
  ["Content-Length twice, different", post(["Content-Length: 4", "Content-Length: 40"], smuggled), [400]],
  ["Content-Length twice, equal", post(["Content-Length: 2", "Content-Length: 2"], `{}${smuggled}`), [400]],
  ["Content-Length as a list", post(["Content-Length: 2, 2"], `{}${smuggled}`), [400]],
  ["Content-Length with a sign", post(["Content-Length: +2"], `{}${smuggled}`), [400]],
  ["Content-Length below zero", post(["Content-Length: -1"], smuggled), [400]],
  ["Content-Length in hexadecimal", post(["Content-Length: 0x2"], `{}${smuggled}`), [400]],
  ["Content-Length of two words", post(["Content-Length: 2 2"], `{}${smuggled}`), [400]],
  ["Content-Length with an exponent", post(["Content-Length: 1e1"], smuggled), [400]],
  ["Content-Length with a fraction", post(["Content-Length: 2.0"], `{}${smuggled}`), [400]],
  ["Content-Length that is empty", post(["Content-Length:"], smuggled), [400]],
  ["Content-Length over 64 bits", post(["Content-Length: 18446744073709551618"], smuggled), [400, 413]],
  ["Content-Length over the limit", post(["Content-Length: 10485760"], "{"), [413]],
  ["Content-Length and chunked", post(["Content-Length: 6", "Transfer-Encoding: chunked"], `0\r\n\r\n${smuggled}`), [400]],
  ["chunked and Content-Length", post(["Transfer-Encoding: chunked", "Content-Length: 6"], `0\r\n\r\n${smuggled}`), [400]],
  ["Content-Length folded", post(["Content-Length:", " 2"], `{}${smuggled}`), [400, 401]],
];

const codings = [
  ["chunked twice", post(["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], `0\r\n\r\n${smuggled}`), [400, 501]],
  ["chunked and identity", post(["Transfer-Encoding: chunked, identity"], `0\r\n\r\n${smuggled}`), [400, 501]],
  ["identity", post(["Transfer-Encoding: identity"], smuggled), [400, 501]],
  ["gzip, chunked", post(["Transfer-Encoding: gzip, chunked"], `0\r\n\r\n${smuggled}`), [400, 501]],
  ["xchunked", post(["Transfer-Encoding: xchunked"], `0\r\n\r\n${smuggled}`), [400, 501]],
  ["chunked behind a control", post(["Transfer-Encoding: \x0bchunked"], `0\r\n\r\n${smuggled}`), [400, 501]],
  ["chunked behind a blank and a colon", post(["Transfer-Encoding : chunked"], `0\r\n\r\n${smuggled}`), [400]],
  ["chunked in quotes", post(['Transfer-Encoding: "chunked"'], `0\r\n\r\n${smuggled}`), [400, 501]],
  ["chunked folded", post(["Transfer-Encoding:", " chunked"], `0\r\n\r\n`), [400]],
  ["chunked of HTTP/1.0", `POST /api/v1/session HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`, [400]],
  ["nearly its name, with a length", post(["Transfer_Encoding: chunked", "Content-Length: 5", "Connection: close"], "0\r\n\r\n"), [400]],
  ["a chunk's size that is no number", chunked(`zz\r\n{}\r\n0\r\n\r\n${smuggled}`), [400]],
  ["a chunk's size below zero", chunked(`-2\r\n{}\r\n0\r\n\r\n${smuggled}`), [400]],
  ["a chunk's size with 0x", chunked(`0x2\r\n{}\r\n0\r\n\r\n${smuggled}`), [400]],
  ["a chunk's size over 64 bits", chunked(`10000000000000002\r\n{}\r\n0\r\n\r\n${smuggled}`), [400, 413]],
  ["a chunk's size over the limit", chunked("fffffff\r\n{}"), [400, 413]],
  ["a chunk without its end", chunked(`2\r\n{}0\r\n\r\n${smuggled}`), [400]],
  ["a chunk longer than it says", chunked(`2\r\n{}{}\r\n0\r\n\r\n${smuggled}`), [400]],
  ["a chunk's size ended by LF", chunked(`2\n{}\r\n0\r\n\r\n${smuggled}`), [400]],
  ["a chunk ended by LF", chunked(`2\r\n{}\n0\r\n\r\n${smuggled}`), [400]],
  ["an extension of 100 KB", chunked(`2;a=${"b".repeat(100000)}\r\n{}\r\n0\r\n\r\n`), [400, 413, 431]],
  ["an extension with LF", chunked(`2;a\nb\r\n{}\r\n0\r\n\r\n${smuggled}`), [400]],
  ["a trailer of 100 KB", chunked(`2\r\n{}\r\n0\r\nX: ${"b".repeat(100000)}\r\n\r\n`), [400, 413, 431]],
  ["10,000 chunks of a byte", chunked(`${"1\r\n \r\n".repeat(10000)}0\r\n\r\n`), [400]],
];

const token = "Authorization: Bearer TOKEN";
const call = (lines, body, target = "/api/v1/tokens") =>
  [`POST ${target} HTTP/1.1`, "Host: x", token, "Connection: close", ...lines, `Content-Length: ${Buffer.byteLength(body, "latin1")}`, "", body].join(crlf);
const json = (body) => call(["Content-Type: application/json"], body);
const ask = (query) => get([token, "Connection: close"], `/api/v1/events?${query}`);
const form = (boundary, body) => call([`Content-Type: multipart/form-data${boundary}`], body, "/api/v1/send");

const bodies = [
  ["another media type", call(["Content-Type: text/plain"], "{}"), [415]],
  ["no media type", call([], "{}"), [400, 415]],
  ["a body in gzip", call(["Content-Type: application/json", "Content-Encoding: gzip"], "\x1f\x8b"), [400, 415]],
  ["no JSON", json("{"), [400]],
  ["JSON with more behind it", json("{} {}"), [400]],
  ["JSON of 100,000 brackets", json("[".repeat(100000)), [400]],
  ["JSON of 10,000 nested objects", json(`${'{"a":'.repeat(10000)}1${"}".repeat(10000)}`), [400]],
  ["JSON that is no UTF-8", json('{"name":"\xff\xfe"}'), [400]],
  ["JSON with a lone surrogate", json('{"name":"\\ud800","scopes":["read"]}'), [400]],
  ["JSON with a number of 10,000 digits", json(`{"name":${"9".repeat(10000)}}`), [400]],
  ["JSON that is a list", json("[]"), [400]],
  ["a name of 900,000 letters", json(`{"name":"${"a".repeat(900000)}","scopes":["read"]}`), [400]],
  ["a field 10,000 times", json(`{${'"name":"a",'.repeat(10000)}"scopes":[]}`), [400]],
  ["a byte over the limit", json(" ".repeat(1048577)), [413]],
  ["a form without a boundary", form("", "--x--"), [400]],
  ["a form with a boundary of 1,000", form(`; boundary=${"b".repeat(1000)}`, "--b--"), [400]],
  ["a form that does not end", form("; boundary=b", "--b\r\nContent-Disposition: form-data; name=to\r\n\r\nx"), [400]],
  ["a form of 20,000 parts", form("; boundary=b", `${'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n\r\n'.repeat(20000)}--b--`), [400, 413]],
  ["a limit that is no number", ask("limit=ten"), [400]],
  ["a limit over all numbers", ask("limit=99999999999999999999"), [400]],
  ["a cursor that is none", ask("cursor=%00%ff"), [400]],
  ["a query of no meaning", ask("colour=red"), [400]],
  ["a query of 1,000 parameters", ask("limit=1&".repeat(1000)), [400]],
];

export const rows = [request_lines, headers, lengths, codings, bodies].flat();
