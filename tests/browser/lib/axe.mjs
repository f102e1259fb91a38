// axe-core's findings on a page that is shown.
import fs from "node:fs";
import { createRequire } from "node:module";

const source = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");
const grave = ["serious", "critical"];

/** The serious and critical findings, a line each; [] when there are none. `rules`: only these. */
export async function axe_findings(tab, rules = []) {
  // By the debugger, since the page's policy lets no inline script in.
  await tab.evaluate(source);
  const { violations, passes, incomplete } = await tab.evaluate(
    (only) =>
      globalThis.axe.run(document, {
        resultTypes: ["violations"],
        ...(only.length ? { runOnly: { type: "rule", values: only } } : {}),
      }),
    rules,
  );
  if (passes.length + incomplete.length === 0) throw new Error("axe looked at nothing");
  return violations
    .filter(({ impact }) => grave.includes(impact))
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`));
}
