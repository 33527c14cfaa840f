"""Models behind OpenAI-compatible servers: requests, sent with patience, kept when answered, and read.

`asks` says what a request is, `replies` and `echoes` what an answer tells, `exchange` sends one, `caller` tries again, `gate` limits the
rate, `journal` keeps answers, `pool` does many at a time. `models.endpoint_family` joins them to tasks.
"""
