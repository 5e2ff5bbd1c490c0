#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# scripts/tidy_batches.py BUILD JOBS FILE...: clang-tidy over files of the compile database in
# BUILD. Most of its time goes into the headers that files have in common, so that files of a
# directory are read as one, a source that includes them. Where one has findings, or does not
# compile because two of them have a name in common, its halves are read, down to single files: what
# is reported was found in a file by itself.
import concurrent.futures
import itertools
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time

# More would save little and lose more where a name is there twice.
LARGEST_BATCH = 12


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


def tidy(files, entries, scratch):
    """What clang-tidy prints of `files`; empty if it finds nothing."""
    began = time.monotonic()
    source = files[0]
    if len(files) > 1:
        handle, source = tempfile.mkstemp(suffix=".cc", dir=scratch)
        with os.fdopen(handle, "w") as batch:
            batch.writelines(f'#include "{file}"\n' for file in files)
    command = ["clang-tidy", "-quiet", source, "--", *arguments_of(entries[files[0]])]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    outcome = "clean" if result.returncode == 0 else "read again in halves"
    if len(files) == 1 and result.returncode != 0:
        outcome = "has findings"
    print(
        f"{time.monotonic() - began:6.1f} s  {len(files):2} of {os.path.dirname(files[0])}: {outcome}",
        file=sys.stderr,
        flush=True,
    )
    if result.returncode == 0:
        return ""
    if len(files) == 1:
        return result.stdout or result.stderr
    half = len(files) // 2
    return tidy(files[:half], entries, scratch) + tidy(files[half:], entries, scratch)


def main():
    build, jobs, *files = sys.argv[1:]
    with open(os.path.join(build, "compile_commands.json")) as database:
        entries = {entry["file"]: entry for entry in json.load(database)}
    for file in files:
        if file not in entries:
            sys.exit(f"error: {file} is not compiled, so it cannot be read either")
    batches = []
    for _, group in itertools.groupby(sorted(files), os.path.dirname):
        group = list(group)
        count = -(-len(group) // LARGEST_BATCH)
        batches += [group[i::count] for i in range(count)]
    # The configuration is looked for above the source.
    with tempfile.TemporaryDirectory(dir=build) as scratch, concurrent.futures.ThreadPoolExecutor(
        int(jobs)
    ) as pool:
        batches.sort(key=len, reverse=True)
        findings = "".join(pool.map(lambda batch: tidy(batch, entries, scratch), batches))
    sys.stdout.write(findings)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
