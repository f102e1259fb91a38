// Debian's Chromium, driven by playwright-core (which brings no browser of its own), and what a
// page under test is watched for: requests elsewhere, dialogs, scripts' errors.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const here = path.dirname(fileURLToPath(import.meta.url));
const names = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const act_limit_ms = 60000; // of one act; a loaded machine takes its time

/** Where screenshots go: files of the test run. */
export const shots = process.env.POSTERN_SHOTS ?? path.join(here, "../../../build/screenshots");

export async function open_browser(t) {
  const executablePath = process.env.POSTERN_CHROMIUM ?? names.find((each) => fs.existsSync(each));
  if (!executablePath) throw new Error("Chromium is missing: apt-get install chromium");
  const browser = await chromium.launch({
    executablePath,
    // Tests may run as root of a container, where Chromium's own sandbox can't be.
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
  });
  t.after(() => browser.close());
  return browser;
}

/**
 * A tab in a profile of its own. `seen` tells what the page did: requests (to where), dialogs,
 * errors of scripts, refusals by the policy.
 */
export async function open_tab(browser, url, { viewport, color_scheme = "light", ...others } = {}) {
  const context = await browser.newContext({
    baseURL: url,
    viewport: viewport ?? { width: 1280, height: 860 },
    colorScheme: color_scheme,
    reducedMotion: "reduce",
    timezoneId: "Europe/Berlin",
    locale: "en-GB",
    ...others,
  });
  const tab = await context.newPage();
  tab.setDefaultTimeout(act_limit_ms);
  const seen = { elsewhere: [], dialogs: [], errors: [], refused: [] };
  // What the policy forbids is told as a request that failed for that; all else went out.
  const note = (request) => {
    const to = request.url();
    const blocked = /^csp$|BLOCKED_BY_CSP/i.test(request.failure()?.errorText ?? "");
    const here = to.startsWith(url) || to.startsWith("data:") || to.startsWith("blob:");
    if (!here && !blocked) seen.elsewhere.push(`${to} ${request.failure()?.errorText ?? ""}`);
  };
  tab.on("requestfinished", note);
  tab.on("requestfailed", note);
  tab.on("dialog", async (dialog) => {
    seen.dialogs.push(dialog.message());
    await dialog.accept();
  });
  tab.on("pageerror", (error) => seen.errors.push(String(error.stack ?? error)));
  tab.on("console", (message) => {
    const text = message.text();
    if (/Content Security Policy/i.test(text)) seen.refused.push(text);
  });
  return { tab, context, seen };
}

export async function sign_in(tab, name, password) {
  await tab.goto("/");
  await tab.getByLabel("Name", { exact: true }).fill(name);
  await tab.getByLabel("Password", { exact: true }).fill(password);
  await tab.getByRole("button", { name: "Sign in" }).click();
  await tab.locator("main#main").waitFor();
}

export async function shoot(tab, name, options = {}) {
  fs.mkdirSync(shots, { recursive: true });
  await tab.screenshot({ path: path.join(shots, `${name}.png`), ...options });
}
