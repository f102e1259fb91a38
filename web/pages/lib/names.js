// Names of integrations and targets by their ids, for lists that hold ids.
import { use_some } from "./use.js";
import { said } from "./format.js";

export function use_names(path) {
  const all = use_some(path);
  const by_id = new Map((all.data ?? []).map((each) => [each.id, said(each.name)]));
  return (what) => said(what?.name ?? by_id.get(what?.id ?? what) ?? what?.id ?? what ?? "");
}
