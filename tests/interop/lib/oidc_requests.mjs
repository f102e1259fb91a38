// What a call to the authorization server held: kept for the tests, and left for the server to take.
const body_bytes_max = 1024 * 1024;

/** One part of a JWT, unverified: 0 the header, 1 the claims. */
export const jwt_part = (jwt, part) => JSON.parse(Buffer.from(jwt.split(".")[part], "base64url"));

/** Keeps a form's fields in `seen.params`, and leaves them for oidc-provider to take. */
export async function read_body(request, seen) {
  const chunks = [];
  let size = 0;
  for await (const bytes of request) {
    size += bytes.length;
    if (size > body_bytes_max) throw new Error("the body is too long");
    chunks.push(bytes);
  }
  request.body = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
  seen.params = request.body;
  seen.authorization = request.headers.authorization;
  const assertion = seen.params.client_assertion ?? seen.params.assertion;
  if (assertion) {
    seen.assertion = { header: jwt_part(assertion, 0), claims: jwt_part(assertion, 1) };
  }
}
