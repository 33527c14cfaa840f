"""Models behind a server: what `endpoint(...)` takes.

Keys that only say how requests are sent, and prices, cannot change an answer and stay out of the keys of steps.
"""

from benchc.compiler.catalog.model import Entry, ModelFacts
from benchc.compiler.catalog.types import REQUIRED, Anything, Choice, Duration, FreeName, Integer, Key, ListOf, MapOf, Real, Text

SENT = (
    Key(
        "url",
        Text(r"https?://[^\s/?#@]+(/[^\s?#@]*)?"),
        "where the server's paths begin, `http://localhost:8000/v1`; without a login or a query",
        REQUIRED,
    ),
    Key("model", Text(r"[\s\S]*\S[\s\S]*"), "the model's name on the server", REQUIRED),
    Key(
        "api",
        Choice(("auto", "completions", "chat")),
        "`completions` continue a text, `chat` answers messages; auto is chat for prompts with `chat = true`, else completions where the "
        "server has them, else chat with the prompt as one message",
        "auto",
    ),
    Key(
        "limit",
        Choice(("max_tokens", "max_completion_tokens")),
        "what the server calls the most tokens that are written",
        "max_tokens",
    ),
    Key("parameters", MapOf(FreeName(), Anything()), "further members of each request, as the server knows them", {}),
    Key("omit", ListOf(FreeName(), single=True), "members of requests that the server does not take, such as `seed`", []),
)

HOW = (
    Key(
        "key_env",
        Text(r"[A-Za-z_][A-Za-z0-9_]*"),
        "the environment variable that holds the server's key; read when requests are sent, written nowhere",
        keyed=False,
    ),
    Key("concurrency", Integer(minimum=1, maximum=256), "requests under way at the same time", 4, keyed=False),
    Key("timeout", Duration(), "most time of one try of a request", 120, keyed=False),
    Key("retries", Integer(minimum=0, maximum=100), "further tries of a request that failed for a passing reason", 5, keyed=False),
    Key(
        "requests_per_minute",
        Real(minimum=0, open_minimum=True),
        "most requests that are begun in a minute; no limit when not given",
        keyed=False,
    ),
    Key("input_price", Real(minimum=0), "of a million tokens that are read, in whatever unit of money", keyed=False),
    Key("output_price", Real(minimum=0), "of a million tokens that are written, in the same unit", keyed=False),
)

ENDPOINT = Entry(
    "endpoint",
    "a model behind an OpenAI-compatible server",
    (*SENT, *HOW),
    ("url", "model"),
    facts=ModelFacts(("classification", "multiple_choice", "generation"), "no", False),
    example='source = endpoint("http://localhost:8000/v1", "llama-3.1-8b", key_env = "LLAMA_KEY")',
)
