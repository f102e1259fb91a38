// Secrets planted to be found: every one that a test stores or uses is named here, and what may be
// read is searched for each of them, in all the ways it could be written.
import fs from "node:fs";
import path from "node:path";

/** What stays of base 64 when the secret stands anywhere in a longer text: three alignments. */
function base64_forms(bytes) {
  const forms = [];
  for (let before = 0; before < 3; before++) {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const from = Math.ceil((before * 8) / 6);
    const whole = Math.floor(((before + bytes.length) * 8) / 6);
    forms.push(text.slice(from, whole));
  }
  return [...forms, ...forms.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"))];
}

const percent = (bytes) => [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");

function forms_of(value) {
  const bytes = Buffer.from(value);
  const html = value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  const texts = [
    value,
    JSON.stringify(value).slice(1, -1),
    html,
    encodeURIComponent(value),
    percent(bytes),
    percent(bytes).toUpperCase(),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    ...base64_forms(bytes),
  ];
  return [...new Set(texts)].map((text) => Buffer.from(text));
}

export class Canaries {
  planted = new Map(); // name → forms
  #count = 0;

  /** Names a secret that came from elsewhere; gives it back. */
  name(name, value) {
    if (value.length < 8) throw new Error(`${name} is too short to be found`);
    this.planted.set(name, forms_of(value));
    return value;
  }

  /** Makes one, with characters that each kind of text writes in its own way. */
  make(name, tail = '+"&%/') {
    this.#count += 1;
    return this.name(name, `canary${this.#count}-${Math.random().toString(36).slice(2)}${tail}`);
  }

  /** Which of them are in `bytes` (Buffer or text). */
  found_in(bytes) {
    const where = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes);
    const found = [];
    for (const [name, forms] of this.planted) {
      if (forms.some((form) => where.includes(form))) found.push(name);
    }
    return found;
  }

  /** "file: secret" for each that is in a file under `folder`. */
  found_under(folder, { but = [] } = {}) {
    const found = [];
    for (const name of fs.readdirSync(folder, { recursive: true })) {
      const file = path.join(folder, name);
      if (but.includes(file)) continue;
      let bytes;
      try {
        bytes = fs.readFileSync(file);
      } catch {
        continue; // a folder, or gone meanwhile
      }
      for (const secret of this.found_in(bytes)) found.push(`${file}: ${secret}`);
    }
    return found;
  }
}

/** Every GET of /openapi.json, for everything there is: calls `see(where, bytes)`. */
export async function walk_gets(postern, see) {
  const { paths } = await postern.api("GET", "/api/../openapi.json");
  const without_list = [];
  const ids_of = new Map();
  const ids = async (list) => {
    if (!ids_of.has(list)) {
      const items = await postern.list(list);
      ids_of.set(list, items.map(({ id, name, subject_id }) => id ?? name ?? subject_id));
    }
    return ids_of.get(list);
  };
  for (const [pattern, methods] of Object.entries(paths)) {
    if (!methods.get) continue;
    const [list] = pattern.split("/{");
    let places = [pattern];
    if (pattern.includes("{")) {
      if (!paths[list]?.get || !list.startsWith("/api")) {
        without_list.push(pattern);
        continue;
      }
      places = (await ids(list)).map((id) =>
        pattern.replace(/\{[^}]*\}/, encodeURIComponent(id)).replace("{index}", "0"),
      );
    }
    for (const place of places) see(place, await read(postern, place));
  }
  return without_list;
}

async function read(postern, place) {
  const response = await fetch(postern.url + place, {
    headers: { authorization: `Bearer ${postern.token}` },
    redirect: "manual",
  });
  const head = [...response.headers].map((pair) => pair.join(": ")).join("\n");
  return Buffer.concat([Buffer.from(head), Buffer.from(await response.arrayBuffer())]);
}
