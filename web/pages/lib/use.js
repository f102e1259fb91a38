// Hooks that read from the server: one resource, a list, the time.
import { get, list, read } from "./api.js";
import { useCallback, useEffect, useRef, useState } from "./html.js";
import { listen } from "./live.js";

const again_ms = 30000; // how often what is shown is read again, news or not
const gather_ms = 400; // news that come together make one reading
const some_max = 200;
const always = ["server.back", "change"];

/** Calls `act` soon after events that `wanted` takes, and now and then while the page is seen. */
export function use_news(wanted, act) {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    if (!wanted) return undefined;
    let timer = 0;
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(() => latest.current(), gather_ms);
    };
    const end = listen((event) => {
      if (always.includes(event.kind) || wanted === true || wanted(event)) soon();
    });
    const again = setInterval(() => {
      if (document.visibilityState === "visible") latest.current();
    }, again_ms);
    return () => {
      end();
      clearTimeout(timer);
      clearInterval(again);
    };
  }, [Boolean(wanted)]);
}

function use_reading(path, reader, live) {
  const [state, set_state] = useState({ data: undefined, etag: null, problem: null, path });
  const turn = useRef(0);
  const reload = useCallback(async () => {
    if (!path) return;
    turn.current += 1;
    const mine = turn.current;
    try {
      const found = await reader(path, (part) => {
        if (mine === turn.current) {
          set_state((old) => (old.data ? old : { ...part, problem: null, path }));
        }
      });
      if (mine === turn.current) set_state({ ...found, problem: null, path });
    } catch (problem) {
      if (mine === turn.current) set_state((old) => ({ ...old, problem, path }));
    }
  }, [path]);
  useEffect(() => {
    set_state((old) => (old.path === path ? old : { data: undefined, problem: null, path }));
    reload();
    return () => {
      turn.current += 1;
    };
  }, [path]);
  use_news(live, reload);
  const shown = state.path === path ? state : { data: undefined, problem: null };
  return { ...shown, reload, loading: shown.data === undefined && !shown.problem };
}

/** {data, etag, problem, loading, reload} of one resource; `live` as use_news' `wanted`. */
export function use_resource(path, live = null) {
  return use_reading(
    path,
    async (where) => {
      const { body, etag } = await read(where);
      return { data: body, etag };
    },
    live,
  );
}

/** The same for a whole list: data is the array of its items. */
export function use_list(path, live = null, options = {}) {
  return use_reading(
    path,
    async (where, part) => ({
      data: await list(where, { ...options, each: (items) => part({ data: items }) }),
    }),
    live,
  );
}

/** The first of a list that may be long, for choices and names. */
export const use_some = (path) => use_list(path, null, { limit: some_max, max: some_max });

/** A list of which only so much is read as is asked for: {items, more(), done, …}. */
export function use_pages(path, live = null, limit = 50) {
  const [state, set_state] = useState({ items: undefined, cursor: "", problem: null });
  const turn = useRef(0);
  const fetch_page = useCallback(
    async (cursor, keep) => {
      turn.current += 1;
      const mine = turn.current;
      const mark = path.includes("?") ? "&" : "?";
      const next = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
      try {
        const page = await get(`${path}${mark}limit=${limit}${next}`);
        if (mine !== turn.current) return;
        set_state({
          items: [...keep, ...page.items],
          cursor: page.next_cursor,
          problem: null,
        });
      } catch (problem) {
        // A server that is away for a moment takes nothing off the page.
        const kept = cursor || problem.status === 0;
        if (mine === turn.current) {
          set_state((old) => ({ ...old, items: kept ? old.items : undefined, problem }));
        }
      }
    },
    [path],
  );
  useEffect(() => {
    // What is shown stays until the answer is here: no flicker while a search is typed.
    set_state((old) => ({ ...old, cursor: "", problem: null }));
    fetch_page("", []);
  }, [path]);
  const short = (state.items?.length ?? 0) <= limit;
  use_news(live && short ? live : null, () => fetch_page("", []));
  return {
    ...state,
    loading: state.items === undefined && !state.problem,
    more: state.cursor ? () => fetch_page(state.cursor, state.items) : null,
    reload: () => fetch_page("", []),
  };
}

/** The time, renewed so that "2 minutes ago" stays true. */
export function use_now(every_ms = 10000) {
  const [now, set_now] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => set_now(Date.now()), every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  return now;
}
