// Values inside a resource by their API name ("incoming.auth.username"): read, set, compare.

export function value_at(object, path) {
  return path.split(".").reduce((each, key) => each?.[key], object);
}

/** A copy of `object` with the value at `path` replaced. */
export function with_value(object, path, value) {
  const [key, ...rest] = path.split(".");
  const inner = rest.length ? with_value(object?.[key] ?? {}, rest.join("."), value) : value;
  if (!Array.isArray(object)) return { ...object, [key]: inner };
  const copy = [...object];
  copy[Number(key)] = inner;
  return copy;
}

export const is_object = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function same(a, b) {
  return a === b || JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (!is_object(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
}

/** The JSON Merge Patch (RFC 7396) that makes `before` into `after`; undefined for none. */
export function merge_patch(before, after) {
  if (same(before, after)) return undefined;
  if (!is_object(before) || !is_object(after)) return after;
  const patch = {};
  for (const key of Object.keys({ ...before, ...after })) {
    if (!(key in after)) patch[key] = null;
    else if (!(key in before)) patch[key] = after[key];
    else {
      const inner = merge_patch(before[key], after[key]);
      if (inner !== undefined) patch[key] = inner;
    }
  }
  return patch;
}

/** The names of all values that differ between the two. */
export function differing(a, b, under = "") {
  if (same(a, b)) return [];
  if (!is_object(a) || !is_object(b)) return [under];
  return Object.keys({ ...a, ...b }).flatMap((key) =>
    differing(a[key], b[key], under ? `${under}.${key}` : key),
  );
}

/** "/incoming/from_addresses/0" of a problem → "incoming.from_addresses.0". */
export const path_of_pointer = (pointer) =>
  (pointer ?? "")
    .replace(/^#?\//, "")
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .join(".");
