# SPDX-License-Identifier: Apache-2.0
"""The databases that the roll-up engine is compared with: DuckDB, SQLite and PostgreSQL.

    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install -r benchmarks/rollup/requirements.txt
    /tmp/peers/bin/python benchmarks/rollup/peers.py DIR [--peer duckdb|sqlite|postgres]
                                                         [--repeat 5] [--every-variant]

DIR holds the rows that the engine's own benchmark has written: columns.json, which says how many
rows there are and of what type each column is, one little-endian array per column (year.bin, ...)
and, optionally, queries.json, the constants of the filters. Every peer answers the same queries:

    a   by year                                  d   by initiative
    b   by year, stage and country               e   one country, no groups
    c   a few sectors, by funder, the ten largest sums (of equal ones, the smaller funder)

Each answer is the sum of the amounts and the count of the rows. A line of JSON per peer, number of
threads and query has the median and the least time in milliseconds, and the answer's checksum: the
number of its rows, the totals of their sums and counts, and the FNV-1a hash (64 bits) of the lines
"key,key,...:sum:count\\n", sorted as bytes. An answer that differs from the one that numpy computes
here from the same files is an error, so all the peers agree, or there is no figure at all.

What is fair about it:
  - Each peer has its data in memory, in the narrowest types that it has, and answers once before
    the clock runs. Loading, indexes and statistics are not in the times.
  - Each peer is tuned, and where two tunings compete, both are timed and the faster one is
    reported, query by query; "variant" says which it was, --every-variant prints them all.
  - The time ends when the whole answer is in the client's memory, by the cheapest way there is:
    for DuckDB arrays (fetchnumpy, as fast for 200,000 groups as a result that stays inside DuckDB),
    for SQLite tuples (apsw: SQLite's newest release, optimised; Python's own sqlite3 is often an
    older one, and took 1.7 times as long), for PostgreSQL text in the client's buffer (psql's
    \\timing).
  - SQLite and PostgreSQL have a covering index for each query, in the order of columns that was the
    fastest, and the visibility map that PostgreSQL's index-only scans need. SQLite has to use it
    (this is checked); PostgreSQL is timed with and without the choice of a sequential scan.
What is not: a database does more than add up, and the engine that it is compared with does not.

SQLite uses one thread. PostgreSQL's one thread is a query without parallel workers, and its two are
up to two workers beside the leader. Its cluster is a new one, in a temporary directory, reached by
a Unix socket; run by root, it belongs to the user postgres or nobody.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import apsw
import duckdb
import numpy as np

Row = tuple[int, ...]  # the keys, the sum, the count
Columns = dict[str, np.ndarray]

TYPES = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64")
CHUNK_ROWS = 500_000  # how many rows are handed to a peer at a time


@dataclasses.dataclass(frozen=True)
class Query:
    name: str
    keys: tuple[str, ...]
    column: str = ""  # the column that is filtered, if one is,
    values: tuple[int, ...] = ()  # and what is kept
    top: int = 0  # how many rows, the largest sums first; 0 is all, in any order

    def sql(self, total: str = "sum(amount)") -> str:
        keys = ", ".join(self.keys)
        text = f"SELECT {keys + ', ' if keys else ''}{total} AS total, count(*) AS n FROM facts"
        if self.values:
            text += f" WHERE {self.column} IN ({', '.join(map(str, self.values))})"
        if keys:
            text += f" GROUP BY {keys}"
        if self.top:
            text += f" ORDER BY total DESC, {keys} LIMIT {self.top}"
        return text


@dataclasses.dataclass(frozen=True)
class Variant:
    """A way to set a peer up that competes with others for the same number of threads."""

    threads: int
    name: str
    settings: tuple[str, ...] = ()
    table: str = "facts"


class Peer(Protocol):
    """It is made of the columns, and of the queries to prepare for, which is not timed."""

    name: str
    version: str
    variants: tuple[Variant, ...]

    def measure(self, query: Query, variant: Variant, repeat: int) -> tuple[list[float], list[Row]]:
        """The times in milliseconds, after one run that does not count; and the answer."""

    def close(self) -> None: ...


@dataclasses.dataclass(frozen=True)
class Checksum:
    rows: int
    sum: int
    count: int
    hash: str


def read_columns(directory: pathlib.Path) -> Columns:
    header = json.loads((directory / "columns.json").read_text())
    columns: Columns = {}
    for name, kind in header["columns"].items():
        if kind not in TYPES:
            sys.exit(f"{directory}/columns.json: {name} is of no type that is known: {kind}")
        values = np.fromfile(directory / f"{name}.bin", np.dtype(kind).newbyteorder("<"))
        if len(values) != header["rows"]:
            sys.exit(f"{directory}/{name}.bin has {len(values)} values, not {header['rows']}")
        columns[name] = values.astype(kind, copy=False)
    return columns


def read_queries(directory: pathlib.Path) -> list[Query]:
    path = directory / "queries.json"
    constants = json.loads(path.read_text()) if path.exists() else {}
    sectors = tuple(constants.get("c_sectors", (0, 1, 2, 3, 4)))
    country = constants.get("e_country", 90)
    return [
        Query("a", ("year",)),
        Query("b", ("year", "stage", "country")),
        Query("c", ("funder",), "sector", sectors, top=10),
        Query("d", ("initiative",)),
        Query("e", (), "country", (country,)),
    ]


def answer(columns: Columns, query: Query) -> list[Row]:
    """What a query's rows have to be. Keys are few enough for an array of all that could be."""
    kept = np.isin(columns[query.column], query.values) if query.values else slice(None)
    amounts = columns["amount"][kept]
    if not len(amounts):
        return [] if query.keys else [(0, 0)]
    keys = [columns[key][kept].astype(np.int64) for key in query.keys]
    lows = [int(key.min()) for key in keys]
    sizes = [int(key.max()) - low + 1 for key, low in zip(keys, lows)]
    cell = np.zeros(len(amounts), np.int64)
    for key, low, size in zip(keys, lows, sizes):
        cell = cell * size + (key - low)
    cells = int(np.prod(sizes, dtype=np.int64))
    counts = np.bincount(cell, minlength=cells)
    totals = np.zeros(cells, np.int64)
    np.add.at(totals, cell, amounts)
    used = np.flatnonzero(counts) if keys else np.arange(1)
    texts = [index + low for index, low in zip(np.unravel_index(used, sizes or [1]), lows)]
    rows = list(zip(*[part.tolist() for part in [*texts, totals[used], counts[used]]]))
    if query.top:
        rows = sorted(rows, key=lambda row: (-row[-2], row[:-2]))[: query.top]
    return rows


def checksum(rows: list[Row]) -> Checksum:
    lines = [f"{','.join(map(str, row[:-2]))}:{row[-2]}:{row[-1]}\n".encode() for row in rows]
    digest = 0xCBF29CE484222325
    for byte in b"".join(sorted(lines)):
        digest = ((digest ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return Checksum(
        len(rows), sum(row[-2] for row in rows), sum(row[-1] for row in rows), f"{digest:016x}"
    )


def timed(run: Callable[[], object], repeat: int) -> list[float]:
    run()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    return times


class DuckDb:
    """In memory, without indexes (it has none that cover). Its array of all possible groups ends at
    12 bits by default; with 20 it is used for (b) and (d) too, in about half of the time. Columns
    that are compressed, or of other types, are no faster. Releases differ: 1.5.6, with which this
    runs as well, takes half as long as 2.0.1 for (a), and about as long for the rest."""

    name = "duckdb"
    version: str = duckdb.__version__
    variants: tuple[Variant, ...] = tuple(
        Variant(threads, name + rows, (f"SET threads={threads}", *settings), table)
        for threads in (1, 2)
        for table, rows in (("facts", ""), ("facts_by_initiative", ", rows by initiative"))
        for name, settings in (
            ("default", ("RESET perfect_ht_threshold", "RESET preserve_insertion_order")),
            (
                "perfect_ht_threshold=20, preserve_insertion_order=false",
                ("SET perfect_ht_threshold=20", "SET preserve_insertion_order=false"),
            ),
        )
    )

    def __init__(self, columns: Columns, queries: list[Query]) -> None:
        self._connection = duckdb.connect(":memory:")
        self._connection.execute("CREATE TABLE facts AS SELECT * FROM columns")
        # As the engine has its rows.
        self._connection.execute(
            "CREATE TABLE facts_by_initiative AS SELECT * FROM facts ORDER BY initiative"
        )
        self._connection.execute("ANALYZE")

    def measure(self, query: Query, variant: Variant, repeat: int) -> tuple[list[float], list[Row]]:
        for setting in variant.settings:
            self._connection.execute(setting)
        # The sum is of 128 bits, which would arrive as floating point.
        sql = query.sql("CAST(sum(amount) AS BIGINT)").replace("FROM facts", f"FROM {variant.table}")
        times = timed(lambda: self._connection.execute(sql).fetchnumpy(), repeat)
        result = self._connection.execute(sql).fetchnumpy()
        return times, list(zip(*[np.ma.filled(part, 0).tolist() for part in result.values()]))

    def close(self) -> None:
        self._connection.close()


class Sqlite:
    """In memory: a file with a large cache or memory-mapped is no faster, nor are larger pages."""

    name = "sqlite"
    version = apsw.sqlite_lib_version()
    variants: tuple[Variant, ...] = (Variant(1, "covering indexes"),)

    def __init__(self, columns: Columns, queries: list[Query]) -> None:
        self._connection = apsw.Connection(":memory:")
        for pragma in ("journal_mode=OFF", "temp_store=MEMORY", "cache_size=-2000000"):
            self._connection.execute(f"PRAGMA {pragma}")
        fields = ", ".join(f"{name} INTEGER NOT NULL" for name in columns)
        self._connection.execute(f"CREATE TABLE facts ({fields})")
        insert = f"INSERT INTO facts VALUES ({', '.join('?' * len(columns))})"
        with self._connection:
            for chunk in chunks(columns):
                rows = zip(*[part.tolist() for part in chunk.values()])
                self._connection.executemany(insert, rows)
        for query in queries:
            # Groups first: it skips to what is kept of each, and the groups come in order. What is
            # kept first, and groups in a temporary tree, takes 2.5 times as long.
            self._connection.execute(covering_index(query, filter_first=False))
        self._connection.execute("ANALYZE")

    def measure(self, query: Query, variant: Variant, repeat: int) -> tuple[list[float], list[Row]]:
        sql = query.sql()
        plan = self._connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
        if f"USING COVERING INDEX facts_{query.name}" not in str(plan[0][3]):
            sys.exit(f"sqlite does not use its index for {query.name}: {plan}")
        times = timed(lambda: self._connection.execute(sql).fetchall(), repeat)
        rows = self._connection.execute(sql).fetchall()
        return times, [tuple(int(value or 0) for value in row) for row in rows]

    def close(self) -> None:
        self._connection.close()


class Postgres:
    """A cluster of its own, with all of the data in its buffers. Without jit it is no faster, nor
    with two workers and an idle leader, nor with hashing or sorting forbidden."""

    name = "postgres"
    variants: tuple[Variant, ...] = tuple(
        Variant(threads, name, (f"max_parallel_workers_per_gather={workers}", *settings))
        for threads, workers in ((1, 0), (2, 2))
        for name, settings in (
            ("default", ()),
            ("enable_seqscan=off", ("enable_seqscan=off",)),
        )
    )
    types = {2: "smallint", 4: "integer", 8: "bigint"}

    def __init__(self, columns: Columns, queries: list[Query]) -> None:
        self._bin = postgres_programs()
        version = subprocess.run(
            [self._bin / "postgres", "--version"], check=True, capture_output=True, text=True
        ).stdout
        self.version = version.split()[2]
        self._home = tempfile.TemporaryDirectory()
        self._owner = unprivileged_user()
        if self._owner:
            shutil.chown(self._home.name, *self._owner)
        try:
            self._start()
            self._load(columns, queries)
        except BaseException:
            self.close()
            raise

    def _run_as_owner(self, *command: str | pathlib.Path) -> None:
        owner: dict[str, Any] = {}
        if self._owner:
            owner = {"user": self._owner[0], "group": self._owner[1], "extra_groups": []}
        done = subprocess.run(
            command, cwd=self._home.name, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **owner
        )
        if done.returncode != 0:
            sys.exit(f"{command[0]}: {done.stderr.decode()}")

    def _start(self) -> None:
        home = pathlib.Path(self._home.name)
        self._run_as_owner(
            self._bin / "initdb", "-D", home / "data", "-U", "peer", "-A", "trust", "--no-sync"
        )
        settings = {
            "listen_addresses": "''",
            "unix_socket_directories": f"'{home}'",
            "shared_buffers": "4GB",
            "effective_cache_size": "8GB",
            "work_mem": "512MB",
            "maintenance_work_mem": "1GB",
            "max_parallel_workers": "2",
            "max_parallel_maintenance_workers": "2",
            "random_page_cost": "1",  # all is in memory
            "fsync": "off",
            "full_page_writes": "off",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "max_wal_size": "16GB",
            "autovacuum": "off",  # nothing changes, and it would take a core now and then
        }
        with open(home / "data" / "postgresql.conf", "a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        self._run_as_owner(
            self._bin / "pg_ctl", "-D", home / "data", "-l", home / "log", "-w", "start"
        )

    def _psql(self, *arguments: str) -> list[str | pathlib.Path]:
        return [
            self._bin / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", self._home.name,
            "-U", "peer", "-d", "postgres", *arguments,
        ]  # fmt: skip

    def _ask(self, script: str) -> str:
        done = subprocess.run(self._psql(), input=script, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"psql: {done.stderr}")
        return done.stdout

    def _load(self, columns: Columns, queries: list[Query]) -> None:
        sizes = {}
        for name, values in columns.items():
            # It has no unsigned integers, and none of one byte.
            size = max(values.dtype.itemsize, 2)
            sizes[name] = size if values.max(initial=0) <= np.iinfo(f"i{size}").max else size * 2
        fields = ", ".join(f"{name} {self.types[size]} NOT NULL" for name, size in sizes.items())
        self._ask(f"CREATE TABLE facts ({fields})")
        copy = subprocess.Popen(
            self._psql("-c", "COPY facts FROM STDIN (FORMAT binary)"), stdin=subprocess.PIPE
        )
        assert copy.stdin is not None
        copy.stdin.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        parts: list[tuple[str, str]] = [("fields", ">i2")]
        for name, size in sizes.items():
            parts += [(f"{name} size", ">i4"), (name, f">i{size}")]
        for chunk in chunks(columns):
            rows = np.empty(len(chunk["amount"]), np.dtype(parts))
            rows["fields"] = len(sizes)
            for name, size in sizes.items():
                rows[f"{name} size"] = size
                rows[name] = chunk[name]
            copy.stdin.write(rows.tobytes())
        copy.stdin.write(b"\xff\xff")
        copy.stdin.close()
        if copy.wait() != 0:
            sys.exit("psql: COPY failed")
        for query in queries:
            # What is kept first: a range of the index for each value, whose groups are hashed. (It
            # cannot skip from group to group.)
            self._ask(covering_index(query, filter_first=True))
        self._ask("VACUUM (ANALYZE, FREEZE) facts")  # index-only scans need its visibility map
        self._ask("CHECKPOINT")

    def measure(self, query: Query, variant: Variant, repeat: int) -> tuple[list[float], list[Row]]:
        settings = "".join(f"SET {setting};\n" for setting in variant.settings)
        timing = f"\\o /dev/null\n\\timing on\n{query.sql()};\n" + f"{query.sql()};\n" * repeat
        times = re.findall(r"^Time: ([\d.]+) ms", self._ask(settings + timing), re.MULTILINE)
        rows = self._ask(f"{settings}\\pset format csv\n\\pset tuples_only on\n{query.sql()};\n")
        return (
            [float(value) for value in times[1:]],
            [tuple(int(value or 0) for value in row.split(",")) for row in rows.splitlines()],
        )

    def close(self) -> None:
        data = pathlib.Path(self._home.name) / "data"
        if (data / "postmaster.pid").exists():
            self._run_as_owner(self._bin / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        self._home.cleanup()


def chunks(columns: Columns) -> Iterator[Columns]:
    for start in range(0, len(columns["amount"]), CHUNK_ROWS):
        yield {name: values[start : start + CHUNK_ROWS] for name, values in columns.items()}


def covering_index(query: Query, filter_first: bool) -> str:
    filtered = [query.column] if query.column else []
    keys = list(query.keys)
    fields = [*filtered, *keys] if filter_first else [*keys, *filtered]
    return f"CREATE INDEX facts_{query.name} ON facts ({', '.join(fields)}, amount)"


def postgres_programs() -> pathlib.Path:
    """The directory of initdb and the others: on PATH, or where Debian has them, the newest."""
    found = shutil.which("initdb")
    if found:
        return pathlib.Path(found).resolve().parent
    installed = pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(installed, key=lambda path: float(path.parts[-3]), default=None)
    if newest is None:
        sys.exit("PostgreSQL is not installed (Debian's package: postgresql)")
    return newest.parent


def unprivileged_user() -> tuple[int, int] | None:
    """The user and group to run as, if it is root that runs this: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
        except KeyError:
            continue
    sys.exit("PostgreSQL does not run as root, and there is no user postgres or nobody")


PEERS: dict[str, Callable[[Columns, list[Query]], Peer]] = {
    peer.name: peer for peer in (DuckDb, Sqlite, Postgres)
}


def report(peer: Peer, query: Query, variant: Variant, times: list[float], found: Checksum) -> str:
    return json.dumps(
        {
            "peer": peer.name,
            "version": peer.version,
            "threads": variant.threads,
            "query": query.name,
            "ms": round(statistics.median(times), 3),
            "min_ms": round(min(times), 3),
            **dataclasses.asdict(found),
            "variant": variant.name,
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Times the peers of the roll-up engine.")
    parser.add_argument("directory", type=pathlib.Path, help="of column files, see above")
    parser.add_argument("--peer", choices=PEERS, action="append", help="default: all of them")
    parser.add_argument("--repeat", type=int, default=5, help="timed runs of each (default: 5)")
    parser.add_argument("--every-variant", action="store_true", help="not only the fastest")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # no cluster is left behind

    columns = read_columns(options.directory)
    queries = read_queries(options.directory)
    expected = {query.name: checksum(answer(columns, query)) for query in queries}
    for name in options.peer or PEERS:
        peer = PEERS[name](columns, queries)
        try:
            for threads in sorted({variant.threads for variant in peer.variants}):
                for query in queries:
                    lines = []
                    for variant in peer.variants:
                        if variant.threads != threads:
                            continue
                        times, rows = peer.measure(query, variant, options.repeat)
                        found = checksum(rows)
                        if found != expected[query.name]:
                            sys.exit(
                                f"{name} ({variant.name}) is wrong about {query.name}: "
                                f"{found}, not {expected[query.name]}"
                            )
                        line = report(peer, query, variant, times, found)
                        lines.append((statistics.median(times), line))
                    for _, line in lines if options.every_variant else [min(lines)]:
                        print(line, flush=True)
        finally:
            peer.close()


if __name__ == "__main__":
    main()
