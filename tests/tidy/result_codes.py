"""Holds the table of result codes to the codes there are and to the tests that it names."""
import pathlib
import re
import sys


def problems(root):
    header = (root / "gateway/core/result_codes.hpp").read_text()
    enum = header[header.index("enum class ResultCode"):]
    codes = {int(number) for number in re.findall(r" = (\d+),", enum[: enum.index("};")])}
    reached = set()
    for line in (root / "tests/tidy/result_codes.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        code, test = line.split("\t")
        path, name = test.split(": ", 1)
        if not (root / path).is_file() or name not in (root / path).read_text():
            yield f"{code}: there is no test {test}"
        reached.add(int(code))
    for code in sorted(codes - reached):
        yield f"{code}: no test is named that reaches it"
    for code in sorted(reached - codes):
        yield f"{code}: is no result code"


if __name__ == "__main__":
    found = list(problems(pathlib.Path(sys.argv[1])))
    print("\n".join(found))
    sys.exit(1 if found else 0)
