"""Looks into the built program for what makes a mistake in memory hard to use.

    hardening.py PROGRAM     exit 0 when all of it is there, else a line for each that is missing

It reads the ELF file itself, so that it needs no tool: position independence, read-only
relocations bound at start, no executable stack, stack canaries, fortified calls into libc, and, on
x86-64, landing pads for indirect branches and probes of large stack frames.
"""
import pathlib
import struct
import sys

ET_DYN, EM_X86_64 = 3, 62
PT_DYNAMIC, PT_INTERP, PT_GNU_STACK, PT_GNU_RELRO = 2, 3, 0x6474E551, 0x6474E552
PF_X = 1
DT_FLAGS, DT_FLAGS_1 = 30, 0x6FFFFFFB
DF_BIND_NOW, DF_1_NOW, DF_1_PIE = 0x8, 0x1, 0x08000000
SHT_DYNSYM = 11

ENDBR64 = bytes.fromhex("f30f1efa")
# What probes a page of the stack: sub $0x1000,%rsp; movq $0,(%rsp)
STACK_PROBE = bytes.fromhex("4881ec0010000048c7042400000000")
FUNCTIONS_MIN = 1000  # of the program, far below what it has


class Elf:
    def __init__(self, data):
        if data[:6] != b"\x7fELF\x02\x01":
            raise ValueError("no 64-bit little-endian ELF file")
        self.data = data
        (self.type, self.machine, _, _, phoff, shoff, _, _, phsize, phnum, shsize, shnum,
         names) = struct.unpack_from("<HHIQQQIHHHHHH", data, 16)
        self.segments = [struct.unpack_from("<IIQQQQQQ", data, phoff + i * phsize)
                         for i in range(phnum)]
        self.sections = [struct.unpack_from("<IIQQQQIIQQ", data, shoff + i * shsize)
                         for i in range(shnum)]
        self.names = self.sections[names]

    def segment(self, kind):
        return next((each for each in self.segments if each[0] == kind), None)

    def name_at(self, table, offset):
        start = table[4] + offset
        return self.data[start:self.data.index(b"\0", start)].decode()

    def section(self, name):
        for each in self.sections:
            if self.name_at(self.names, each[0]) == name:
                return self.data[each[4]:each[4] + each[5]]
        return b""

    def dynamic(self, tag):
        segment = self.segment(PT_DYNAMIC)
        if segment is None:
            return 0
        for at in range(segment[2], segment[2] + segment[5], 16):
            found, value = struct.unpack_from("<QQ", self.data, at)
            if found == tag:
                return value
        return 0

    def imports(self):
        for each in self.sections:
            if each[1] == SHT_DYNSYM:
                strings = self.sections[each[6]]
                for at in range(each[4], each[4] + each[5], 24):
                    yield self.name_at(strings, struct.unpack_from("<I", self.data, at)[0])


def missing(elf):
    flags_1 = elf.dynamic(DT_FLAGS_1)
    if elf.type != ET_DYN or elf.segment(PT_INTERP) is None or not flags_1 & DF_1_PIE:
        yield "position-independent executable (-pie)"
    if elf.segment(PT_GNU_RELRO) is None:
        yield "relocations read-only after the start (-z relro)"
    if not (elf.dynamic(DT_FLAGS) & DF_BIND_NOW and flags_1 & DF_1_NOW):
        yield "all symbols bound at the start (-z now)"
    stack = elf.segment(PT_GNU_STACK)
    if stack is None or stack[1] & PF_X:
        yield "no executable stack (-z noexecstack)"
    imports = set(elf.imports())
    if "__stack_chk_fail" not in imports:
        yield "stack canaries (-fstack-protector-strong)"
    if not any(name.startswith("__") and name.endswith("_chk") for name in imports):
        yield "fortified calls into libc (-D_FORTIFY_SOURCE)"
    if elf.machine == EM_X86_64:
        text = elf.section(".text")
        if text.count(ENDBR64) < FUNCTIONS_MIN:
            yield "landing pads for indirect branches (-fcf-protection)"
        if STACK_PROBE not in text:
            yield "probes of large stack frames (-fstack-clash-protection)"


if __name__ == "__main__":
    found = list(missing(Elf(pathlib.Path(sys.argv[1]).read_bytes())))
    for what in found:
        print(f"{sys.argv[1]}: missing: {what}")
    sys.exit(1 if found else 0)
