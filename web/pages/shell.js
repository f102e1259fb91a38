// What stands around every screen: the navigation, who is signed in, the way out.
import { said } from "./lib/format.js";
import { html, useLayoutEffect, useRef, useState } from "./lib/html.js";
import { href, use_route } from "./lib/route.js";
import { sign_out } from "./lib/session.js";
import { Button } from "./parts/button.js";
import { Icon } from "./parts/icon.js";
import { screen_of } from "./screens.js";
import { TroubleCount } from "./parts/trouble_count.js";

const places = [
  ["", "overview", "Overview"],
  ["integrations", "integrations", "Integrations"],
  ["received", "received", "Received"],
  ["sent", "sent", "Sent"],
  ["queue", "queue", "Queue"],
  ["quarantine", "quarantine", "Quarantine"],
  ["rules", "rules", "Rules"],
  ["targets", "targets", "Targets"],
  ["alerts", "alerts", "Alerts"],
  ["settings", "settings", "Settings"],
  ["audit", "audit", "Audit"],
];

export function Shell({ session, signed_out }) {
  const route = use_route();
  const [menu, set_menu] = useState(false);
  const main = useRef(null);
  const first = useRef(true);
  const here = route.parts[0] ?? "";
  const where = route.parts.slice(0, 2).join("/");
  // With the screen, not after it is painted: whoever types at once types where the screen put them.
  useLayoutEffect(() => {
    set_menu(false);
    if (!first.current) {
      window.scrollTo(0, 0);
      (main.current.querySelector("h1") ?? main.current).focus({ preventScroll: true });
    }
    first.current = false;
  }, [where]);
  return html`<a class="skip" href="#main" onClick=${(event) => {
      event.preventDefault();
      main.current.focus();
    }}>Skip to the content</a>
    <div class="shell">
      <header class="side">
        <div class="brand">
          <a href="#/" class="logo"><img src="/pages/icon.svg" alt="" width="28" height="28" />Postern</a>
          <button
            type="button"
            class="plain menu-button"
            aria-label="Menu"
            aria-expanded=${menu ? "true" : "false"}
            aria-controls="navigation"
            onClick=${() => set_menu(!menu)}
          >
            <${Icon} name=${menu ? "close" : "menu"} />
          </button>
        </div>
        <div class=${`side-rest ${menu ? "shown" : ""}`}>
          <nav id="navigation" aria-label="Main">
            <ul>
              ${places.map(
                ([place, icon, name]) =>
                  html`<li key=${place}>
                    <a
                      href=${href(...(place ? [place] : []))}
                      aria-current=${here === place ? "page" : undefined}
                      onClick=${() => set_menu(false)}
                      ><${Icon} name=${icon} /><span>${name}</span></a
                    >${place === "alerts" && html`<${TroubleCount} />`}
                  </li>`,
              )}
            </ul>
          </nav>
          <div class="who">
            <span class="quiet">Signed in as</span>
            <a href=${href("settings", "account")}>${said(session.name)}</a>
            <${Button}
              tone="small"
              icon="out"
              act=${async () => {
                await sign_out();
                signed_out();
              }}
              >Sign out<//
            >
          </div>
        </div>
      </header>
      <main id="main" ref=${main} tabindex="-1">${screen_of(route)}</main>
    </div>`;
}
