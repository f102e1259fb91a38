// A rule's test of when a mail came: hours of the day and days of the week, by the clocks of a zone.
import { html } from "../lib/html.js";
import { days } from "../fields/alerts.js";

const names = days.map(([key]) => key);
const own_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export const is_hours = (test) => test.field === "time" && typeof test.value === "object";
export const office_hours = () => ({
  days: names.slice(0, 5),
  time_of_day: { from: "08:00", to: "17:00" },
  time_zone: own_zone,
});

/** "mon, tue 08:00–17:00 Europe/Berlin" */
export function words_of_hours({ days: chosen, time_of_day, time_zone }) {
  const hours = time_of_day ? `${time_of_day.from}–${time_of_day.to}` : "all day";
  return `${(chosen?.length ? chosen : ["every day"]).join(", ")} ${hours} ${time_zone ?? "UTC"}`;
}

export function HoursTest({ value, set, name }) {
  const change = (next) => set({ ...value, ...next });
  const chosen = value.days ?? [];
  const hours = value.time_of_day ?? { from: "", to: "" };
  const put = (next) => {
    const both = { ...hours, ...next };
    change({ time_of_day: both.from || both.to ? both : null });
  };
  const toggle = (day) =>
    change({
      days: names.filter((each) => (each === day ? !chosen.includes(day) : chosen.includes(each))),
    });
  const box = (label, text, put_text, placeholder) => html`<label
    ><span class="sr">${name}: ${label}</span>
    <input
      value=${text ?? ""}
      placeholder=${placeholder}
      spellcheck=${false}
      onInput=${(event) => put_text(event.target.value)}
  /></label>`;
  return html`<span class="row">
    ${box("from (time of day)", hours.from, (from) => put({ from }), "08:00")}
    ${box("to (time of day)", hours.to, (to) => put({ to }), "17:00")}
    ${days.map(
      ([key, words]) =>
        html`<label class="check-line" key=${key}>
          <input type="checkbox" checked=${chosen.includes(key)} onChange=${() => toggle(key)} />${words}
        </label>`,
    )}
    ${box("time zone", value.time_zone, (time_zone) => change({ time_zone }), "UTC")}
  </span>`;
}
