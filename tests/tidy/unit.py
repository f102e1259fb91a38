"""Holds the unit of systemd to what systemd itself says of it: verify, and a score of exposure.

    unit.py UNIT PROGRAM     needs systemd-analyze of version 250 on (deploy/test installs it)
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

EXPOSURE_MAX = 1.5
VERSION_MIN = 250  # has --offline

# What the program needs to be told of, for which it has its part.
DEMANDED = ("Type=notify", "WatchdogSec=", "LoadCredential=", "StateDirectory=", "DynamicUser=yes",
            "ExecReload=", "TimeoutStopSec=30s", "SystemCallFilter=")


def systemd_version(analyze):
    said = subprocess.run([analyze, "--version"], capture_output=True, text=True).stdout
    found = re.search(r"systemd (\d+)", said)
    return int(found[1]) if found else 0


def verify(analyze, unit, program):
    """The unit with the program where it is now: verify looks whether it can be run."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / unit.name
        copy.write_text(unit.read_text().replace("/usr/bin/postern ", f"{program} "))
        said = subprocess.run([analyze, "verify", "--man=no", "--recursive-errors=no", str(copy)],
                              capture_output=True, text=True)
    if said.returncode != 0 or unit.name in said.stderr:
        yield f"systemd-analyze verify: {said.stderr.strip()}"


def security(analyze, unit):
    said = subprocess.run([analyze, "security", "--offline=true", "--no-pager", str(unit)],
                          capture_output=True, text=True)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said.stdout)
    if not found:
        yield f"systemd-analyze security says no score: {said.stdout}{said.stderr}"
    elif float(found[1]) > EXPOSURE_MAX:
        yield f"an exposure of {found[1]}, more than {EXPOSURE_MAX}:\n{said.stdout}"
    else:
        print(f"exposure {found[1]}")


def problems(unit, program):
    text = unit.read_text()
    for demanded in DEMANDED:
        if not re.search("^" + re.escape(demanded), text, re.MULTILINE):
            yield f"without {demanded}"
    analyze = shutil.which("systemd-analyze")
    if analyze is None or systemd_version(analyze) < VERSION_MIN:
        yield f"not judged: systemd-analyze {VERSION_MIN} or newer is missing (apt install systemd)"
        return
    yield from verify(analyze, unit, program)
    yield from security(analyze, unit)


if __name__ == "__main__":
    found = list(problems(pathlib.Path(sys.argv[1]), sys.argv[2]))
    for problem in found:
        print(f"{sys.argv[1]}: {problem}")
    sys.exit(1 if found else 0)
