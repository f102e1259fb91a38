// A condition in words, for lists.
import { said } from "../lib/format.js";
import { kind_of } from "./condition_editor.js";
import { is_hours, words_of_hours } from "./hours_test.js";

const op_words = {
  contains: "contains",
  equals: "is",
  wildcard: "matches",
  regex: "matches the expression",
  gt: "is over",
  lt: "is under",
};
const words_max = 300;

function words(condition, depth) {
  const kind = kind_of(condition);
  if (depth > 10) return "…";
  if (kind === "none") return "it is any mail";
  if (kind === "not") return `not (${words(condition.not, depth + 1)})`;
  if (kind === "test" && is_hours(condition)) return `time is in ${words_of_hours(condition.value)}`;
  if (kind === "test") {
    return `${condition.field} ${op_words[condition.op] ?? condition.op} “${condition.value}”`;
  }
  const parts = condition[kind].map((each) => words(each, depth + 1));
  const joined = parts.join(kind === "all" ? " and " : " or ");
  return depth > 0 && parts.length > 1 ? `(${joined})` : joined;
}

export function words_of_condition(condition) {
  const text = said(words(condition, 0));
  return text.length > words_max ? `${text.slice(0, words_max)}…` : text;
}
