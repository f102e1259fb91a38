// Using the page by keys alone, as somebody without a mouse does: Tab until the wanted thing has the
// focus, then type or press. Nothing here clicks, and nothing sets a value past the keyboard.
import { until } from "../../interop/lib/until.mjs";

const presses_max = 250;

/** What has the focus: {name, tag, type, value}, its name as a screen reader would say it. */
export const focused = (tab) =>
  tab.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return { name: "", tag: "BODY" };
    const labelled = (element.getAttribute("aria-labelledby") ?? "")
      .split(" ")
      .map((id) => document.getElementById(id)?.textContent ?? "")
      .join(" ");
    const text =
      element.getAttribute("aria-label") ||
      labelled.trim() ||
      [...(element.labels ?? [])].map((each) => each.textContent).join(" ") ||
      element.textContent ||
      "";
    const group = element.closest("fieldset")?.querySelector("legend")?.textContent ?? "";
    return {
      name: text.replace(/\s+/g, " ").trim(),
      group: group.trim(),
      tag: element.tagName,
      value: element.value,
      visible: element.matches(":focus-visible"),
    };
  });

/** Presses Tab until what is named so has the focus. `group`: inside the fieldset of that name. */
export async function tab_to(tab, name, { group, tag } = {}) {
  const path = [];
  for (let n = 0; n < presses_max; n += 1) {
    const at = await focused(tab);
    path.push(at.name || at.tag);
    const right = at.name === name || at.name.startsWith(`${name} `);
    if (right && (!group || at.group === group) && (!tag || at.tag === tag)) {
      if (!at.visible) throw new Error(`the focus on "${name}" can't be seen`);
      return at;
    }
    await tab.keyboard.press("Tab");
  }
  throw new Error(`Tab never came to "${name}" but to: ${[...new Set(path)].join(" | ")}`);
}

/** Goes there and types, in the place of what stands there. */
export async function type_into(tab, name, text, where) {
  await tab_to(tab, name, where);
  await tab.keyboard.press("Control+a");
  await tab.keyboard.press("Delete");
  await tab.keyboard.type(text);
}

export async function press(tab, name, where, key = "Enter") {
  await tab_to(tab, name, where);
  await tab.keyboard.press(key);
}

/** Chooses in a select by typing the beginning of the option's words. */
export async function choose(tab, name, words, where) {
  await tab_to(tab, name, where);
  await tab.keyboard.type(words);
}

/** Waits until the page's heading says so. */
export const heading = (tab, text) =>
  until(`the heading "${text}"`, async () => {
    const words = await tab.getByRole("heading", { level: 1 }).allTextContents();
    if (words.some((each) => each.trim() === text)) return true;
    throw new Error(words.join(" | "));
  });
