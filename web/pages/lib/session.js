// Who is signed in, as the server says.
import { get, keep_csrf, send } from "./api.js";

let current = null;

export const who = () => current;
/** Whether settings may be changed (admins), and acts be done (operators too). */
export const may_change = () => !current?.may || current.may.includes("admin");
export const may_act = () => may_change() || current.may.includes("operate");

function signed_in(session) {
  current = session;
  if (session.csrf_token) keep_csrf(session.csrf_token);
  return { ...session, state: "signed_in" };
}

/** {state: "signed_in" | "signed_out" | "first_start", name, role, …}; undefined: not known now. */
export async function find_session() {
  try {
    const found = await get("/session");
    if (found.state === "signed_in") return signed_in(found);
    current = null;
    return found;
  } catch (problem) {
    if (problem.status === 0) return undefined;
    current = null;
    return { state: "signed_out" };
  }
}

export async function sign_in(name, password) {
  const opened = await send("POST", "/session", { name, password });
  keep_csrf(opened.csrf_token);
  const found = await find_session();
  return found?.state === "signed_in" ? found : signed_in(opened);
}

export async function first_start(values) {
  keep_csrf((await send("POST", "/session/first-start", values)).csrf_token);
}

export async function sign_out() {
  await send("DELETE", "/session");
  keep_csrf("");
  current = null;
}
