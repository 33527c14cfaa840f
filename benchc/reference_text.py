"""What the reference says in prose: the form of the language. What can be written in it comes from the catalog (`reference`)."""

FORM = '''\
# The `.bench` language, edition 2026

Made by `benchc docs` from the catalog that also checks specs. `benchc docs NAME` prints one part of it.

## Form

A file is a list of statements. A newline or a comma ends a statement; inside `( )` and `[ ]` newlines mean nothing and commas separate.
A trailing comma is fine everywhere.

```bench
edition = "2026"                                  # the first statement of every file

param lr: float = 3e-4                            # KIND NAME: TYPE = VALUE
labels opinion = [bad, good]                      # KIND NAME = VALUE

## Shown in the report.
model linear { source = sklearn(tfidf, auto) }    # KIND NAME { KEY = VALUE }
```

- `#` begins a comment, `##` a doc comment: it belongs to the next statement and is shown in the report.
- Texts stand in double quotes; `"""` begins a text of several lines, whose indentation is that of the closing quotes.
- Names are bare words. Where a key offers a choice, a bare name is that choice; where it takes a block, the block of that name; where it
  takes a number or a text, a param.
- A label is a bare name, a text, a number, `true` or `false`.
- The order of declarations does not matter. Names are unique among blocks of one kind.
- User data that means nothing to benchc goes into `meta { }` of the `bench` block.

## Numbers and units

| written | is |
|---|---|
| `1_000`, `10k`, `2M`, `1G` | a number |
| `80%` | a share: 0.8 |
| `500ms`, `30s`, `5m`, `2h`, `1d` | a time |
| `512MiB`, `2GB`, `1GiB` | a size in memory |

A unit is legal only where its dimension is expected. `1..3` is the range from 1 to 3, both included.

## Params

`param NAME: TYPE = DEFAULT` with TYPE one of `int`, `float`, `string`, `bool`, `one_of(a, b)`. The block form also takes bounds:
`param lr : float { default = 3e-4, min = 1e-6, max = 1 }`. A param without default must be set: by `--set NAME=VALUE`, or by an axis of
a run.

- The bare name of a param stands for its value wherever a number, a text, `true` or `false` is expected, and where a choice, a block or
  a call is expected and nothing else has that name.
- `${name}` inside any quoted text is replaced by the value; `$$` is a dollar sign. A quoted text with `${name}` in it may stand where a
  bare name is expected.
- `--set NAME=VALUE` reads VALUE as the file would; a text needs no quotes there. A param of an imported file is set by its full name,
  `--set glue.size=10`.

## Imports

`import "path.bench" as name` makes the blocks of another file known as `name.block`.

- A path is relative to the file that it stands in, and stays inside the project: the nearest folder, at or above the spec's own, that
  holds a `pyproject.toml`, `.git` or `bench.lock`; without one, the spec's own folder.
- `"std:name"` is a file of the library that ships with benchc, `"pkg:package.module/file.bench"` one inside an installed package.
  Commands take such names too: `benchc run std:quickstart`.
- A file that is reached in two ways is read once, under the shorter name. Circles are errors.
- Runs, gates, `bench` and `report` of an imported file stay its own: they are not run again.

## `extends`

`KIND NAME extends PARENT { ... }` copies another block of the same kind and replaces the keys that it gives. A nested block, `fields { }`,
is merged with the parent's key by key; a value given with `=` replaces the parent's, lists and objects included. What is inherited from an
imported file keeps its meaning there: its names, and its paths relative to that file.

## Gates

A gate holds comparisons (`>= > <= < == !=`) of metrics with numbers or with each other. A metric of a run is
`RUN.TASK.MODEL.METRIC`; METRIC is the name of a `metric` block or of a built-in metric of the task. Where a model has several training
settings, `RUN.TASK.MODEL.TRAIN.METRIC` names one of them; without it, and over axes, each cell is tested. Over seeds the mean is taken.
The score of the suite that a run names is `RUN.SUITE.MODEL.score`, or `RUN.SUITE.MODEL.TRAIN.score`.
'''

LINTS = """\
## Lints

A lint is a warning about method. `allow { CODE = "reason" }` in one of the blocks concerned, or in `bench`, silences it; the reason is
shown in the report. `benchc explain CODE` says more.
"""
