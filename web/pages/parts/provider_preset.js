// The providers' presets: choosing one fills in servers, ports, security and the kind of login.
import { said } from "../lib/format.js";
import { html } from "../lib/html.js";
import { use_list } from "../lib/use.js";
import { Field } from "./field.js";

function filled(draft, preset) {
  const method = preset.logins?.includes("oauth2") && preset.logins.length === 1 ? "oauth2" : "password";
  const side = (direction, server) => {
    const old = draft[direction];
    if (!server) return old;
    const { host, port, security } = server;
    return { ...old, host, port, security, auth: { ...old?.auth, method } };
  };
  const incoming_server = draft.incoming?.protocol === "pop3" ? preset.pop3 : preset.imap;
  return {
    ...draft,
    provider: preset.id,
    incoming: side("incoming", incoming_server),
    outgoing: {
      ...side("outgoing", preset.smtp),
      ...(preset.quirks?.keeps_sent_copies ? { save_to_sent: false } : {}),
      ...(preset.sending?.connections_max
        ? { connections_max: preset.sending.connections_max }
        : {}),
    },
  };
}

export function ProviderPreset({ form }) {
  const presets = use_list("/providers");
  const items = presets.data ?? [];
  const chosen = items.find((each) => each.id === (form.value("provider") ?? "custom"));
  const field = {
    path: "provider",
    label: "Provider",
    kind: "select",
    options: items.length
      ? [...items.map((each) => [each.id, said(each.name)])]
      : [[form.value("provider") ?? "custom", said(form.value("provider") ?? "custom")]],
    hint: "Fills in servers, ports and security.",
    change: (path, id) => {
      const preset = items.find((each) => each.id === id);
      if (preset) form.merge((draft) => filled(draft, preset));
    },
  };
  return html`<${Field} form=${form} field=${field} />
    ${chosen?.notes &&
    html`<p class="box note wide">
      <span
        >${said(chosen.notes)}
        ${chosen.link &&
        /^https:/.test(chosen.link) &&
        html` <a href=${chosen.link} target="_blank" rel="noreferrer noopener">The provider's page</a>`}
        ${chosen.logins?.includes("app_password") && html` An app password is needed here.`}</span
      >
    </p>`}`;
}
