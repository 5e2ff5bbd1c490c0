#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# scripts/tidy_batches.py BUILD JOBS FILE...: clang-tidy over files of the compile database in
# BUILD. Most of its time goes into the headers that files have in common, so what the build
# compiles together (CMAKE_UNITY_BUILD) is read together: a source that includes those of it that
# are named. Prints what is found, and how long each took.
import concurrent.futures
import itertools
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time

INCLUDE = re.compile(r'^#include "(.*)"$', re.MULTILINE)


def arguments_of(entry):
    """The compiler's options for a file, without its name, the output and the compiler itself."""
    words = shlex.split(entry["command"])
    kept = []
    for word, following in itertools.zip_longest(words, words[1:]):
        if word.startswith("-") and not word.startswith(("-c", "-o", "-E", "-M")):
            kept.append(word)
            if word in ("-I", "-isystem", "-D", "-include"):
                kept.append(following)
    return kept


def sources_of(entry):
    """The files that are compiled by an entry: those that it includes where it joins them."""
    file = entry["file"]
    if "/Unity/" not in file:
        return [file]
    with open(file) as joined:
        return INCLUDE.findall(joined.read())


def tidy(files, arguments, scratch):
    """What clang-tidy prints of `files`; empty if it finds nothing."""
    began = time.monotonic()
    source = files[0]
    if len(files) > 1:
        handle, source = tempfile.mkstemp(suffix=".cc", dir=scratch)
        with os.fdopen(handle, "w") as batch:
            batch.writelines(
                f'#include "{file}"  // NOLINT(bugprone-suspicious-include)\n' for file in files
            )
    command = ["clang-tidy", "-quiet", source, "--", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    outcome = "clean" if result.returncode == 0 else "has findings"
    print(
        f"{time.monotonic() - began:6.1f} s  {len(files):2} of {os.path.dirname(files[0])}: {outcome}",
        file=sys.stderr,
        flush=True,
    )
    if result.returncode == 0:
        return ""
    return result.stdout or result.stderr or f"{files}: clang-tidy ended with {result.returncode}\n"


def main():
    build, jobs, *files = sys.argv[1:]
    wanted = set(files)
    batches = []
    with open(os.path.join(build, "compile_commands.json")) as database:
        for entry in json.load(database):
            batch = [file for file in sources_of(entry) if file in wanted]
            wanted.difference_update(batch)
            if batch:
                batches.append((batch, arguments_of(entry)))
    for file in wanted:
        sys.exit(f"error: {file} is not compiled, so it cannot be read either")
    # The configuration is looked for above the source.
    with tempfile.TemporaryDirectory(dir=build) as scratch, concurrent.futures.ThreadPoolExecutor(
        int(jobs)
    ) as pool:
        batches.sort(key=lambda batch: len(batch[0]), reverse=True)
        findings = "".join(pool.map(lambda batch: tidy(*batch, scratch), batches))
    sys.stdout.write(findings)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
