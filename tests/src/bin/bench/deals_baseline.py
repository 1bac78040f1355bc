"""The same file with pandas or polars: read it and group by month, by title, by store and
country, in floating point. Prints the seconds without the imports."""

import sys
import time

library, path = sys.argv[1:]
KEYS = [["Sale Month"], ["Title"], ["Store", "Country of Sale"]]
SUM = "Earnings (USD)"

if library == "pandas":
    import pandas

    start = time.perf_counter()
    table = pandas.read_csv(path, sep="\t", encoding="utf-8")
    sums = [table.groupby(keys)[SUM].sum() for keys in KEYS]
else:
    import polars

    start = time.perf_counter()
    table = polars.read_csv(path, separator="\t")
    sums = [table.group_by(keys).agg(polars.col(SUM).sum()) for keys in KEYS]

print(time.perf_counter() - start, len(table), [len(s) for s in sums])
