#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a table of what rollup, rollup_bandwidth and peers.py have printed, one line of JSON each.

    python3 benchmarks/rollup/table.py RESULTS

Fails if an engine's answer is not that of the peers.
"""

import json
import math
import pathlib
import sys
from typing import Any

FLAT = ("a", "b", "c", "d", "e")


def main() -> int:
    lines = pathlib.Path(sys.argv[1]).read_text().splitlines()
    results: list[dict[str, Any]] = [json.loads(line) for line in lines if line.startswith("{")]
    # Answers from the rows, which is what the others are compared with; and from sums that are kept.
    ours = {(r["mix"], r["threads"], r["query"]): r for r in results if r.get("from") == "scan"}
    kept = {(r["mix"], r["threads"], r["query"]): r for r in results if r.get("from") == "cubes"}
    peers = {(r["peer"], r["threads"], r["query"]): r for r in results if "peer" in r}
    wrong = [
        f"{name} {query}: {ours['flat', 1, query]['hash']}, not {peer['hash']}"
        for (name, _, query), peer in peers.items()
        if "hash" in peer and ("flat", 1, query) in ours
        and peer["hash"] != ours["flat", 1, query]["hash"]
    ]
    wrong += [
        f"{key} from a cube: {r['hash']}, not {ours[key]['hash']}"
        for key, r in kept.items()
        if (r["hash"], r["sum"], r["count"]) != tuple(ours[key][k] for k in ("hash", "sum", "count"))
    ]
    if wrong:
        print("answers differ: " + "; ".join(wrong), file=sys.stderr)
        return 1

    def row(name: str, times: list[float | None]) -> None:
        cells = ["" if t is None else f"{t:.2f}" if t < 10 else f"{t:,.0f}" for t in times]
        print(f"| {name} | " + " | ".join(cells) + " |")

    print("| ms | " + " | ".join(FLAT) + " |")
    print("|---|" + "---|" * len(FLAT))
    for threads in (1, 2):
        row(f"Entente, {threads} thread{'s' * (threads > 1)}",
            [ours["flat", threads, q]["ms"] for q in FLAT])
    for threads in (1, 2):
        row(f"Entente, {threads}, to the messages",
            [ours["flat", threads, q]["answer_ms"] for q in FLAT])
    for threads in (1, 2):
        row(f"(f) 5 % in trees, 3 % bounded, {threads}",
            [ours["mixed", threads, q]["ms"] for q in FLAT])
    for mix, name in (("flat", "from a cube"), ("mixed", "(f) from a cube")):
        for threads in (1, 2):
            row(f"{name}, {threads}",
                [kept[mix, threads, q]["ms"] if (mix, threads, q) in kept else None for q in FLAT])
    for name, threads in sorted({(name, threads) for name, threads, _ in peers}):
        row(f"{name}, {threads}",
            [peers[name, threads, q]["ms"] if (name, threads, q) in peers else None for q in FLAT])
    print()
    print("| ratio | " + " | ".join(FLAT) + " | geometric mean |")
    print("|---|" + "---|" * (len(FLAT) + 1))
    for name, threads in sorted({(name, threads) for name, threads, _ in peers}):
        if ("flat", threads, "a") not in ours:
            continue
        ratios = [peers[name, threads, q]["ms"] / ours["flat", threads, q]["ms"] for q in FLAT]
        mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
        cells = " | ".join(f"{ratio:.1f}" for ratio in (*ratios, mean))
        print(f"| {name} / Entente, {threads} | {cells} |")
    for threads in (1, 2):
        ratios = [ours["mixed", threads, q]["ms"] / ours["flat", threads, q]["ms"] for q in FLAT]
        cells = " | ".join(f"{ratio:.1f}" for ratio in ratios)
        print(f"| (f) / flat, {threads} | {cells} | |")
    print()
    for (mix, threads, query), r in ours.items():
        if mix == "currencies":
            flat = ours["flat", threads, "a"]["ms"]
            print(f"(g) {threads}: {r['ms']:.1f} ms, {r['ms'] / flat:.1f} of (a)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
