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
    const signed_out = () => set_session({ state: "signed_out", again: true });
    window.addEventListener("postern:signed-out", signed_out);
    return () => window.removeEventListener("postern:signed-out", signed_out);
  }, []);
  const inside = session?.state === "signed_in";
  useEffect(() => {
    if (!inside) return undefined;
    open();
    return close;
  }, [inside]);
  return html`<${ServerBanner} back=${() => !inside && look()} />
    ${inside && html`<${Shell} session=${session} signed_out=${look} />`}
    ${session?.state === "first_start" && html`<${FirstStart} done=${look} rules=${session.password_rules} />`}
    ${session?.state === "signed_out" && html`<${SignIn} done=${set_session} again=${session.again} />`}
    <${Notices} /><${Questions} />`;
}

const place = document.getElementById("page");
place.replaceChildren();
render(html`<${App} />`, place);
