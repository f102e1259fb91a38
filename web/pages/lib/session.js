// Who is signed in, as the server says.
import { get, keep_csrf, send } from "./api.js";

let current = null;

/** The role of who is signed in: "admin", "operator" or "viewer". */
export const role = () => current?.role ?? "admin";
export const may_change = () => role() === "admin";
export const may_act = () => role() !== "viewer";

function signed_in(session) {
  current = session;
  if (session.csrf_token) keep_csrf(session.csrf_token);
  return { state: "signed_in", ...session };
}

/** {state: "signed_in" | "signed_out" | "first_start", name, role}; undefined: not to be known now. */
export async function find_session() {
  try {
    return signed_in(await get("/session"));
  } catch (problem) {
    if (problem.status === 0) return undefined;
    current = null;
    if (problem.code === "first_start") return { state: "first_start" };
    return { state: "signed_out" };
  }
}

export async function sign_in(name, password) {
  return signed_in(await send("POST", "/session", { name, password }));
}

export async function sign_out() {
  await send("DELETE", "/session");
  keep_csrf("");
  current = null;
}
