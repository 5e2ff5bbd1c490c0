#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the documents to what the programs do. Standard library only.

    docs_test.py links      every relative link and anchor in every *.md leads somewhere
    docs_test.py flags      the tables of docs/configuration.md are the flags of the executables
    docs_test.py verbs      docs/command-line.md tells of every verb of entente, and of every flag of it
    docs_test.py rpcs       README.md names every method of the protos
    docs_test.py tour       the questions of docs/tour.md are numbered, asked of grpcurl and answered
    docs_test.py commands   the commands of ```console blocks print what the documents say
    docs_test.py grpcurl    the same for the blocks that call grpcurl (ENTENTE_GRPCURL)
    docs_test.py python     the same for those that call python3; examples/ compile in any case

In a ```console block a line that begins with "$ " is a command, which goes on in the next line after a
backslash; what follows is its output. "..." in it stands for any text in a line, and alone in a line
for any number of lines, but not for a resource in the answer of a List method, nor for a row in one of
QueryFunding. Blocks of other kinds (```sh) are not run.

The commands run in the root of the tree, with bash, against `entente serve` with the record loaded, on
ports that are free; those of one document in their order against one and the same, and each document with
one of its own. So that they may be written for a reader, this is replaced in them before they run, and put
back in what they print:

    build/release/bin/   the directory of the executables under test
    build/python         a temporary directory
    localhost:50050      the gateway under test; likewise 50051, 50052, 50053
    grpcurl, python3     $ENTENTE_GRPCURL, the interpreter that runs this

The environment tells `entente` where the services are. JSON names are compared as lowerCamelCase:
releases of grpcurl differ in this.

Exit status: 0 passed, 1 failed, 77 not run, with the reason.
"""

import importlib.util
import os
import py_compile
import re
import shutil
import signal
import subprocess
import sys
import tempfile

SOURCE = os.environ.get("ENTENTE_SOURCE_DIR",
                        os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BIN = os.environ.get("ENTENTE_BIN_DIR", os.path.join(SOURCE, "build/release/bin"))
EXECUTABLES = ("entente", "entente-catalogue", "entente-funding", "entente-events", "entente-gateway")
SERVICES = ("gateway", "catalogue", "funding", "events")
DEFAULT_PORTS = {"gateway": 50050, "catalogue": 50051, "funding": 50052, "events": 50053}
NOT_RUN = 77
COMMAND_TIMEOUT_S = 120
# What others make beside the sources.
NOT_OURS = {"build", "run", "node_modules", "__pycache__"}

failures = []


def fail(text):
    failures.append(text)
    print("FAILED: " + text)


def read(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


def documents():
    """Every *.md of the tree, relative to it."""
    found = []
    for directory, names, files in os.walk(SOURCE):
        names[:] = sorted(n for n in names if n not in NOT_OURS and not n.startswith((".", "build-")))
        found += [os.path.relpath(os.path.join(directory, f), SOURCE)
                  for f in sorted(files) if f.endswith(".md")]
    return found


# Links.


def without_code(text):
    text = re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(text):
    """The anchors of the headings, made as GitHub makes them."""
    found = set()
    for heading in re.findall(r"^#+ +(.*?) *#*$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S),
                              flags=re.M):
        heading = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        number = 0
        while slug + (f"-{number}" if number else "") in found:
            number += 1
        found.add(slug + (f"-{number}" if number else ""))
    return found


def check_links():
    count = 0
    for document in documents():
        for link in re.findall(r"\]\(<?([^)\s>]+)>?[^)]*\)", without_code(read(document))):
            if re.match(r"[a-z][a-z0-9+.-]*:", link):
                continue
            count += 1
            path, _, anchor = link.partition("#")
            target = os.path.normpath(os.path.join(os.path.dirname(document), path)) if path else document
            if not os.path.exists(os.path.join(SOURCE, target)):
                fail(f"{document}: ({link}) leads to nothing")
            elif anchor and target.endswith(".md") and anchor not in anchors(read(target)):
                fail(f"{document}: {target} has no heading for #{anchor}")
    if count == 0:
        fail("no link was found at all: the check is broken")
    print(f"{count} relative links")


# Flags.


def printed_by(*command):
    result = subprocess.run([os.path.join(BIN, command[0]), *command[1:]], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, timeout=COMMAND_TIMEOUT_S, check=False)
    return result.stdout.decode()


def flags_of(executable):
    """{flag: default} by its help: "  --name=default", the description in the next line."""
    ask = ["help", "flags"] if executable == "entente" else ["--help"]
    return dict(re.findall(r"^  --(\w+)=(.*)$", printed_by(executable, *ask), flags=re.M))


def flag_tables(text):
    """{heading: [(flag, variable, default)]} of the tables whose first column is a flag."""
    tables = {}
    heading = ""
    for line in text.splitlines():
        if line.startswith("## "):
            heading = line[3:].strip("` ")
        row = re.match(r"\| `--(\w+)` \| `(\w+)` \| `([^`]*)` \| .+ \|$", line)
        if row:
            tables.setdefault(heading, []).append(row.groups())
        elif line.startswith("| `--"):
            fail(f"docs/configuration.md: a row that is none: {line}")
    return tables


def check_flags():
    tables = flag_tables(read("docs/configuration.md"))
    common = tables.pop("All executables", [])
    if set(tables) != set(EXECUTABLES):
        fail(f"docs/configuration.md has tables for {sorted(tables)}")
    for executable in EXECUTABLES:
        documented = {}
        for flag, variable, default in common + tables.get(executable, []):
            if flag in documented:
                fail(f"{executable}: --{flag} is documented twice")
            if variable != "ENTENTE_" + flag.upper():
                fail(f"{executable}: the variable of --{flag} is not {variable}")
            documented[flag] = default
        real = flags_of(executable)
        for flag in sorted(set(documented) | set(real)):
            if documented.get(flag) != real.get(flag):
                fail(f"{executable}: --{flag}: documented {documented.get(flag)}, is {real.get(flag)}")
        print(f"{executable}: {len(real)} flags")


# Verbs.


def check_verbs():
    """That each verb has a section, and each flag and format of its own a word in it."""
    name = r"`?entente ([a-z]+(?: [a-z]+)*)"
    sections = dict(re.findall(r"^### " + name + r"(?: [A-Z\[][^`]*)?`\n(.*?)(?=^##|\Z)",
                               read("docs/command-line.md"), flags=re.M | re.S))
    verbs = re.findall(r"^  " + name + r"(?= [A-Z\[]|  )", printed_by("entente", "help"), flags=re.M)
    if len(verbs) < 10:
        fail(f"`entente help` names too few verbs: {verbs}")
    if set(verbs) != set(sections):
        fail(f"docs/command-line.md: missing {sorted(set(verbs) - set(sections))}, "
             f"not there {sorted(set(sections) - set(verbs))}")
    for verb in verbs:
        told = printed_by("entente", "help", *verb.split()).partition("\nFlags:\n")[2]
        flags = re.findall(r"^  --(\w+)", told.partition("\nFlags of all verbs:\n")[0], flags=re.M)
        section = sections.get(verb, "")
        formats = re.findall(r"\w+", "".join(re.findall(r"also -o: (.+)$", told, flags=re.M)))
        missing = [flag for flag in flags if flag != "format" and f"--{flag}" not in section]
        missing += [f"-o {name}" for name in formats if f"`{name}`" not in section]
        if missing and verb != "serve":  # Whose flags are those of docs/configuration.md.
            fail(f"docs/command-line.md: `{verb}`: says nothing of {missing}")
        print(f"{verb}: {len(flags)} flags, {len(formats)} formats")


# Methods.


def check_rpcs():
    readme = read("README.md")
    for directory, _, files in os.walk(os.path.join(SOURCE, "proto/entente")):
        for name in files:
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                text = file.read()
            service = re.search(r"^service (\w+)", text, flags=re.M)
            if not service:
                continue
            section = re.search(r"^\| `" + service[1] + r"` \|.*$", readme, flags=re.M)
            if not section:
                fail(f"README.md has no row for {service[1]}")
                continue
            methods = re.findall(r"^  rpc (\w+)\(", text, flags=re.M)
            named = set(re.findall(r"`(\w+)`", section[0])) - {service[1]}
            expected = set()
            for method in methods:
                standard = re.match(r"(Get|List|BatchGet|Create|Update|Delete|Undelete)(\w+)$", method)
                is_type = standard and f"rpc Undelete{standard[2]}(" in text
                plural = (standard and standard[1] in ("List", "BatchGet")
                          and f"rpc BatchGet{standard[2]}(" in text)
                if not is_type and not plural:
                    expected.add(method)
                elif is_type and standard[1] == "Get":
                    expected.add(standard[2])
            if named != expected:
                fail(f"README.md: {service[1]}: missing {sorted(expected - named)}, "
                     f"not there {sorted(named - expected)}")
            print(f"{service[1]}: {len(methods)} methods")


# Commands.


class Example:
    """A command of a document and what it is to print."""

    def __init__(self, document, line, command):
        self.place = f"{document}:{line}"
        self.command = command
        self.output = []
        self.kind = "commands"  # Of its block: its commands belong together.

    def calls(self, tool):
        return tool in re.split(r"[\s|]+", self.command)

    def told(self):
        """What it is to print that is not elided."""
        return [line for line in self.output if line.strip(" .")]


def examples_in(document):
    found = []
    block = 0  # Where in `found` the current block begins.
    inside = False
    for number, line in enumerate(read(document).splitlines(), 1):
        if line.startswith("```"):
            inside = not inside and line == "```console"
            kinds = [k for k in ("grpcurl", "python3") if any(e.calls(k) for e in found[block:])]
            for example in found[block:]:
                example.kind = kinds[0] if kinds else "commands"
            if len(kinds) > 1:
                fail(f"{document}:{number}: a block that calls {' and '.join(kinds)}")
            block = len(found)
        elif inside and found and found[-1].command.endswith("\\") and not found[-1].output:
            found[-1].command += "\n" + line
        elif inside and line.startswith("$ "):
            found.append(Example(document, number, line[2:]))
        elif inside and found:
            found[-1].output.append(line.rstrip())
        elif inside:
            fail(f"{document}:{number}: output before a command")
    return found


def camel(line):
    return re.sub(r'^(\s*")([a-z0-9_]+)(": )',
                  lambda m: m[1] + re.sub(r"_(.)", lambda c: c[1].upper(), m[2]) + m[3], line)


def matches(expected, actual):
    """Whether the lines are the expected ones, "..." elided."""
    runs = [[]]  # What stands between the lines "...".
    for line in expected:
        if line.strip() == "...":
            runs.append([])
        else:
            parts = camel(line).split("...")
            runs[-1].append(re.compile(".*".join(re.escape(part) for part in parts)))
    actual = [camel(line) for line in actual]

    def stands_at(run, at):
        return all(pattern.fullmatch(actual[at + i]) for i, pattern in enumerate(run))

    first, last = runs[0], runs[-1]
    if len(runs) == 1:
        return len(first) == len(actual) and stands_at(first, 0)
    at, end = len(first), len(actual) - len(last)
    if at > end or not stands_at(first, 0) or not stands_at(last, end):
        return False
    for run in runs[1:-1]:  # Each as early as it can be: that leaves the most to the others.
        while at + len(run) <= end and not stands_at(run, at):
            at += 1
        at += len(run)
        if at > end:
            return False
    return True


def resources_in(lines):
    """The names of the resources in an answer of a List method, as grpcurl prints it."""
    return [line.strip() for line in lines if re.match(r' {6}"name": ', line)]


def rows_in(lines):
    """What sorts of rows are in an answer of QueryFunding, totals aside: one for each row."""
    return [line.strip() for line in lines
            if re.match(r' {6}"kind": "FUNDING_ROW_KIND_(?!TOTAL)', line)]


class Services:
    """`entente serve` on free ports, with the record loaded."""

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix="entente-docs-")
        self.ports = {}
        self.log = open(os.path.join(self.directory, "log"), "w+b")
        data = os.path.join(self.directory, "data")
        os.mkdir(data)
        flags = [f"--listen_{service}=127.0.0.1:0" for service in SERVICES]
        self.process = subprocess.Popen(
            [os.path.join(BIN, "entente"), "serve", "--data_dir=" + data] + flags,
            stdout=subprocess.DEVNULL, stderr=self.log)
        try:
            self.find_ports()
            self.environment = dict(os.environ, LC_ALL="C.UTF-8")
            for service, port in self.ports.items():
                self.environment["ENTENTE_" + service.upper()] = f"127.0.0.1:{port}"
            self.run("wait", f"127.0.0.1:{self.ports['gateway']}", "entente.gateway.v1.GatewayService")
            self.run("load", os.path.join(SOURCE, "data/us-asean-csp"))
        except BaseException:
            self.__exit__()
            raise
        return self

    def find_ports(self):
        """From the lines "serving", which come in the order of the starts."""
        order = ("catalogue", "funding", "events", "gateway")
        seen = b""
        with open(self.log.name, "rb") as log:
            while seen.count(b'"event":"serving"') < len(order):
                if self.process.poll() is not None:
                    raise RuntimeError("entente serve ended: " + log.read().decode())
                # A pipe would do without waiting, and fill up while the commands run.
                self.process_wait()
                seen += log.read()
        ports = re.findall(rb'"event":"serving".*?"port":(\d+)', seen)
        self.ports = {service: int(port) for service, port in zip(order, ports)}

    def process_wait(self):
        try:
            self.process.wait(timeout=0.02)
        except subprocess.TimeoutExpired:
            pass

    def run(self, *arguments):
        subprocess.run([os.path.join(BIN, "entente"), *arguments], env=self.environment, check=True,
                       stdout=subprocess.DEVNULL, timeout=COMMAND_TIMEOUT_S)

    def __exit__(self, *unused):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=COMMAND_TIMEOUT_S)
        if status != 0:
            self.log.seek(0)
            fail(f"entente serve ended with {status}:\n{self.log.read().decode()}")
        self.log.close()
        shutil.rmtree(self.directory)


def substitutions(services):
    """[(as written, as run)]."""
    pairs = [("build/release/bin/", BIN + "/"),
             ("build/python", os.path.join(services.directory, "python"))]
    for service, port in services.ports.items():
        pairs.append((f"localhost:{DEFAULT_PORTS[service]}", f"localhost:{port}"))
    return pairs


def run_example(example, services):
    command = example.command
    for written, real in substitutions(services):
        command = command.replace(written, real)
    for tool, real in (("grpcurl", os.environ.get("ENTENTE_GRPCURL")), ("python3", sys.executable)):
        if real:
            command = re.sub(rf"(^|[\s|]){tool}(?=\s)", lambda m: m[1] + real, command)
    result = subprocess.run(["bash", "-c", command], cwd=SOURCE, env=services.environment,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            timeout=COMMAND_TIMEOUT_S, check=False)
    output = result.stdout.decode()
    for written, real in substitutions(services):
        output = output.replace(real, written)
    actual = [line.rstrip() for line in output.splitlines()]
    expected = list(example.output)
    while expected and not expected[-1]:
        expected.pop()
    while actual and not actual[-1]:
        actual.pop()
    if matches(expected, actual):
        # A list is answered by what is in it and by what is not: no resource may be elided.
        missing = [name for name in resources_in(actual) if name not in resources_in(expected)]
        rows, shown = len(rows_in(actual)), len(rows_in(expected))
        if re.search(r"/List\w+", example.command) and missing:
            fail(f"{example.place}: $ {example.command}\n--- the document leaves out\n" +
                 "\n".join(missing) + "\n---")
        elif example.command.endswith("/QueryFunding") and rows != shown:
            fail(f"{example.place}: $ {example.command}\n--- {rows} rows, the document has {shown}")
        else:
            print(f"{example.place}: as written")
        return
    fail(f"{example.place}: $ {example.command}\n--- the document says\n" + "\n".join(expected) +
         f"\n--- it prints (exit status {result.returncode})\n" + "\n".join(actual) + "\n---")


def run_examples(kind):
    count = 0
    for document in documents():
        found = [example for example in examples_in(document) if example.kind == kind]
        if not found:
            continue
        count += len(found)
        with Services() as services:
            os.mkdir(os.path.join(services.directory, "python"))
            for example in found:
                run_example(example, services)
    if count == 0:
        fail(f"no example of the kind {kind} in any document: the check is broken")


# The tour.


def check_tour():
    """That each question has a command with an answer, and half of them are traps."""
    document = "docs/tour.md"
    lines = read(document).splitlines()
    starts = [i for i, line in enumerate(lines) if re.match(r"###? ", line)] + [len(lines)]
    examples = examples_in(document)
    count = traps = 0
    for start, end in zip(starts, starts[1:]):
        if not lines[start].startswith("### "):
            continue
        count += 1
        traps += lines[start].endswith("? (trap)")
        if not re.fullmatch(rf"### {count}\. .+\?( \(trap\))?", lines[start]):
            fail(f"{document}:{start + 1}: not a question with the number {count}: {lines[start]}")
        asked = [e for e in examples if start < int(e.place.rpartition(":")[2]) <= end]
        if not asked or any(e.kind != "grpcurl" or not e.told() for e in asked):
            fail(f"{document}:{start + 1}: not answered by what grpcurl prints")
        if not any(re.match(r"[A-Z]", line) for line in lines[start:end]):
            fail(f"{document}:{start + 1}: the answer is not explained")
    if count < 20 or 2 * traps < count:
        fail(f"{document}: {count} questions, of which {traps} are traps")
    print(f"{count} questions, {traps} traps")


# What can be run.


def check_grpcurl():
    if not os.environ.get("ENTENTE_GRPCURL"):
        print("NOT RUN: the grpcurl commands of the documents; ENTENTE_GRPCURL does not name one")
        return NOT_RUN
    return run_examples("grpcurl")


def check_python():
    with tempfile.TemporaryDirectory() as directory:
        for folder, _, files in os.walk(os.path.join(SOURCE, "examples")):
            for name in (f for f in files if f.endswith(".py")):
                py_compile.compile(os.path.join(folder, name), doraise=True,
                                   cfile=os.path.join(directory, name + "c"))
                print(f"examples: {name} compiles")
    missing = [m for m in ("grpc", "grpc_tools") if importlib.util.find_spec(m) is None]
    if missing:
        print(f"NOT RUN: the Python client of the documents; {sys.executable} has no module "
              f"{', '.join(missing)} (pip install -r examples/python/requirements.txt)")
        return NOT_RUN
    return run_examples("python3")


CHECKS = {
    "links": check_links,
    "flags": check_flags,
    "verbs": check_verbs,
    "rpcs": check_rpcs,
    "tour": check_tour,
    "commands": lambda: run_examples("commands"),
    "grpcurl": check_grpcurl,
    "python": check_python,
}


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in CHECKS:
        sys.exit(f"usage: docs_test.py {'|'.join(CHECKS)}")
    status = CHECKS[sys.argv[1]]()
    sys.exit(1 if failures else status or 0)


if __name__ == "__main__":
    main()
