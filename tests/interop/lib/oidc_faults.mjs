// What an authorization server may do wrong, one fault a path, taken in the order they were added.
// A fault {path, times, …} is made by OidcServer.fault; `seen` counts how often it was met, and
// remove() ends it. By field:
//   status, headers, body   this answer instead of the server's own; an object is sent as JSON, a
//                           function of the request gives one
//   cut                     the line is closed without an answer
//   hold_before             nothing happens until release() is called
//   hold_after              the deed is done (`held` counts), its answer kept until release()
//   lose                    with hold_after: the answer is then never given
//   edit(answer, request)   changes the server's own JSON answer
//   only                    a grant type (or a test of the request): all others pass
const bodies = (body) => (typeof body === "object" ? JSON.stringify(body) : String(body ?? ""));

function concerns(fault, { path, params }) {
  if (fault.path !== path || fault.seen >= fault.times) return false;
  return !fault.only || params?.grant_type === fault.only;
}

/** Gives `change` the bytes of the server's answer before they leave; nothing: the line is cut. */
function change_answer(response, change) {
  const end = response.end.bind(response);
  response.end = (bytes) => {
    Promise.resolve(change(bytes)).then((changed) => {
      if (changed === null) {
        response.destroy();
        return;
      }
      if (!response.headersSent && changed !== undefined) {
        response.setHeader("content-length", Buffer.byteLength(changed));
      }
      end(changed);
    });
    return response;
  };
}

/** True when the fault has answered, or will never. */
export async function take_faults(server, seen, request, response) {
  const fault = server.faults.find((each) => concerns(each, seen));
  if (!fault) return false;
  fault.seen++;
  seen.fault = fault;
  if (fault.hold_before) await fault.released;
  if (fault.cut) {
    request.socket.destroy();
    return true;
  }
  if (fault.status) {
    const body = typeof fault.body === "function" ? fault.body(seen) : fault.body;
    const kind = typeof body === "object" ? "application/json" : "text/html";
    response.writeHead(fault.status, { "content-type": kind, ...fault.headers });
    response.end(bodies(body));
    return true;
  }
  if (fault.hold_after || fault.edit) {
    change_answer(response, async (bytes) => {
      fault.held = (fault.held ?? 0) + 1;
      if (fault.hold_after) await fault.released;
      if (fault.lose) return null;
      if (!fault.edit) return bytes;
      return JSON.stringify(fault.edit(JSON.parse(bytes), seen));
    });
  }
  return false;
}

const device_code = "urn:ietf:params:oauth:grant-type:device_code";

/** An edit: the names of errors that Microsoft uses where RFC 8628 has others. */
export function as_microsoft(answer, { params }) {
  const { verification_uri_complete: _, ...rest } = answer;
  if (!rest.error || params.grant_type !== device_code) return rest;
  const names = {
    access_denied: "authorization_declined",
    invalid_grant: "bad_verification_code",
  };
  return { ...rest, error: names[rest.error] ?? rest.error, error_codes: [70016] };
}
