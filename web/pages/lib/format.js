// Times, sizes and foreign words as people read them. The browser's zone and the page's English.
const english = "en-GB";
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const same_year = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
const day_and_time = new Intl.DateTimeFormat(english, { ...same_year, second: "2-digit" });
const with_year = new Intl.DateTimeFormat(english, { ...same_year, year: "numeric" });
const whole = new Intl.DateTimeFormat(english, { dateStyle: "full", timeStyle: "long" });
const number = new Intl.NumberFormat("en");

const steps = [
  [60, "second", 1],
  [3600, "minute", 60],
  [86400, "hour", 3600],
  [86400 * 30, "day", 86400],
  [86400 * 365, "month", 86400 * 30],
  [Infinity, "year", 86400 * 365],
];

/** "3 minutes ago", "in 2 hours". */
export function ago(at, now = Date.now()) {
  const seconds = (new Date(at).getTime() - now) / 1000;
  if (Math.abs(seconds) < 5) return "just now";
  const [, unit, length] = steps.find(([end]) => Math.abs(seconds) < end);
  return relative.format(Math.trunc(seconds / length), unit);
}

export function exact(at) {
  const time = new Date(at);
  return (time.getFullYear() === new Date().getFullYear() ? day_and_time : with_year).format(time);
}

export const exact_whole = (at) => whole.format(new Date(at));

/** "4 s", "12 min", "3 h 5 min", "2 d". */
export function duration(seconds) {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  const hours = Math.floor(seconds / 3600);
  if (hours < 24) return `${hours} h ${Math.round((seconds % 3600) / 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function size(bytes) {
  if (bytes === null || bytes === undefined) return "";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let power = 0;
  for (; bytes >= 1024 && power < units.length - 1; power += 1) bytes /= 1024;
  return `${bytes < 10 && power > 0 ? bytes.toFixed(1) : Math.round(bytes)} ${units[power]}`;
}

export const count = (value) => number.format(value ?? 0);
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/**
 * Words of others (subjects, names, servers' answers), so that what can't be seen is seen: control
 * characters as their pictures, characters that turn the direction of a line as U+FFFD.
 */
export function said(text) {
  if (text === null || text === undefined) return "";
  return String(text)
    .replace(/[\u0000-\u0008\u000b-\u001f]/g, (c) =>
      String.fromCharCode(0x2400 + c.charCodeAt(0)),
    )
    .replace(/\u007f/g, "\u2421")
    .replace(/[\u0080-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}

/** Whether something of a received mail is here: of one too large the header is. */
export const has_bytes = (message) => message.state !== "quarantined" || Boolean(message.sha256);

export const person = (who) =>
  !who ? "" : said(who.name ? `${who.name} <${who.address}>` : (who.address ?? who));
export const people = (list) => (list ?? []).map(person).join(", ");
