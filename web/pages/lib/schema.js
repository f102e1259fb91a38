// The server's own description (/openapi.json), read once: which fields it knows.
import { useEffect, useState } from "./html.js";

let reading = null;

async function read() {
  const answer = await fetch("/openapi.json");
  return answer.ok ? answer.json() : { components: { schemas: {} }, paths: {} };
}

export function description() {
  reading ??= read().catch(() => {
    reading = null;
    return { components: { schemas: {} }, paths: {} };
  });
  return reading;
}

function resolved(all, schema, depth = 0) {
  if (!schema || depth > 8) return schema;
  if (schema.$ref) return resolved(all, all[schema.$ref.split("/").at(-1)], depth + 1);
  const parts = (schema.allOf ?? []).map((each) => resolved(all, each, depth + 1));
  const properties = Object.assign({}, ...parts.map((p) => p?.properties), schema.properties);
  const inner = Object.entries(properties).map(([name, type]) => [
    name,
    type.$ref ? resolved(all, type, depth + 1) : type,
  ]);
  return { ...schema, properties: Object.fromEntries(inner) };
}

/** The named schema with its references followed, or nothing while it is being read. */
export function use_schema(name) {
  const [found, set_found] = useState(null);
  useEffect(() => {
    let here = true;
    description().then((all) => {
      const schemas = all.components?.schemas ?? {};
      if (here) set_found(resolved(schemas, schemas[name]) ?? null);
    });
    return () => (here = false);
  }, [name]);
  return found;
}
