// A browser's part for the tests: HTTPS that trusts the tests' authority, with cookies, one answer
// at a time and no redirect followed unasked.
import fs from "node:fs";
import https from "node:https";

const answer_limit_ms = 30000;
const redirects_max = 12;

export class HttpsClient {
  cookies = new Map();

  /** @param authority the path of the certificate to trust */
  constructor(authority, { headers = {} } = {}) {
    this.ca = fs.readFileSync(authority);
    this.headers = headers;
  }

  /** {status, headers, text}; `form` is sent as a form's fields. */
  call(method, url, { form, headers = {} } = {}) {
    const body = form ? new URLSearchParams(form).toString() : undefined;
    return new Promise((resolve, reject) => {
      const request = https.request(url, {
        method,
        ca: this.ca,
        agent: false,
        headers: {
          ...this.headers,
          ...headers,
          ...(this.cookies.size > 0
            ? { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ") }
            : {}),
          ...(body === undefined
            ? {}
            : {
                "content-type": "application/x-www-form-urlencoded",
                "content-length": Buffer.byteLength(body),
              }),
        },
      });
      request.setTimeout(answer_limit_ms, () => request.destroy(new Error(`${url} is silent`)));
      request.on("error", reject);
      request.on("response", (response) => {
        this.#keep(response.headers["set-cookie"]);
        const chunks = [];
        response.on("data", (bytes) => chunks.push(bytes));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      });
      request.end(body);
    });
  }

  #keep(lines = []) {
    for (const line of lines) {
      const [, name, value] = /^([^=;]+)=([^;]*)/.exec(line);
      if (value === "") this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }

  /** Follows redirects within the origin of `url`; gives the first URL that leads elsewhere. */
  async follow(url) {
    const { origin } = new URL(url);
    let at = new URL(url);
    for (let n = 0; n < redirects_max; n++) {
      const answer = await this.call("GET", at);
      const { location } = answer.headers;
      if (!location) throw new Error(`${at.pathname} answered ${answer.status}: ${answer.text}`);
      at = new URL(location, at);
      if (at.origin !== origin) return at.href;
    }
    throw new Error(`more than ${redirects_max} redirects from ${url}`);
  }
}
