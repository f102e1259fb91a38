#!/usr/bin/env python3
"""Has clang_tidy_all.py read small trees: what is found keeps its place, whatever stands together."""
import json
import pathlib
import tempfile
import unittest

import clang_tidy_all

PLAIN = "namespace {\nint helper() { return 1; }\n}  // namespace\nint NAME() { return helper(); }\n"
BAD = "\n\nint* NAME() { return 0; }\n"


class ClangTidyAllTest(unittest.TestCase):
    def told(self, files):
        """(file, line, check) of a tree; and how many groups were made of it."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / ".clang-tidy").write_text("Checks: '-*,modernize-use-nullptr'\n")
            for name, text in files.items():
                (root / name).write_text(text.replace("NAME", name[:-len(".cpp")]))
            former, clang_tidy_all.ROOT = clang_tidy_all.ROOT, folder
            try:
                groups = clang_tidy_all.groups_of([
                    clang_tidy_all.Source({"file": str(root / name), "directory": folder,
                                           "command": f"c++ -std=c++20 -o x.o -c {root / name}"})
                    for name in files])
                told = set().union(*(clang_tidy_all.findings(each, folder) for each in groups))
            finally:
                clang_tidy_all.ROOT = former
        return sorted((name, line, check) for name, line, _, _, check in told), len(groups)

    def test_What_is_found_is_told_with_its_own_file_and_line(self):
        told, groups = self.told({"a.cpp": BAD, "b.cpp": PLAIN, "c.cpp": BAD})

        self.assertEqual(groups, 1)
        self.assertEqual(told, [("a.cpp", 3, "modernize-use-nullptr"),
                                ("c.cpp", 3, "modernize-use-nullptr")])

    def test_Helpers_of_one_name_are_kept_apart(self):
        told, groups = self.told({"a.cpp": PLAIN, "b.cpp": PLAIN, "c.cpp": PLAIN + BAD.replace("NAME", "d")})

        self.assertEqual(groups, 3)
        self.assertEqual(told, [("c.cpp", 7, "modernize-use-nullptr")])

    def test_What_clashes_unseen_is_read_by_itself(self):
        told, groups = self.told({"a.cpp": "static int NAME_of;\nint clash;\n", "b.cpp": "long clash;\n" + BAD})

        self.assertEqual(groups, 1)
        self.assertEqual(told, [("b.cpp", 4, "modernize-use-nullptr")])

    def test_A_file_that_does_not_compile_is_told(self):
        told, _ = self.told({"a.cpp": PLAIN, "b.cpp": "int b() { return missing; }\n"})

        self.assertEqual(set(told), {("b.cpp", 1, "clang-diagnostic-error")})


if __name__ == "__main__":
    unittest.main()
