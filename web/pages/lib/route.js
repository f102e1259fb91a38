// Where the viewer is: the part of the address behind "#". The server sees none of it.
import { useEffect, useState } from "./html.js";

function parse(hash) {
  const [where, search = ""] = hash.replace(/^#\/?/, "").split("?");
  const parts = where.split("/").filter(Boolean).map(decode);
  return { parts, query: Object.fromEntries(new URLSearchParams(search)) };
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a screen: href("integrations", id), href("received", {state: "held"}). */
export function href(...parts) {
  const last = parts.at(-1);
  const search = typeof last === "object" && last !== null ? parts.pop() : {};
  const set = Object.entries(search).filter(([, value]) => value);
  const words = parts.map((part) => encodeURIComponent(part)).join("/");
  return `#/${words}${set.length ? `?${new URLSearchParams(set)}` : ""}`;
}

export function go(...parts) {
  location.hash = href(...parts);
}

/** As go, without an entry of its own in the browser's history. */
export function replace(...parts) {
  history.replaceState(null, "", href(...parts));
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}

// A form with unsaved changes sets this to ask before it is left.
let guard = null;
export function guard_leaving(ask) {
  guard = ask;
}

export function use_route() {
  const [route, set_route] = useState(() => parse(location.hash));
  useEffect(() => {
    let shown = location.hash;
    const changed = () => {
      if (location.hash === shown) return;
      if (guard && !guard()) {
        history.replaceState(null, "", shown || "#/");
        return;
      }
      shown = location.hash;
      set_route(parse(shown));
    };
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  return route;
}
