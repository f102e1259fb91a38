// The admin page's beginning: who is signed in decides between the sign-in and the shell.
import { html, render, useCallback, useEffect, useState } from "./lib/html.js";
import { close, open } from "./lib/live.js";
import { find_session } from "./lib/session.js";
import { Questions } from "./parts/dialog.js";
import { Notices } from "./parts/notices.js";
import { ServerBanner } from "./parts/server_banner.js";
import { Shell } from "./shell.js";
import { FirstStart } from "./screens/first_start.js";
import { SignIn } from "./screens/sign_in.js";

function App() {
  const [session, set_session] = useState(undefined);
  const look = useCallback(async () => set_session(await find_session()), []);
  useEffect(() => {
    look();
    const signed_out = () =>
      set_session((old) =>
        old?.state === "signed_in" ? { state: "signed_out", before: old } : (old ?? { state: "signed_out" }),
      );
    window.addEventListener("postern:signed-out", signed_out);
    return () => window.removeEventListener("postern:signed-out", signed_out);
  }, []);
  const inside = session?.state === "signed_in";
  // Whose session has ended signs in above the page as it was, so that nothing typed is lost.
  const shown = inside ? session : session?.before;
  useEffect(() => {
    if (!inside) return undefined;
    open();
    return close;
  }, [inside]);
  const signed_in = (opened) => {
    if (shown && shown.name !== opened.name) location.reload();
    set_session(opened);
  };
  return html`<${ServerBanner} back=${() => !inside && !shown && look()} />
    ${shown &&
    html`<div inert=${!inside} aria-hidden=${inside ? undefined : "true"}>
      <${Shell} session=${shown} signed_out=${look} />
    </div>`}
    ${session?.state === "first_start" &&
    html`<${FirstStart} done=${look} rules=${session.password_rules} />`}
    ${session?.state === "signed_out" &&
    html`<div class=${shown ? "above" : ""}><${SignIn} done=${signed_in} again=${Boolean(shown)} /></div>`}
    <${Notices} /><${Questions} />`;
}

const place = document.getElementById("page");
place.replaceChildren();
render(html`<${App} />`, place);
