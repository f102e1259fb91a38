// News from the server as it happens (Server-Sent Events of GET /events), and whether it answers.
// Where there is no stream, and beside it, resources are read again now and then.
const retry_ms = 3000;
const listeners = new Set();
const watchers = new Set();

let source = null;
let timer = 0;
let up = true;

export const server_is_up = () => up;

function tell(event) {
  for (const each of [...listeners]) each(event);
}

function set_up(now_up) {
  if (up === now_up) return;
  up = now_up;
  for (const each of [...watchers]) each(up);
  if (up) {
    open();
    tell({ kind: "server.back" });
  } else {
    look_again();
  }
}

function look_again() {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    try {
      const answer = await fetch("/readyz", { cache: "no-store" });
      if (answer.ok) return set_up(true);
    } catch {
      // Not yet.
    }
    if (!up) look_again();
  }, retry_ms);
}

// `event`: of the event log. `change`: somebody changed a resource. `queues`: their lengths.
function received(message) {
  try {
    const news = JSON.parse(message.data);
    tell(["change", "queues"].includes(message.type) ? { ...news, kind: message.type } : news);
  } catch {
    // Not ours to understand.
  }
}

/** Opens the stream; called once somebody is signed in, and again when the server is back. */
export function open() {
  close();
  source = new EventSource("/api/v1/events");
  for (const name of ["event", "change", "queues"]) source.addEventListener(name, received);
  source.addEventListener("error", () => {
    if (source?.readyState === EventSource.CONNECTING) set_up(false);
  });
  source.addEventListener("open", () => set_up(true));
}

export function close() {
  source?.close();
  source = null;
}

/** `told` is called with each event, and with {kind: "server.back"}. Gives what ends that. */
export function listen(told) {
  listeners.add(told);
  return () => listeners.delete(told);
}

export function watch_server(told) {
  watchers.add(told);
  return () => watchers.delete(told);
}

window.addEventListener("postern:unreachable", () => set_up(false));
