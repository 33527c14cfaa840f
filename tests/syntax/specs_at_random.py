"""Sound specs at random, for properties: any layout, comments wherever they may stand."""

from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "seed", "as", "extends", "import", "true", "label_2", "rougeL", "x_"])
PLAIN_NAMES = st.sampled_from(["a", "seed", "task", "label_2", "rougeL"])
LITERALS = st.sampled_from(
    [
        '"x"',
        '""',
        '"a \\" # { ${p} \\\\"',
        '"""one"""',
        '"""\n    two\n      three\n\n    """',
        '"""\n  four"""',
        "1",
        "-2.5e-3",
        "80%",
        "10k",
        "512MiB",
        "true",
    ]
)
OPERATORS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
REMARKS = st.sampled_from(["# note", "## doc", "#", "### rule", "#! ( [ {"])


@st.composite
def gap(draw: st.DrawFn) -> str:
    """What may stand between two tokens within parentheses or brackets."""
    return draw(
        st.one_of(
            st.just(""),
            st.sampled_from([" ", "\n", "\n\n\n   "]),
            REMARKS.map(lambda remark: f" {remark}\n"),
            REMARKS.map(lambda remark: f"\n\n {remark}\n "),
        )
    )


@st.composite
def ending(draw: st.DrawFn) -> str:
    """What may end a statement."""
    return draw(
        st.one_of(
            st.sampled_from(["\n", ", ", "\n\n\n", " ,\n"]),
            REMARKS.map(lambda remark: f" {remark}\n"),
            REMARKS.map(lambda remark: f",{remark}\n\n{remark}\n\n"),
        )
    )


@st.composite
def listed(draw: st.DrawFn, depth: int, *, named: bool) -> str:
    """The inside of parentheses or brackets."""
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        name = draw(NAMES.filter(lambda name: name != "true")) + draw(gap()) + "=" if named and draw(st.booleans()) else ""
        parts.append(draw(gap()) + name + draw(gap()) + draw(value(depth, within=True)) + draw(gap()))
    comma = "," if parts and draw(st.booleans()) else ""
    return ",".join(parts) + comma + draw(gap())


@st.composite
def side(draw: st.DrawFn, depth: int, *, within: bool) -> str:
    around = gap() if within else st.just("")
    sort = draw(st.sampled_from(["literal", "ref", "call"] if depth else ["literal", "ref"]))
    if sort == "literal":
        return draw(LITERALS)
    if sort == "ref":
        more = draw(st.lists(NAMES, max_size=2))
        return draw(PLAIN_NAMES) + "".join(f"{draw(around)}.{draw(around)}{name}" for name in more)
    return f"{draw(PLAIN_NAMES)}{draw(around)}({draw(listed(depth - 1, named=True))})"


@st.composite
def value(draw: st.DrawFn, depth: int, *, within: bool) -> str:
    around = gap() if within else st.just(" ")
    sort = draw(st.sampled_from(["side", "side", "list", "object", "range", "comparison"] if depth else ["side"]))
    match sort:
        case "list":
            return f"[{draw(listed(depth - 1, named=False))}]"
        case "object":
            return draw(body(depth - 1, only_keys=True))
        case "range":
            return f"1{draw(around)}..{draw(around)}3"
        case "comparison":
            return f"{draw(side(depth, within=within))}{draw(around)}{draw(OPERATORS)}{draw(around)}{draw(side(depth, within=within))}"
        case _:
            return draw(side(depth, within=within))


@st.composite
def statement(draw: st.DrawFn, depth: int, *, only_keys: bool) -> str:
    sort = draw(
        st.sampled_from(["key", "quoted"] if only_keys else ["key", "definition", "param", "block", "heir", "import", "comparison"])
    )
    name = draw(PLAIN_NAMES)
    match sort:
        case "key":
            return f"{draw(NAMES)} = {draw(value(depth, within=False))}"
        case "quoted":
            return f'"{name} -" ={draw(value(depth, within=False))}'
        case "definition":
            return f"{name}  {draw(NAMES.filter(lambda name: name != 'extends'))}={draw(value(depth, within=False))}"
        case "param":
            return f"param {name}:{name}({draw(listed(1, named=True))})" + draw(st.sampled_from(["", " = 3"]))
        case "block":
            heading = draw(st.sampled_from([name, f"{name} {name}", f'{name} "x y"', f"{name} {name} : kind", f"{name}:kind(a = 1)"]))
            return heading + draw(st.sampled_from([" ", ""])) + draw(body(max(depth - 1, 0), only_keys=False))
        case "heir":
            return f"{name} b extends c.d {draw(body(max(depth - 1, 0), only_keys=False))}"
        case "import":
            return 'import  "x.bench"  as y'
        case _:
            return f"{name}.b{draw(OPERATORS)}{draw(side(depth, within=False))}"


@st.composite
def body(draw: st.DrawFn, depth: int, *, only_keys: bool) -> str:
    start = draw(st.sampled_from(["", " ", "\n", "\n\n\n  ## doc\n", "  # note\n"]))
    parts = [draw(statement(depth, only_keys=only_keys)) for _ in range(draw(st.integers(0, 3)))]
    joined = "".join(part + draw(ending()) for part in parts)
    return "{" + start + joined + "}"


@st.composite
def spec(draw: st.DrawFn) -> str:
    """A file with at least one statement."""
    start = draw(st.sampled_from(["", "\n\n", "# first\n", "## doc\n\n", "\ufeff"]))
    parts = [draw(statement(3, only_keys=False)) for _ in range(draw(st.integers(1, 4)))]
    text = start + "".join(part + draw(ending()) for part in parts)
    return text.replace("\n", "\r\n") if draw(st.booleans()) and draw(st.booleans()) else text
