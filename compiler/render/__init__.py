"""Problems, drawn: for people (`human`), as JSON (`json`), as SARIF 2.1.0 (`sarif`), as annotations of a CI run (`annotations`).

In: problems, and the texts that they point into, by path. Out: text. Nothing here prints, or knows what a terminal is.
"""
