#!/usr/bin/env python3
"""Feeds tidy.py bad samples, each in a tree of its own, and good ones that look bad."""
import pathlib
import tempfile
import unittest

import tidy

OPEN = "// What this is, and why it exists.\n"
GUARD = OPEN + "#pragma once\n"


def lines(count, text="int x;\n"):
    return OPEN + text * (count - 1)


def body(count):
    """A function of `count` lines."""
    return OPEN + "int f(int a) {\n" + "  a += 1;\n" * (count - 2) + "}\n"


class TidyTest(unittest.TestCase):
    def told(self, files):
        """The rules broken by a tree of these files, those about README.md aside."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            checker = tidy.Tidy(root)
            checker.check_lists = lambda: None
            return [(rule, line) for _, line, rule, _ in checker.run() if rule != "readme"]

    def breaks(self, rule, path, text, line=None):
        told = self.told({path: text})
        self.assertIn(rule, [each for each, _ in told], f"{path}: {text!r}")
        if line is not None:
            self.assertIn((rule, line), told)

    def passes(self, path, text):
        self.assertEqual(self.told({path: text}), [], f"{path}: {text!r}")

    def test_Layers(self):
        for path, include in [
                ("gateway/core/a.cpp", '"net/env.hpp"'), ("gateway/core/a.cpp", "<unistd.h>"),
                ("gateway/core/a.cpp", "<boost/asio/post.hpp>"),
                ("gateway/core/a.cpp", "<spdlog/spdlog.h>"), ("gateway/core/log.hpp",
                                                              "<spdlog/spdlog.h>"),
                ("gateway/imap/a.cpp", '"net/task.hpp"'),
                ("gateway/imap/a.cpp", "<boost/asio/awaitable.hpp>"),
                ("gateway/smtp/a.cpp", '"imap/session.hpp"'),
                ("gateway/flows/a.cpp", "<SQLiteCpp/SQLiteCpp.h>"),
                ("gateway/flows/a.cpp", "<boost/beast/http/message.hpp>"),
                ("storage/a.cpp", '"flows/hub.hpp"'), ("storage/a.cpp", "<vmime/vmime.hpp>"),
                ("oauth/a.cpp", '"storage/store.hpp"'), ("web/a.cpp", "<sqlite3.h>"),
                ("gateway/net/a.cpp", "<prometheus/counter.h>"),
                ("gateway/main.cpp", "<boost/asio/post.hpp>"),
                ("gateway/config/a.cpp", "<toml++/toml.h>"),
                ("gateway/config/a.cpp", "<CLI/CLI.hpp>"),
                ("gateway/elsewhere/a.cpp", '"core/ids.hpp"')]:
            text = (GUARD if path.endswith("hpp") else OPEN) + f"#include {include}\n"
            self.breaks("layer", path, text, 3 if path.endswith("hpp") else 2)
        self.passes("gateway/core/log.cpp", OPEN + "#include <spdlog/spdlog.h>\n")
        self.passes("gateway/flows/a.cpp", OPEN + '#include "imap/session.hpp"\n')
        self.passes("gateway/cli/a.cpp", OPEN + "#include <CLI/CLI.hpp>\n")
        self.passes("gateway/imap/a.cpp", OPEN + '#include <vector>\n#include "imap/b.hpp"\n')

    def test_Whole_headers(self):
        for name in ("boost/asio.hpp", "boost/beast.hpp"):
            self.breaks("whole", "gateway/net/a.hpp", GUARD + f"#include <{name}>\n", 3)

    def test_Bans(self):
        for rule, code in [
                ("clock", "auto t = std::chrono::system_clock::now();"),
                ("clock", "auto t = steady_clock::now();"), ("clock", "auto t = std::time(nullptr);"),
                ("chance", "std::random_device device;"), ("chance", "RAND_bytes(p, 3);"),
                ("spawn", "asio::co_spawn(executor, f(), g);"),
                ("spawn", "f(asio::detached);"), ("sqlite", "sqlite3_open(p);"),
                ("sqlite", "SQLite::Database d;"), ("vmime", "vmime::message m;")]:
            self.breaks(rule, "gateway/flows/a.cpp", OPEN + code + "\n", 2)
        self.passes("gateway/net/real_env_dns.cpp", OPEN + "auto t = steady_clock::now();\n")
        self.passes("gateway/net/scope.cpp", OPEN + "asio::co_spawn(e, f(), asio::detached);\n")
        self.passes("storage/database.cpp", OPEN + "SQLite::Database d;\n")
        self.passes("gateway/message/a.cpp", OPEN + "vmime::message m;\n")

    def test_Words_in_comments_and_literals_are_no_code(self):
        self.passes("gateway/flows/a.cpp", OPEN + 'auto s = "co_spawn(";  // clock::now()\n'
                    "/* sqlite3_open */ auto r = R\"(vmime::x)\"; char c = '\"';\n")

    def test_Revealing(self):
        self.breaks("reveal", "gateway/flows/a.cpp", OPEN + "auto s = secret.reveal();\n", 2)
        self.passes("gateway/smtp/auth.cpp", OPEN + "auto s = secret.reveal();\n")

    def test_Coroutine_shapes(self):
        for code in ["co_await f({1, 2});", 'auto x = co_await a.b->f({"x", "y"});',
                     "co_await f({.h = 1});", 'co_await f(1, {"a", "b"});',
                     "co_await f(Agg{1, 2});", "co_await f(\n    {a,\n     b});",
                     "x = y ? co_await f() : 3;", "x = y ? 3 : co_await f();",
                     "POSTERN_CO_TRY(auto x, co_await f({1, 2}));"]:
            self.breaks("coroutine", "gateway/flows/a.cpp", OPEN + code + "\n", 2)
        for code in ["co_await f(std::move(a));", "co_await f({});", "co_await f(Agg(1, 2));",
                     "auto a = Agg{1}; co_await f(a);", "case 3: co_await f();",
                     "co_await submit([=](Db& db) { return Agg{1}; });",
                     "co_await f(a ? 1 : 2);", "if (a) co_await f();"]:
            self.passes("gateway/flows/a.cpp", OPEN + code + "\n")

    def test_Sizes(self):
        self.breaks("file", "gateway/core/a.cpp", lines(401))
        self.passes("gateway/core/a.cpp", lines(400))
        self.breaks("function", "gateway/core/a.cpp", body(71), 2)
        self.passes("gateway/core/a.cpp", body(70))
        self.breaks("line", "gateway/core/a.cpp", OPEN + "// " + "x" * 98 + "\n", 2)
        self.passes("gateway/core/a.cpp", OPEN + "// " + "é" * 97 + "\n")

    def test_Functions_are_found_where_they_hide(self):
        rest = "  a += 1;\n" * 75 + "}\n"
        for head in ["A::A(int a) : b_{a}, c_(a) {\n", "auto f(int a) -> int {\n",
                     "int A::f(int a,\n         int b) const noexcept {\n", "TEST(A, B) {\n",
                     "class A {\n void f() override {\n", "namespace n {\nint f() {\n"]:
            close = "};\n" if head.startswith(("class", "namespace")) else ""
            self.breaks("function", "gateway/core/a.cpp", OPEN + head + rest + close)

    def test_Long_tables_and_namespaces_are_no_functions(self):
        self.passes("gateway/core/a.cpp", OPEN + "namespace a {\nconst int t[] = {\n" +
                    "    {1},\n" * 80 + "};\n}\n")
        self.passes("gateway/core/a.cpp", OPEN + "struct A {\n" + "  int f(int a);\n" * 80 + "};\n")

    def test_Notes_to_self(self):
        for note in ("TODO", "TODO: later", "TODO(me)", "FIXME"):
            self.breaks("todo", "gateway/core/a.cpp", OPEN + f"// {note}\n", 2)
        self.passes("gateway/core/a.cpp", OPEN + "// TODO(ada, 12) mend it\n")

    def test_Openings_and_guards(self):
        self.breaks("opening", "gateway/core/a.hpp", "#pragma once\n", 1)
        self.breaks("opening", "gateway/core/a.cpp", "int x;\n", 1)
        self.breaks("guard", "gateway/core/a.hpp", OPEN, 1)
        self.breaks("using", "gateway/core/a.hpp", GUARD + "using namespace std;\n", 3)
        self.passes("gateway/core/a.cpp", '#include "core/a.hpp"\n')

    def test_Tests_may_do_what_tests_do(self):
        self.passes("tests/unit/net/a.cpp",
                    "#include <sqlite3.h>\nauto t = steady_clock::now();\nsqlite3_open(secret.reveal());\n")

    def test_Readmes(self):
        def told(files):
            with tempfile.TemporaryDirectory() as folder:
                for name, text in files.items():
                    path = pathlib.Path(folder) / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text)
                checker = tidy.Tidy(folder)
                checker.check_readmes()
                return [(path, line) for path, line, _, _ in checker.problems]

        self.assertEqual(told({"web/a.cpp": OPEN}), [("web/README.md", 1)])
        self.assertEqual(told({"gateway/core/a.cpp": OPEN, "gateway/core/README.md": "x\n" * 31}),
                         [("gateway/core/README.md", 31)])
        self.assertEqual(told({"gateway/core/a.cpp": OPEN, "gateway/core/README.md": "x\n" * 30}),
                         [])

    def test_Lists_hold_no_dead_names(self):
        with tempfile.TemporaryDirectory() as folder:
            checker = tidy.Tidy(folder)
            checker.check_lists()
            rules = {rule for _, _, rule, _ in checker.problems}
        self.assertEqual(rules, {"reveal", "clock", "spawn", "chance"})

    def test_Fixtures_are_left_alone(self):
        self.passes("tests/unit/imap/fixtures/a.cpp", "TODO\n")


if __name__ == "__main__":
    unittest.main()
