// Calls of the HTTP API: the session's CSRF token, problems as exceptions, lists page by page.
const base = "/api/v1";
const csrf_key = "postern.csrf";
const list_limit = 500;

let csrf = sessionStorage.getItem(csrf_key) ?? "";

export function keep_csrf(token) {
  csrf = token ?? "";
  if (csrf) sessionStorage.setItem(csrf_key, csrf);
  else sessionStorage.removeItem(csrf_key);
}

/** A refusal as the server puts it (RFC 9457), or that it could not be reached (status 0). */
export class Problem extends Error {
  constructor(status, body = {}) {
    super(body.detail || body.title || `The server answered ${status}.`);
    this.status = status;
    this.code = body.code ?? "";
    this.hint = body.hint ?? "";
    this.errors = body.errors ?? [];
    this.request_id = body.request_id ?? "";
    this.result_code = body.result_code;
    this.body = body;
  }
}

async function problem_of(response) {
  let body = {};
  try {
    body = await response.json();
  } catch {
    body = { detail: `The server answered ${response.status} ${response.statusText}.` };
  }
  return new Problem(response.status, body);
}

// How many calls are under way: told on the body, for a look at whether all is there.
let under_way = 0;
function count_calls(change) {
  under_way += change;
  document.body.toggleAttribute("data-calls", under_way > 0);
}

/** The answer to one call, its body unread. Throws a Problem unless it is a 2xx. */
export async function answer_to(method, path, body, { headers = {}, etag, signal } = {}) {
  const sent = { Accept: "application/json", ...headers };
  if (method !== "GET") sent["X-CSRF-Token"] = csrf;
  if (etag) sent["If-Match"] = etag;
  const plain = typeof body === "string" || body instanceof FormData || body instanceof Blob;
  if (body !== undefined && !plain) {
    sent["Content-Type"] =
      method === "PATCH" ? "application/merge-patch+json" : "application/json";
  }
  let response;
  count_calls(1);
  try {
    response = await fetch(base + path, {
      method,
      headers: sent,
      body: body === undefined || plain ? body : JSON.stringify(body),
      credentials: "same-origin",
      signal,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    window.dispatchEvent(new Event("postern:unreachable"));
    throw new Problem(0, {
      code: "unreachable",
      detail: "The server does not answer.",
      hint: "It may be starting again; the page goes on by itself as soon as it does.",
    });
  } finally {
    // The body is read, and drawn, after this.
    setTimeout(() => count_calls(-1), 50);
  }
  if (response.ok) return response;
  const problem = await problem_of(response);
  if (problem.status === 401 && !path.startsWith("/session")) {
    window.dispatchEvent(new Event("postern:signed-out"));
  }
  throw problem;
}

async function content(response) {
  if (response.status === 204) return null;
  const kind = response.headers.get("content-type") ?? "";
  return /\bjson\b/.test(kind) ? response.json() : response.text();
}

/** {body, etag} of a resource. */
export async function read(path, options) {
  const response = await answer_to("GET", path, undefined, options);
  return { body: await content(response), etag: response.headers.get("etag") };
}

export const get = async (path, options) => (await read(path, options)).body;
export const send = async (method, path, body, options) =>
  content(await answer_to(method, path, body, options));
export const post = (path, body, options) => send("POST", path, body, options);

/** The query "?a=1&b=2" of what is set, or nothing. */
export function query(values) {
  const set = Object.entries(values).filter(([, v]) => v !== undefined && v !== null && v !== "");
  return set.length ? `?${new URLSearchParams(set)}` : "";
}

/** All items of a list, page after page; `each` is told what has come so far. */
export async function list(path, { each, limit = list_limit, max = Infinity, ...options } = {}) {
  const items = [];
  const mark = path.includes("?") ? "&" : "?";
  for (let cursor = ""; ; ) {
    const next = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
    const page = await get(`${path}${mark}limit=${limit}${next}`, options);
    items.push(...page.items);
    if (each) each([...items], !page.next_cursor);
    cursor = page.next_cursor;
    if (!cursor || items.length >= max) return items;
  }
}

/** Calls `each` with every line of a streamed answer (NDJSON), as it comes. */
export async function lines_of(path, body, each, options) {
  const response = await answer_to("POST", path, body, {
    ...options,
    headers: { Accept: "application/x-ndjson, application/json" },
  });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    for (const line of parts) if (line.trim()) each(JSON.parse(line));
  }
  if (rest.trim()) each(JSON.parse(rest));
}
