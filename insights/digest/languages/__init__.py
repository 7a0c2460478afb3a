"""What digests say, one module a language: TEXTS by key (a pair is singular and plural), and how figures are written.

All have the same keys and placeholders. `{n}` is the count in digits, `{word}` the same in words as far as twelve.
"""
