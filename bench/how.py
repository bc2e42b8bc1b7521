"""How it is measured: the last section of the page."""

HOW = """\
Written by `make bench`; do not edit. A part that is measured alone (`make bench ARGS="--only
NAME"`) takes the place of its former figures and leaves the others as they are; the page then says
so.

Data (origin and licences stand in `SOURCES.md` beside the shared data):

{data}

In general:

- Nodes are `accord serve` processes of their own with default settings, spoken to over loopback.
  Bodies are full and uncompressed, and every byte of them is read.
- A node is at rest before somebody else is measured: its search index has caught up.
- Memory is the proportional set size (PSS) of every process of a server.
- PostgreSQL is a server of its own for the run, with default settings: every commit is on the disk
  before it is answered.

Beside its peers:

- OpenTAXII 0.10.0b1 is a pre-release; 0.9.3 fails on every POST. Its TAXII 1 half is switched off
  and its log is set to warnings. medallion 3.0.0 keeps its store in memory. Both are installed by
  pip into environments of their own, with everything they need, as `bench/peers/` lists it, and
  are served by gunicorn with one worker and four threads, which keep connections open; Accord has
  one process too. Where one of them could not be installed, the table says so.
- All get the same bytes from the same client on the same machine, in turns: in each run one after
  the other does the same work, and the next run goes the other way round. "Times" is the median,
  over the runs, of what Accord did against what OpenTAXII did in the same run.
- Ingest is one client that posts envelopes of 1000 objects and waits for the status to be complete.
  Every program then has them on the disk (SQLite and PostgreSQL both with full synchronisation),
  except medallion, which keeps nothing. Before that, Accord holds each object against the OASIS
  schemas, reads patterns, hashes, and for an agreement decides on the release of each, and signs;
  OpenTAXII builds the object by python-stix2, which checks types, required properties and
  patterns; medallion checks nothing.
- Under an agreement the objects are published: they are in the member's ledger, and others may
  fetch them. OpenTAXII knows nothing of the kind and is measured as before.
- All pages of 1000, found by following `next` beforehand, are read by one client and by four that
  begin at the same moment, each a process with a connection of its own. Programs are asked with a
  token of their own; Accord and OpenTAXII hold the same objects. The limit is granian, the server
  in which Accord runs, giving out the bytes of the same pages from memory, without a store,
  credentials or rules, to the same clients.
- A page of 100 is asked for twice: by name and secret as TAXII clients send them (HTTP Basic), for
  which OpenTAXII derives a key by scrypt at each request, and by a token, which it checks quickly.
  medallion holds 1000 objects only, and knows only names and secrets: its cost grows with the
  square of what is stored.
- Memory is that of the first start after the load, three seconds later; a database server's own is
  not counted.

The release rule:

- 200 members and 500 agreements in force are drawn at random, with their clauses, reservations,
  objections, accessions and withdrawals, charters with their councils and suspensions, and working
  groups; for each run entries and recipients of its own, no two alike; more than a third are
  denied, each with all its reasons. One thread asks for each verdict by itself; nothing is
  remembered between them. Not drawn: permissions to pass on, replaced texts, notices to affected
  parties.
- Cedar is asked the same by `cedarpy`, in an environment of its own: policies and entities are
  prepared once, a fiftieth of the questions is handed over in one batch, and its yes or no must be
  ours for every entry. It tells which policies decided, not what a person reads. Most of its time
  goes into taking over the request, which the binding does anew for each.

Decisions:

- 20 voters decide one motion after another: who moves, votes, says two things or votes without a
  vote is drawn, for each run anew. The entries come mixed, some before the motion that they are
  about. What is timed is the fold in memory, which every node makes alike; what reading and
  checking an entry costs before, from its stored bytes, stands below the table.
- The same entries stand as rows in a node's store on disk, are read from there and folded, and the
  fold is kept. The last row is what a process that is started anew pays to take it up: it reads a
  gist of each motion, and a record when it is asked for. All of it must be as in memory.

Recall:

- Three nodes as in the exchange. Both followers hold what is called back, and erase it. The clock
  runs from the call that `accord recall` makes, beside the three serving processes, until the
  author has taken in the last receipt. Then its table must say "done" for every object and member,
  and a follower must not show the first of them.

Accord by itself:

- Ingest waits for each status to be complete, as above. The limit is what one thread reaches with
  the bare parts of the same work, measured in the same run: a parse that refuses duplicate keys,
  the OASIS schema (and the pattern), SHA-256 and an insert with full synchronisation; for pages,
  select and join. The ratio tells how much of that limit is left when everything around it is
  added.
- For reading, the objects of ATT&CK are stored in a shuffled order, the same on every run: as they
  come, the first thousand are the largest by far, and the first page would be like no other.
- Filters are asked on a store of indicators, with ATT&CK spread over it and a second version of
  every second indicator. A page of 1000 by a filter is read in turns with a page of 1000 without
  one; the figure is the median of the ratios, of the slowest kind of each filter. `match[type]` is
  asked for a frequent type, one in thirty objects, one in a thousand, and one that is not there.
  The search index is left empty.
- For search the objects come in through TAXII. The load ends with the last complete status; the
  index is complete when nothing waits for it. Questions are asked as a token's, with total, facets
  and the first twenty hits, each as often as the others.
- Several workers are asked by eight clients at once, without a pause, for pages they know, on one
  SQLite store, with one worker and with two in turns. The clients run on the same machine and take
  their part of it.
- Publishing is the call that `accord publish` makes, beside the three serving processes; the clock
  stops when both followers have verified, validated and stored the last object. Indexing for
  search goes on beside it; what is called idle is measured when it is done.
- An urgent object counts as visible when a follower's TAXII door answers with it.
- The pages are those of a member of the community that the browser tests live in, with what the
  title of the row says added. Each is asked for by one client ten times in a row, in English, by
  somebody with all roles; the first time does not count. The members that were added answer
  nobody. The first page is opened by headless Chromium with an empty cache. Then the node is given
  more objects, to ten times as many, and asked for the same pages once more.
- Those who watch are as many people with an account each, on one connection each, with the same
  page open. The clock runs from the call that publishes until the line with the object's name has
  come; the memory is what the serving process, which has shown all pages before, holds resident
  more than without them.
"""
