// A rule's condition as a tree: all of, any of, not, and single tests. No depth is too much for the
// server's limit of ten; the editor draws each group in a frame of its own.
import { html } from "../lib/html.js";
import { Button } from "./button.js";
import { HoursTest, is_hours, office_hours } from "./hours_test.js";

const fields = [
  ["from", "From"],
  ["to", "To"],
  ["cc", "Cc"],
  ["recipient", "Recipient (envelope)"],
  ["subject", "Subject"],
  ["body", "Body"],
  ["header", "Header field …"],
  ["attachment.name", "Attachment's name"],
  ["attachment.type", "Attachment's type"],
  ["size", "Size (bytes)"],
  ["class", "Class"],
  ["subaddress", "Subaddress"],
  ["integration", "Integration"],
  ["time", "Time"],
  ["thread", "Thread"],
  ["reference", "Reference"],
];
const ops = [
  ["contains", "contains"],
  ["equals", "equals"],
  ["wildcard", "matches (* and ?)"],
  ["regex", "matches the expression"],
  ["gt", "is greater than"],
  ["lt", "is less than"],
];
const classes = ["normal", "auto_reply", "out_of_office", "bounce", "mdn", "list", "loop"];
const groups = [
  ["all", "All of these"],
  ["any", "Any of these"],
];
const one = () => ({ field: "subject", op: "contains", value: "" });

export const kind_of = (condition) =>
  !condition ? "none" : ["all", "any", "not"].find((key) => key in condition) ?? "test";

export function ConditionEditor({ condition, set, name = "Condition", remove }) {
  const kind = kind_of(condition);
  if (kind === "none") {
    return html`<div class="condition">
      <p>Every mail.</p>
      <${Button} tone="small" act=${() => set({ all: [one()] })}>Add a condition<//>
    </div>`;
  }
  if (kind === "test") {
    return html`<${Single} test=${condition} set=${set} name=${name} remove=${remove} />`;
  }
  if (kind === "not") {
    return html`<div class="condition" role="group" aria-label=${name}>
      <div class="row">
        <b>Not:</b>
        <${Button} tone="small" act=${() => set(condition.not)}>Without "not"<//>
        ${remove && html`<${Button} tone="small" act=${remove}>Remove<//>`}
      </div>
      <${ConditionEditor}
        condition=${condition.not}
        set=${(inner) => set({ not: inner })}
        name=${`${name}, negated`}
      />
    </div>`;
  }
  const parts = condition[kind];
  const put = (n, part) => set({ [kind]: parts.map((each, at) => (at === n ? part : each)) });
  const drop = (n) => {
    const left = parts.filter((_, at) => at !== n);
    if (left.length > 0) set({ [kind]: left });
    else if (remove) remove();
    else set(null);
  };
  const add = (part) => set({ [kind]: [...parts, part] });
  return html`<div class="condition" role="group" aria-label=${name}>
    <div class="row">
      <label class="choice"
        ><span class="sr">${name}: how its parts combine</span>
        <select onChange=${(event) => set({ [event.target.value]: parts })}>
          ${groups.map(
            ([key, words]) => html`<option value=${key} selected=${key === kind}>${words}</option>`,
          )}
        </select></label
      >
      <${Button} tone="small" act=${() => add(one())}>Add a test<//>
      <${Button} tone="small" act=${() => add({ [kind === "all" ? "any" : "all"]: [one()] })}>Add a group<//>
      <${Button} tone="small" act=${() => set({ not: condition })}>Negate<//>
      ${remove
        ? html`<${Button} tone="small" act=${remove}>Remove the group<//>`
        : html`<${Button} tone="small" act=${() => set(null)}>Clear<//>`}
    </div>
    <ol class="condition-parts">
      ${parts.map(
        (part, n) =>
          html`<li key=${n}>
            <${ConditionEditor}
              condition=${part}
              set=${(inner) => put(n, inner)}
              name=${`${name}, part ${n + 1}`}
              remove=${() => drop(n)}
            />
          </li>`,
      )}
    </ol>
  </div>`;
}

function Single({ test, set, name, remove }) {
  const header = test.field?.startsWith("header:");
  const field = header ? "header" : test.field;
  const number = field === "size";
  const hours = is_hours(test);
  const change = (next) => set({ ...test, ...next });
  const compare = (op) => {
    if (op === "hours") change({ op: "equals", value: office_hours() });
    else change(hours ? { op, value: "" } : { op });
  };
  return html`<div class="row condition-test" role="group" aria-label=${name}>
    <label
      ><span class="sr">${name}: field</span>
      <select
        onChange=${(event) => {
          const chosen = event.target.value;
          const next = { field: chosen === "header" ? "header:X-Priority" : chosen };
          change(hours ? { ...next, value: "" } : next);
        }}
      >
        ${fields.map(([key, words]) => html`<option value=${key} selected=${key === field}>${words}</option>`)}
      </select></label
    >
    ${header &&
    html`<label
      ><span class="sr">${name}: header field's name</span>
      <input
        value=${test.field.slice("header:".length)}
        onInput=${(event) => change({ field: `header:${event.target.value}` })}
    /></label>`}
    <label
      ><span class="sr">${name}: comparison</span>
      <select onChange=${(event) => compare(event.target.value)}>
        ${ops.map(([key, words]) => html`<option value=${key} selected=${!hours && key === test.op}>${words}</option>`)}
        ${field === "time" && html`<option value="hours" selected=${hours}>is in these hours</option>`}
      </select></label
    >
    ${hours
      ? html`<${HoursTest} value=${test.value} set=${(value) => change({ value })} name=${name} />`
      : field === "class"
      ? html`<label
          ><span class="sr">${name}: value</span>
          <select onChange=${(event) => change({ value: event.target.value })}>
            ${["", ...classes].map(
              (each) => html`<option value=${each} selected=${each === test.value}>${each || "choose"}</option>`,
            )}
          </select></label
        >`
      : html`<label class="grow"
          ><span class="sr">${name}: value</span>
          <input
            type=${number ? "number" : "text"}
            value=${test.value ?? ""}
            spellcheck=${false}
            onInput=${(event) =>
              change({ value: number ? Number(event.target.value) : event.target.value })}
        /></label>`}
    <${Button} tone="small" act=${() => set({ not: test })}>Not<//>
    ${remove && html`<${Button} tone="small" label=${`Remove ${name}`} act=${remove}>Remove<//>`}
  </div>`;
}
