#!/usr/bin/env python3
"""clang-tidy over all of the program, many files as one: reading the headers is most of the work.

    clang_tidy_all.py BUILD_DIR [PATH...]      (clang_tidy.sh BUILD_DIR --all calls it)

Files that are compiled alike are written one behind the other into one, so that each is a main file
to clang-tidy, and what is found is told with its own name and line. Those that give a name to
different helpers are kept apart; what still clashes (an overload that one of them should not see) is
halved until it does not.
"""

import bisect
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OURS = ("gateway/", "storage/", "oauth/", "web/")
LINES_TOGETHER = 8000
SAID = re.compile(r"^(/[^:\n]+):(\d+):(\d+): (?:warning|error): (.*) \[([\w.,-]+)\]$", re.M)
UNNAMED = re.compile(r"^namespace \{\n(.*?)^\}  // namespace$", re.M | re.S)
HELPER = re.compile(r"^(?! |//|#|\}|namespace|using).*?\b(\w+)(?=\(| = |\{| \{|;)", re.M)


class Source:
    def __init__(self, command):
        self.path = command["file"]
        self.name = os.path.relpath(self.path, ROOT)
        self.folder = command["directory"]
        self.flags = flags_of(command)
        with open(self.path, encoding="utf-8") as file:
            self.text = file.read()
        self.lines = self.text.count("\n") + 1
        self.helpers = {name for part in UNNAMED.findall(self.text) for name in HELPER.findall(part)}


def flags_of(command):
    """Without what makes an object, and without precompiled headers, which spare clang-tidy nothing.
    The compiler's own warnings are for the build."""
    words = iter(shlex.split(command["command"]))
    for word in words:
        if os.path.basename(word).startswith(("clang++", "g++", "c++")):
            break
    flags = ["-w"]
    for word in words:
        if word in ("-Xclang", "-o", "-c"):
            next(words)
        elif word != "-Winvalid-pch":
            flags.append(word)
    return flags


def groups_of(sources):
    """What is read together: compiled alike, no helper's name twice, not more than some thousand lines."""
    groups = []
    for source in sources:
        for group in groups:
            if (group[0].flags == source.flags and sum(each.lines for each in group) < LINES_TOGETHER
                    and all(source.helpers.isdisjoint(each.helpers) for each in group)):
                group.append(source)
                break
        else:
            groups.append([source])
    return groups


class Unit:
    """Some files as one, and where in it each of them begins."""

    def __init__(self, group, scratch):
        self.group = group
        self.starts = []
        handle, self.path = tempfile.mkstemp(suffix=".cpp", dir=scratch)
        line = 1
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            for source in group:
                self.starts.append(line)
                line += source.lines
                file.write(source.text + "\n")

    def run(self, *command):
        return subprocess.run(
            [*command, *self.group[0].flags], cwd=self.group[0].folder, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def source_of(self, line):
        """The file of a line, and its line there."""
        at = bisect.bisect(self.starts, line) - 1
        return self.group[at], line - self.starts[at] + 1

    def clashing(self):
        """The files that do not compile among the others."""
        said = self.run("clang++-16", "-fsyntax-only", "-ferror-limit=0", self.path)
        errors = re.findall(re.escape(self.path) + r":(\d+):\d+: (?:fatal )?error: ", said.stdout)
        clashing = [self.source_of(int(line))[0] for line in errors]
        if said.returncode != 0 and not clashing:
            clashing = self.group[:len(self.group) // 2]
        return clashing

    def findings(self):
        """What clang-tidy says: (file, line, column, words, check)."""
        said = self.run("clang-tidy-16", "--quiet", f"--config-file={ROOT}/.clang-tidy", self.path, "--")
        told = set()
        for path, line, column, words, check in SAID.findall(said.stdout):
            line = int(line)
            if path == self.path:
                source, line = self.source_of(line)
                path = source.path
            told.add((os.path.relpath(path, ROOT), line, int(column), words, check))
        if said.returncode != 0 and not told:
            told.add((self.group[0].name, 1, 1, f"clang-tidy failed: {said.stdout.strip()}", "clang-tidy"))
        return told


def findings(group, scratch):
    """Those of a group, without the files that clash; they come by themselves."""
    unit = Unit(group, scratch)
    apart = unit.clashing() if len(group) > 1 else []
    if not apart:
        return unit.findings()
    rest = [source for source in group if source not in apart]
    if not rest:
        rest, apart = group[::2], group[1::2]
    else:
        apart = [source for source in group if source in apart]
    return findings(rest, scratch) | findings(apart, scratch)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    wanted = tuple(sys.argv[2:]) or OURS
    with open(os.path.join(sys.argv[1], "compile_commands.json"), encoding="utf-8") as file:
        commands = json.load(file)
    sources = [Source(each) for each in commands if os.path.relpath(each["file"], ROOT).startswith(wanted)]
    if not sources:
        sys.exit(f"clang_tidy_all.py: {sys.argv[1]} compiles nothing of {' '.join(wanted)}")
    found = set()
    with tempfile.TemporaryDirectory() as scratch, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(findings, group, scratch) for group in groups_of(sources)]
        for job in concurrent.futures.as_completed(jobs):
            for told in sorted(job.result() - found):
                print("{}:{}:{}: {} [{}]".format(*told), flush=True)
            found |= job.result()
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
