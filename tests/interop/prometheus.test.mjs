// Postern watched by a real Prometheus (Debian's): what it serves is read without complaint, the
// rules in deploy/prometheus are understood, an alert fires when a mailbox is down and ends when it
// is up again, and the Grafana dashboard asks for nothing that Postern does not serve.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { free_port, remove_folder, temporary_folder } from "./lib/files.mjs";
import { fixture } from "./lib/fixture.mjs";
import { MailHost } from "./lib/mail_host.mjs";
import { at_exit, Program, run } from "./lib/processes.mjs";
import { Receiver } from "./lib/receiver.mjs";
import { until } from "./lib/until.mjs";

const deploy = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../deploy");
const rules_file = path.join(deploy, "prometheus/postern.rules.yml");

let host;
before(async () => (host = await MailHost.start()));
after(() => host?.stop());

async function metrics_of(postern) {
  const answer = await fetch(`${postern.url}/metrics`, {
    headers: { authorization: `Bearer ${postern.token}` },
  });
  assert.equal(answer.status, 200);
  return answer.text();
}

/** A gateway that has received, handed over, sent and failed, so that every name is served. */
async function busy_gateway(t, more = {}) {
  const made = await fixture(t, host, { outgoing: {}, ...more });
  const integration = await made.add();
  await made.postern.status(integration.id, (s) => s.incoming_state === "ok", "is well");
  const subject = `watched ${integration.id}`;
  const sent = await made.postern.api("POST", "/send", {
    integration: integration.id,
    mode: "sync",
    to: made.account.address,
    subject,
    text: "t",
  });
  assert.equal(sent.result_code, 0, JSON.stringify(sent));
  await made.receiver.request_about(subject);
  return { ...made, integration };
}

/** All series a text of PromQL names. */
const names_in = (expression) => new Set(expression.match(/postern_[a-z_]+/g) ?? []);

/** The names served, histograms' parts among them. */
function names_served(text) {
  const names = new Set();
  for (const line of text.split("\n")) {
    const name = /^(postern_[a-z_]+)/.exec(line)?.[1];
    if (name) names.add(name);
  }
  return names;
}

// Served as soon as there is such a thing: a grant, a mail that waits, an alert, a ping.
const served_when_there_are = new Set([
  "postern_oauth_token_expiry_timestamp_seconds",
  "postern_handovers_oldest_age_seconds",
  "postern_alerts_total",
]);

describe("the metrics", () => {
  test("are what promtool wants, and all of the contract's", async (t) => {
    const { postern } = await busy_gateway(t);
    const text = await until("the gauges are counted", async () => {
      const served = await metrics_of(postern);
      return /^postern_events_total/m.test(served) && /state="ok"} 1$/m.test(served) && served;
    });
    const folder = temporary_folder("metrics");
    t.after(() => remove_folder(folder));
    const checked = await run("promtool", ["check", "metrics"], { input: text });
    assert.equal(checked.code, 0, checked.errors + checked.output);
    assert.equal(checked.errors.trim(), "");

    const served = names_served(text);
    for (const name of [
      "postern_messages_stored_total",
      "postern_handovers_total",
      "postern_handovers_waiting",
      "postern_deliveries_total",
      "postern_deliveries_waiting",
      "postern_checks_total",
      "postern_consecutive_errors",
      "postern_last_success_timestamp_seconds",
      "postern_integrations",
      "postern_quarantined",
      "postern_store_commit_seconds_bucket",
      "postern_digest_seconds_bucket",
      "postern_build_info",
      "postern_integration_up",
      "postern_last_check_timestamp_seconds",
      "postern_check_duration_seconds_bucket",
      "postern_send_duration_seconds_bucket",
      "postern_deliveries_oldest_age_seconds",
      "postern_tls_cert_expiry_timestamp_seconds",
      "postern_db_bytes",
      "postern_events_total",
    ]) {
      assert.ok(served.has(name), `${name} is not served`);
    }
  });

  test("are all that the dashboard and the alert rules ask for", async (t) => {
    const { postern } = await busy_gateway(t);
    const dashboard = JSON.parse(fs.readFileSync(path.join(deploy, "grafana/postern.json")));
    const asked = new Set([
      ...dashboard.panels.flatMap((panel) =>
        panel.targets.flatMap(({ expr }) => [...names_in(expr)]),
      ),
      ...names_in(fs.readFileSync(rules_file, "utf8")),
    ]);
    assert.ok(asked.size > 15, `only ${asked.size} names`);
    const served = await until("they are served", async () => {
      const names = names_served(await metrics_of(postern));
      return [...asked].every((name) => names.has(name) || served_when_there_are.has(name)) && names;
    });
    assert.ok(served.size >= asked.size - served_when_there_are.size);
  });
});

describe("the rules", () => {
  test("are what promtool wants, and it finds what they are to find", async (t) => {
    const checked = await run("promtool", ["check", "rules", rules_file]);
    assert.equal(checked.code, 0, checked.errors + checked.output);
    const folder = temporary_folder("rules");
    t.after(() => remove_folder(folder));
    const story = path.join(folder, "story.yml");
    fs.writeFileSync(
      story,
      JSON.stringify({
        rule_files: [rules_file],
        evaluation_interval: "1m",
        tests: [
          {
            interval: "1m",
            input_series: [
              {
                series: 'postern_integration_up{integration="Support",direction="incoming"}',
                values: "1x5 0x20 1x10",
              },
              { series: 'up{job="postern",instance="a"}', values: "1x10 0x10" },
              { series: "postern_quarantined", values: "0x5 2x20" },
            ],
            alert_rule_test: [
              { eval_time: "10m", alertname: "PosternIntegrationDown", exp_alerts: [] },
              {
                eval_time: "17m",
                alertname: "PosternIntegrationDown",
                exp_alerts: [
                  {
                    exp_labels: {
                      severity: "warning",
                      integration: "Support",
                      direction: "incoming",
                    },
                    exp_annotations: {
                      summary: "Support: incoming mail does not work",
                      description:
                        "It fails, is disabled or needs consent for 10 minutes: GET /api/v1/health says why and what to do.",
                      runbook_url:
                        "deploy/RUNBOOK.md#problems-by-their-class-class-in-get-problems",
                    },
                  },
                ],
              },
              { eval_time: "30m", alertname: "PosternIntegrationDown", exp_alerts: [] },
              {
                eval_time: "15m",
                alertname: "PosternDown",
                exp_alerts: [
                  {
                    exp_labels: { severity: "critical", job: "postern", instance: "a" },
                    exp_annotations: {
                      summary: "Postern on a does not answer",
                      description: "Mail waits on its servers; look at the service's log.",
                      runbook_url: "deploy/RUNBOOK.md#it-does-not-start-or-ends",
                    },
                  },
                ],
              },
            ],
          },
        ],
      }),
    );
    const tested = await run("promtool", ["test", "rules", story]);
    assert.equal(tested.code, 0, tested.errors + tested.output);
  });
});

/** Prometheus on a free port, asking `postern` every second, with the rules' patience cut short. */
async function start_prometheus(t, postern) {
  const folder = temporary_folder("prometheus");
  const forget = at_exit(() => remove_folder(folder));
  const port = await free_port();
  const hasty = fs.readFileSync(rules_file, "utf8").replace(/^(\s+for:) \d+m$/gm, "$1 1s");
  fs.writeFileSync(path.join(folder, "postern.rules.yml"), hasty);
  const token = await postern.api("POST", "/tokens", { name: "prometheus", scopes: ["metrics"] });
  fs.writeFileSync(path.join(folder, "postern.token"), token.token, { mode: 0o600 });
  const sample = fs.readFileSync(path.join(deploy, "prometheus/prometheus.yml"), "utf8");
  const config = path.join(folder, "prometheus.yml");
  fs.writeFileSync(
    config,
    sample.replaceAll("30s", "1s").replace("127.0.0.1:8025", `127.0.0.1:${postern.port}`),
  );
  const checked = await run("promtool", ["check", "config", config]);
  assert.equal(checked.code, 0, checked.errors + checked.output);
  const program = new Program("prometheus", [
    `--config.file=${config}`,
    `--storage.tsdb.path=${path.join(folder, "data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  t.after(async () => {
    program.kill("SIGTERM");
    await program.ended;
    remove_folder(folder);
    forget();
  });
  const url = `http://127.0.0.1:${port}`;
  await until(
    "Prometheus is ready",
    async () => {
      if (program.end) throw new Error(`it ended: ${program.errors.slice(-2000)}`);
      return (await fetch(`${url}/-/ready`)).ok;
    },
    60000,
  );
  return {
    query: async (expression) => {
      const where = `${url}/api/v1/query?query=${encodeURIComponent(expression)}`;
      return (await (await fetch(where)).json()).data.result;
    },
    alerts: async () =>
      (await (await fetch(`${url}/api/v1/alerts`)).json()).data.alerts.filter(
        (alert) => alert.state === "firing",
      ),
  };
}

describe("Prometheus", () => {
  test("sees a mailbox fail and recover, and its alert fires and ends", async (t) => {
    const { postern, integration } = await busy_gateway(t);
    const prometheus = await start_prometheus(t, postern);
    await until(
      "Prometheus sees the mailbox up",
      async () => {
        const [found] = await prometheus.query("postern_integration_up{direction='incoming'}");
        return found?.metric.integration === "Support" && found.value[1] === "1";
      },
      60000,
    );

    const { incoming } = await postern.integration(integration.id);
    await postern.api("PATCH", `/integrations/${integration.id}`, {
      incoming: { port: await free_port() },
    });
    const firing = await until(
      "the alert fires",
      async () =>
        (await prometheus.alerts()).find(
          ({ labels }) =>
            labels.alertname === "PosternIntegrationDown" && labels.direction === "incoming",
        ),
      90000,
    );
    assert.equal(firing.labels.integration, "Support");
    assert.match(firing.annotations.summary, /Support: incoming mail does not work/);

    await postern.api("PATCH", `/integrations/${integration.id}`, {
      incoming: { port: incoming.port },
    });
    await until(
      "the alert ends",
      async () =>
        !(await prometheus.alerts()).some(
          ({ labels }) =>
            labels.alertname === "PosternIntegrationDown" && labels.direction === "incoming",
        ),
      90000,
    );
  });
});

describe("the dead man's ping", () => {
  test("is called as long as Postern works, and stops with it", async (t) => {
    const waiting = await Receiver.start();
    t.after(() => waiting.stop());
    const { postern } = await busy_gateway(t, {
      postern: {
        env: {
          POSTERN_MONITORING_PING_URL: `http://127.0.0.1:${waiting.port}/ping/canary?status=up`,
          POSTERN_MONITORING_PING_EVERY_S: "1",
        },
      },
    });
    await until("it is called again and again", () => waiting.requests.length >= 3);
    assert.equal(waiting.requests[0].path, "/ping/canary?status=up");
    await until("it is counted", async () =>
      /postern_dead_man_pings_total{result="ok"} \d/.test(await metrics_of(postern)),
    );
    await postern.crash();
    const silent = waiting.requests.length;
    await postern.start();
    await until("it is called again after the start", () => waiting.requests.length > silent);
  });
});
