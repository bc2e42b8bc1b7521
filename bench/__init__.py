"""Measures Accord as its users meet it: served processes, full bodies, durable commits.

`make bench` runs all of it and writes `docs/benchmarks.md` and `docs/benchmarks.svg`. Every figure
stands beside the limit that one thread reaches with the bare parts of the same work, measured in
the same run, so that a figure means something on another machine too.
"""
