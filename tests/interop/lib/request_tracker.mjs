// A private Request Tracker 5 of Debian's: its packages unpacked, SQLite, its own web server on a
// loopback port. Nothing of it is installed, and it sends no mail.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { free_port, remove_folder, temporary_folder } from "./files.mjs";
import { PrivateRoot } from "./private_root.mjs";
import { at_exit, run_now } from "./processes.mjs";
import { until } from "./until.mjs";

const unpack = path.join(
  path.dirname(fileURLToPath(import.meta.url)),
  "../unpack-with-dependencies",
);
const packages = ["request-tracker5", "rt5-db-sqlite", "rt5-standalone"];

const settings = (port) => `Set($rtname, 'desk.test');
Set($Organization, 'desk.test');
Set($DatabaseType, 'SQLite');
Set($DatabaseName, '/var/lib/rt/rt.db');
Set($WebDomain, '127.0.0.1');
Set($WebPort, ${port});
Set($WebPath, '');
Set($MailCommand, 'testfile');
Set($LogToSyslog, undef);
Set($LogToSTDERR, 'info');
1;
`;

const grant = `use RT; RT::LoadConfig(); RT::Init();
my $queue = RT::Queue->new(RT->SystemUser); $queue->Load('General');
my $everyone = RT::Group->new(RT->SystemUser); $everyone->LoadSystemInternalGroup('Everyone');
for my $right (qw(CreateTicket ReplyToTicket SeeQueue)) {
  my ($ok, $said) = $everyone->PrincipalObj->GrantRight(Right => $right, Object => $queue);
  die $said unless $ok;
}
`;

const show = `use RT; use JSON; RT::LoadConfig(); RT::Init();
my $tickets = RT::Tickets->new(RT->SystemUser); $tickets->FromSQL('id > 0'); my @all;
while (my $ticket = $tickets->Next) {
  my $seen = $ticket->Transactions; my @mails;
  $seen->Limit(FIELD => 'Type', VALUE => $_) for qw(Create Correspond);
  while (my $one = $seen->Next) {
    my $mail = $one->Attachments->First or next;
    my @files;
    my $parts = $one->Attachments;
    while (my $part = $parts->Next) { push @files, $part->Filename if $part->Filename }
    push @mails, { text => $one->Content(Type => 'text/plain'), headers => $mail->Headers,
                   files => \\@files };
  }
  push @all, { id => $ticket->Id + 0, subject => $ticket->Subject, mails => \\@mails,
               requestor => $ticket->Requestors->MemberEmailAddressesAsString };
}
print JSON->new->ascii->encode(\\@all);
`;

const perl_with = (script) => ["/usr/bin/perl", "-I/usr/share/request-tracker5/lib", script];

export class RequestTracker {
  static async start() {
    const tracker = new RequestTracker();
    tracker.folder = temporary_folder("rt");
    tracker.forget = at_exit(() => remove_folder(tracker.folder));
    const tree = run_now(unpack, ["request-tracker", ...packages])
      .toString()
      .trim();
    tracker.root = new PrivateRoot(path.join(tracker.folder, "root"), { users: [], tree });
    const { root } = tracker;
    tracker.port = await free_port();
    tracker.url = `http://127.0.0.1:${tracker.port}`;
    fs.cpSync(path.join(tree, "etc"), root.path("etc"), { recursive: true });
    if (fs.existsSync(path.join(tree, "var"))) {
      fs.cpSync(path.join(tree, "var"), root.path("var"), { recursive: true });
    }
    fs.appendFileSync(root.path("etc/passwd"), "www-data:x:33:33::/var:/usr/sbin/nologin\n");
    fs.appendFileSync(root.path("etc/group"), "www-data:x:33:\n");
    root.write("etc/request-tracker5/RT_SiteConfig.pm", settings(tracker.port));
    root.write("etc/grant.pl", grant);
    root.write("etc/show.pl", show);
    fs.mkdirSync(root.path("var/lib/rt"), { recursive: true });
    await tracker.#run(["/usr/sbin/rt-setup-database-5", "--action", "init", "--skip-create"]);
    await tracker.serve();
    return tracker;
  }

  async #run(command) {
    const program = this.root.start(command);
    const { code } = await program.ended;
    if (code !== 0) {
      throw new Error(`${command.join(" ")} ended with ${code}: ${program.errors.slice(-2000)}`);
    }
    return program.output;
  }

  async serve() {
    this.program = this.root.start([
      "/usr/share/request-tracker5/libexec/rt-server",
      "--server",
      "HTTP::Server::PSGI",
      "--host",
      "127.0.0.1",
      "--port",
      String(this.port),
    ]);
    await until(
      "Request Tracker answers",
      async () => {
        if (this.program.end) throw new Error(`it ended: ${this.program.errors.slice(-2000)}`);
        return (await fetch(`${this.url}/NoAuth/Login.html`, { redirect: "manual" })).status > 0;
      },
      90000,
    );
  }

  async pause() {
    this.program.kill("SIGKILL");
    await this.program.ended;
  }

  /** Lets everyone open tickets in the queue General, and answer in them. */
  let_everyone_in() {
    return this.#run(perl_with("/etc/grant.pl"));
  }

  /** [{id, subject, requestor, mails: [{text, headers, files}]}]. */
  async tickets() {
    return JSON.parse(await this.#run(perl_with("/etc/show.pl")));
  }

  async stop() {
    await this.pause();
    remove_folder(this.folder);
    this.forget();
  }
}
