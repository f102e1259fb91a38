// The state of a form over one resource: what is loaded, what is changed, what was refused.
import { useCallback, useEffect, useState } from "./html.js";
import { differing, merge_patch, path_of_pointer, same, value_at, with_value } from "./paths.js";
import { guard_leaving } from "./route.js";

/** Problem errors as {path: detail}; those that name no field under "". */
export function errors_of(problem) {
  const found = {};
  for (const each of problem?.errors ?? []) {
    const path = each.pointer ? path_of_pointer(each.pointer) : "";
    found[path] = found[path] ? `${found[path]} ${each.detail}` : each.detail;
  }
  return found;
}

/** @param initial the resource as the server has it, or the beginning of a new one */
export function use_form(initial) {
  const [base, set_base] = useState(initial);
  const [draft, set_draft] = useState(initial);
  const [problem, set_problem] = useState(null);
  const errors = errors_of(problem);
  const dirty = !same(base, draft);
  useEffect(() => {
    if (!dirty) return undefined;
    const asks = (event) => event.preventDefault();
    window.addEventListener("beforeunload", asks);
    guard_leaving(() => window.confirm("Leave without saving? What you changed here is lost."));
    return () => {
      window.removeEventListener("beforeunload", asks);
      guard_leaving(null);
    };
  }, [dirty]);
  return {
    base,
    draft,
    dirty,
    problem,
    errors,
    set_problem,
    value: (path) => value_at(draft, path),
    set: useCallback((path, value) => set_draft((old) => with_value(old, path, value)), []),
    merge: useCallback((change) => set_draft((old) => change(old)), []),
    error: (path) => errors[path] ?? first_below(errors, path),
    patch: () => merge_patch(base, draft),
    changed: () => differing(base, draft),
    restart: useCallback((value) => {
      set_base(value);
      set_draft(value);
      set_problem(null);
    }, []),
    rebase: useCallback((value, merged) => {
      set_base(value);
      set_draft(merged);
      set_problem(null);
    }, []),
  };
}

function first_below(errors, path) {
  const found = Object.keys(errors).find((each) => each.startsWith(`${path}.`));
  return found && errors[found];
}

/** The same form with its fields for reading alone. */
export const for_reading = (resource) => ({
  read_only: true,
  draft: resource,
  errors: {},
  value: (path) => value_at(resource, path),
  error: () => undefined,
  set: () => {},
});
