"""Holds two manuals and the Containerfile to what they are about.

deploy/RUNBOOK.md has a section for each problem class there is, with what it means, how to look and
what to do, and each alert of deploy/prometheus names a section of it; gateway/flows/STATES.md names
for each state a test that begins there, and every such test is named. deploy/Containerfile copies
what of deploy/ the build runs.
"""
import pathlib
import re
import sys

PARTS = ("**Means.**", "**Look.**", "**Do.**")


def runbook(root):
    header = (root / "gateway/core/problem.hpp").read_text()
    enum = header[header.index("enum class ProblemClass"):]
    classes = re.findall(r"^  (\w+),", enum[: enum.index("};")], re.MULTILINE)
    text = (root / "deploy/RUNBOOK.md").read_text()
    sections = dict(re.findall(r"^### ([a-z]+)\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL))
    for name in classes:
        if name not in sections:
            yield f"deploy/RUNBOOK.md: no section \"### {name}\""
            continue
        for part in PARTS:
            if part not in sections[name]:
                yield f"deploy/RUNBOOK.md: {name}: without {part}"
    for name in sections:
        if name not in classes:
            yield f"deploy/RUNBOOK.md: {name} is no problem class"


def anchor(heading):
    """As those who show Markdown make it of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def alerts(root):
    text = (root / "deploy/RUNBOOK.md").read_text()
    anchors = {anchor(heading) for heading in re.findall(r"^##+ (.*)$", text, re.MULTILINE)}
    rules = (root / "deploy/prometheus/postern.rules.yml").read_text()
    for rule in re.split(r"^ +- alert: ", rules, flags=re.MULTILINE)[1:]:
        name = rule.split()[0]
        url = re.search(r'^ +runbook_url: "deploy/RUNBOOK\.md#([^"]+)"$', rule, re.MULTILINE)
        if not url:
            yield f"deploy/prometheus: {name} has no runbook_url of deploy/RUNBOOK.md"
        elif url.group(1) not in anchors:
            yield f"deploy/prometheus: {name}: no section #{url.group(1)} in deploy/RUNBOOK.md"


def states(root):
    named = set(re.findall(r"\| (\w+_\w+) \|$", (root / "gateway/flows/STATES.md").read_text(),
                           re.MULTILINE))
    tests = set()
    for file in (root / "tests/sim").glob("states_*_test.cpp"):
        tests |= set(re.findall(r"TEST_F\(States, (\w+)\)", file.read_text()))
    for name in sorted(named - tests):
        yield f"gateway/flows/STATES.md: there is no test {name}"
    for name in sorted(tests - named):
        yield f"gateway/flows/STATES.md: no state names the test {name}"


def image(root):
    copied = set(re.findall(r"\bdeploy/[\w.]+", "".join(
        re.findall(r"^COPY (?!--from).*$", (root / "deploy/Containerfile").read_text(), re.MULTILINE))))
    used = re.findall(r"\$\{PROJECT_SOURCE_DIR\}/(deploy/[\w.]+)", (root / "CMakeLists.txt").read_text())
    for name in sorted(set(used) - copied):
        yield f"deploy/Containerfile: {name}, which CMakeLists.txt runs, is not copied"


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1])
    found = [*runbook(root), *alerts(root), *states(root), *image(root)]
    print("\n".join(found))
    sys.exit(1 if found else 0)
