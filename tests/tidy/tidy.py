#!/usr/bin/env python3
"""Holds the tree to design and style: layers, bans, sizes. Reads source text, compiles nothing.

    tidy.py ROOT              prints FILE:LINE: rule: what is wrong; exit 1 if there is any
    tidy.py ROOT --list       prints the C++ files it looks at

Layers are in layers.txt, the files that may reveal a Secret in reveal.txt, where a ban does not
hold in exceptions.txt. selftest.py feeds it bad samples, so that no rule falls asleep.
"""
import fnmatch
import pathlib
import re
import sys

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
LINE_COLUMNS_MAX = 100
README_LINES_MAX = 30
SOURCE_ROOTS = ["gateway", "storage", "oauth", "web", "tests"]
README_ROOTS = ["gateway", "storage", "oauth", "web"]
SKIPPED = ("/fixtures/", "/samples/", "/node_modules/", "/build/")

LIBRARIES = [
    (r"boost/([a-z0-9_]+)", None), (r"openssl/", "openssl"), (r"ares", "ares"),
    (r"vmime/", "vmime"), (r"SQLiteCpp/", "SQLiteCpp"), (r"sqlite3", "sqlite3"),
    (r"re2/", "re2"), (r"date/", "date"), (r"fmt/", "fmt"), (r"spdlog/", "spdlog"),
    (r"toml\+\+/", "toml++"), (r"CLI/", "CLI11"), (r"prometheus/", "prometheus"),
    (r"archive(_entry)?\.h", "libarchive"), (r"gtest/|gmock/", "gtest"), (r"unicode/", "icu"),
    (r"idn2", "idn2"), (r"libxml/", "libxml2"),
]

# rule, pattern on a line without comments and strings, what to say
BANS = [
    ("clock", r"clock::now\b|\bgettimeofday\b|\bclock_gettime\b|\bstd::time\s*\(",
     "time comes from Env"),
    ("chance", r"\brandom_device\b|\bRAND_bytes\b|\bRAND_priv_bytes\b|\bgetrandom\b|\bsrand\b",
     "chance comes from Env"),
    ("spawn", r"\bco_spawn\s*[(<]|\bdetached\b", "only Scope spawns coroutines"),
    ("sqlite", r"\bsqlite3_|\bSQLite::", "SQLite stays in storage"),
    ("vmime", r"\bvmime::", "vmime stays in message"),
]
BAN_HOMES = {"sqlite": "storage/*", "vmime": "gateway/message/*"}
TESTS_MAY = {"clock", "chance", "spawn", "sqlite", "vmime"}

AGGREGATE = ("an aggregate temporary in a co_await expression breaks g++ 12: use a named local "
             "and std::move, or a type with a constructor")
CONDITIONAL = "`cond ? co_await a : b` breaks g++ 12: use if and else"


class Tidy:
    def __init__(self, root, lists=None):
        self.root = pathlib.Path(root)
        self.lists = pathlib.Path(lists or pathlib.Path(__file__).parent)
        self.problems = []
        self.layers = self.read_layers()
        self.reveal = self.read_list("reveal.txt")
        self.exceptions = [line.split()[:2] for line in self.read_list("exceptions.txt")]

    def read_list(self, name):
        lines = (self.lists / name).read_text().splitlines()
        return [text for text in (line.split("#")[0].strip() for line in lines) if text]

    def read_layers(self):
        layers = {}
        for line in self.read_list("layers.txt"):
            folder, rest = line.split(":", 1)
            ours, libraries = rest.split("|")
            allowed = {}
            for word in libraries.split():
                match = re.fullmatch(r"([^()]+)(?:\(([^()]*)\))?", word)
                allowed[match[1]] = match[2].split(",") if match[2] else None
            layers[folder.strip()] = (set(ours.split()), allowed)
        return layers

    def tell(self, path, line, rule, what):
        self.problems.append((str(path), line, rule, what))

    def excepted(self, rule, path):
        if rule in BAN_HOMES and fnmatch.fnmatch(path, BAN_HOMES[rule]):
            return True
        return any(r == rule and fnmatch.fnmatch(path, glob) for r, glob in self.exceptions)

    def sources(self):
        for root in SOURCE_ROOTS:
            for path in sorted((self.root / root).rglob("*")):
                relative = path.relative_to(self.root).as_posix()
                if path.suffix not in (".hpp", ".cpp") or not path.is_file():
                    continue
                if not any(part in "/" + relative for part in SKIPPED):
                    yield relative, path

    def run(self):
        for relative, path in self.sources():
            self.check_file(relative, path.read_text(errors="replace"))
        self.check_readmes()
        self.check_lists()
        return self.problems

    # --- one file ---------------------------------------------------------------------------

    def check_file(self, path, text):
        lines = text.splitlines()
        code = strip(text).splitlines()
        folder = folder_of(path)
        if len(lines) > FILE_LINES_MAX:
            self.tell(path, len(lines), "file", f"{len(lines)} lines, at most {FILE_LINES_MAX}")
        for number, line in enumerate(lines, 1):
            if len(line) > LINE_COLUMNS_MAX:
                self.tell(path, number, "line", f"{len(line)} columns, at most {LINE_COLUMNS_MAX}")
            if re.search(r"\bTODO\b(?!\([^,()]+,\s*[^()]+\))|\bFIXME\b|\bXXX\b", line):
                self.tell(path, number, "todo", "write TODO(owner, issue), or do it")
        self.check_includes(path, folder, lines)
        self.check_bans(path, folder, code)
        self.check_functions(path, code)
        if folder != "tests" and not re.match("//" if path.endswith(".hpp") else "//|#", text):
            self.tell(path, 1, "opening", "open with lines that say what the file is")
        if path.endswith(".hpp") and not any(line.strip() == "#pragma once" for line in lines):
            self.tell(path, 1, "guard", "#pragma once is missing")

    def check_includes(self, path, folder, lines):
        for number, line in enumerate(lines, 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if not match:
                continue
            quoted, name = match[1] == '"', match[2]
            whole = name in ("boost/asio.hpp", "boost/beast.hpp")
            if whole and path.endswith(".hpp"):
                self.tell(path, number, "whole", f"<{name}> costs 8 to 12 s a file: be narrow")
            if folder == "tests":
                continue
            ours, libraries = self.layers.get(folder, (set(), {}))
            if folder not in self.layers:
                self.tell(path, number, "layer", f"folder {folder} is not in layers.txt")
            elif quoted:
                first = name.split("/")[0]
                if first != folder and first not in ours:
                    self.tell(path, number, "layer", f"{folder} may not include {name}")
            else:
                library = library_of(name)
                files = libraries.get(library, None)
                allowed = library is None or library in libraries or "*" in libraries
                if not allowed or (files and pathlib.PurePath(path).name not in files):
                    self.tell(path, number, "layer", f"{folder} may not include <{name}> "
                              f"({library})")

    def check_bans(self, path, folder, code):
        text = "\n".join(code)
        for rule, pattern, what in BANS:
            if folder == "tests" and rule in TESTS_MAY:
                continue
            if self.excepted(rule, path):
                continue
            for match in re.finditer(pattern, text):
                if not line_at(code, text, match.start()).lstrip().startswith("#"):
                    self.tell(path, line_number(text, match.start()), rule, what)
        if folder != "tests" and path not in self.reveal:
            for match in re.finditer(r"\breveal\s*\(\s*\)", text):
                self.tell(path, line_number(text, match.start()), "reveal",
                          "reveals a Secret and is not in reveal.txt")
        for at, what in coroutine_shapes(text):
            self.tell(path, line_number(text, at), "coroutine", what)
        if path.endswith(".hpp"):
            for match in re.finditer(r"^\s*using\s+namespace\b", text, re.M):
                self.tell(path, line_number(text, match.start()), "using",
                          "no `using namespace` in a header")

    def check_functions(self, path, code):
        for start, length, name in functions(code):
            if length > FUNCTION_LINES_MAX:
                self.tell(path, start, "function",
                          f"{name} has {length} lines, at most {FUNCTION_LINES_MAX}")

    # --- the tree ---------------------------------------------------------------------------

    def check_readmes(self):
        folders = [self.root / name for name in README_ROOTS if (self.root / name).is_dir()]
        folders += [path for path in sorted((self.root / "gateway").glob("*")) if path.is_dir()]
        for folder in folders:
            if not list(folder.glob("*.cpp")) or folder == self.root / "gateway":
                continue
            readme = folder / "README.md"
            relative = readme.relative_to(self.root).as_posix()
            if not readme.is_file():
                self.tell(relative, 1, "readme", "every folder has a README.md")
                continue
            count = len(readme.read_text().splitlines())
            if count > README_LINES_MAX:
                self.tell(relative, count, "readme", f"{count} lines, at most {README_LINES_MAX}")

    def check_lists(self):
        for path in self.reveal:
            if not (self.root / path).is_file():
                self.tell("tests/tidy/reveal.txt", 1, "reveal", f"{path} is no file any more")
        for rule, glob in self.exceptions:
            if not list(self.root.glob(glob)):
                self.tell("tests/tidy/exceptions.txt", 1, rule, f"{glob} names no file any more")


def folder_of(path):
    parts = path.split("/")
    if parts[0] == "gateway":
        return parts[1] if len(parts) > 2 else "main"
    return parts[0]


def library_of(name):
    """The library of <name>; None for the C++ standard library."""
    for pattern, library in LIBRARIES:
        match = re.match(pattern, name)
        if match:
            return library or "boost/" + match[1]
    return "posix" if "." in name else None


def strip(text):
    """`text` with comments and the insides of literals blanked, lines kept."""
    out = []
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'
                         r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'", re.S)
    at = 0
    for match in pattern.finditer(text):
        out.append(text[at:match.start()])
        blank = re.sub(r"[^\n]", " ", match[0])
        # An include keeps its name, and a literal its quotes, so that `f({"x"})` stays a shape.
        quoted = match[0][0] in "\"'R"
        out.append('"' + blank[1:-1] + '"' if quoted and len(blank) > 1 else blank)
        at = match.end()
    out.append(text[at:])
    return "".join(out)


def line_number(text, at):
    return text.count("\n", 0, at) + 1


def line_at(code, text, at):
    return code[line_number(text, at) - 1]


def coroutine_shapes(text):
    """Where a co_await stands with what g++ 12 makes heap corruption of, and which of the two."""
    for match in re.finditer(r"\bco_await\b", text):
        end = text.find(";", match.end())
        after = text[match.end():end if end >= 0 else len(text)]
        # A lambda's body is its own: what is in it is no part of this expression.
        after = re.split(r"\]\s*\{|\)\s*(?:mutable\s*|noexcept\s*)*(?:->[^{;]*)?\{", after)[0]
        if re.search(r"[(,]\s*\{\s*[^}\s]|\b[A-Z]\w*\{\s*[^}\s]", after):
            yield match.start(), AGGREGATE
        before = re.split(r"[;{}]", text[:match.start()])[-1]
        if re.search(r"\?\s*$", before) or ("?" in before and re.search(r":\s*$", before)):
            yield match.start(), CONDITIONAL


def functions(code):
    """(first line, lines, name) of each function body, by counting braces.

    A brace opens a function when what stands before it ends a parameter list; namespaces, types
    and initialisers are passed through, lambdas and blocks are part of what they stand in.
    """
    start, name = None, ""
    inside = 0   # the depth at which the function opened
    held = ""    # what stands before the next brace
    opened = []  # of each open brace: what was held, if it only initialises a member
    for number, line in enumerate(code, 1):
        if line.lstrip().startswith("#"):
            continue
        for char in line + "\n":
            if char == "{":
                # `member_{value}` in a constructor's list has no blank before its brace.
                member = start is None and re.search(r"\)\s*:.*[\w>]$", held, re.S)
                opened.append(held if member else None)
                if start is None and not member and opens_function(held):
                    start, inside = max(1, number - held.strip().count("\n")), len(opened)
                    found = re.findall(r"([~\w:]+)\s*\(", held)
                    name = found[0] if found else "a function"
                held = ""
            elif char == "}":
                if start is not None and len(opened) == inside:
                    yield start, number - start + 1, name
                    start = None
                member = opened.pop() if opened else None
                held = member + "{}" if member else ""
            elif char == ";" and held.count("(") == held.count(")"):
                held = ""
            else:
                held += char


def opens_function(held):
    head = " ".join(held.split())
    if not head or "(" not in head:
        return False
    if re.search(r"\b(namespace|struct|class|enum|union)\b[^()]*$", head):
        return False
    if re.match(r"(if|for|while|switch|catch|else|do)\b", head):
        return False
    return bool(re.search(r"\)(\s*(const|noexcept|override|final|mutable|&|->[^()]*|:[^?]*))*\s*$",
                          head))


def main(arguments):
    if not arguments:
        print(__doc__)
        return 64
    tidy = Tidy(arguments[0])
    if "--list" in arguments:
        print("\n".join(relative for relative, _ in tidy.sources()))
        return 0
    for path, line, rule, what in tidy.run():
        print(f"{path}:{line}: {rule}: {what}")
    return 1 if tidy.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
