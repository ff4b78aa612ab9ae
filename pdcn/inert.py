"""Text from outside (an address, a file, a person), made inert: it is shown as text and never does anything.

`quoted` is for the sentences of errors, `words` and `code` for what a page renders as Markdown, `label` for what a
figure renders as its subset of HTML, `seen` and `line` for the terminal.
"""

from __future__ import annotations

import html
import re
import unicodedata

LONGEST = 40
"""Letters of a single value that are shown."""
LONGEST_WORD, LONGEST_TEXT = 200, 2_000
"""Letters that are shown of a word within a sentence, which may be a path, and of all of it."""
NUMBER = re.compile(r"\[?[−+-]?\d[\d.,]*%?\]?[.,;:)]*")
"""A number, also as the end of an interval, whose brackets make no link."""
ACTIVE = re.compile(
    r"[`*\[\]{}|\\~$]|[<>](?=\S)|(?<=\S)[<>]|--|(?<![^\W_])_|_(?![^\W_])|:(?!$|(?<=\d:)\d)"
    r"|&#?\w+;|@\S*\.\w|www\.",
    re.IGNORECASE,
)
"""What may begin or end something in the Markdown of a page: emphasis, code, a link, a formula, a colour, an icon."""
FIRST = re.compile(r"[-+<>]|#+|\d+[.)]")
"""Words that make a list, a heading or a quotation where a text begins with them."""


def seen(text: object) -> str:
    """The text without characters that are not seen: control, direction, half a code point.

    >>> seen("a  b\\x1b[31m \\u202ec")
    'a  b [31m c'
    """
    given, letters = str(text)[: 10 * LONGEST_TEXT], []
    if given.isprintable():
        return given
    for letter in given:
        kind = unicodedata.category(letter)
        if kind in ("Cc", "Zl", "Zp"):
            letters.append(" ")
        elif kind == "Cs":
            letters.append("\N{REPLACEMENT CHARACTER}")
        elif kind != "Cf":
            letters.append(letter)
    return "".join(letters)


def line(text: object) -> str:
    """As `seen`, in one line.

    >>> line(" a\\n  b")
    'a b'
    """
    return " ".join(seen(text).split())


def short(text: object, longest: int = LONGEST) -> str:
    """As `line`, cut after so many letters.

    >>> short("abcdef", 3), short("abc", 3)
    ('abc…', 'abc')
    """
    found = line(text)
    return found if len(found) <= longest else f"{found[:longest]}…"


def quoted(value: object, longest: int = LONGEST) -> str:
    """A value as the sentence of an error quotes it, shortened; a path may be given more letters.

    >>> quoted("x"), quoted(5), quoted("y" * 50)
    ("'x'", '5', "'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy…'")
    """
    if isinstance(value, str):
        return repr(short(value, longest))
    try:
        return short(repr(value), longest)
    except ValueError:  # Python writes no whole number of more than 4,300 digits
        return "a number too long to show"


def code(text: object, longest: int = LONGEST) -> str:
    """The text in Markdown as code, shortened; "nothing" where there is none.

    >>> print(code("![a](b)"), code("a`b"), code(" "))
    `![a](b)` ``a`b`` nothing
    """
    shown = short(text, longest)
    if not shown:
        return "nothing"
    fence = "`" * (1 + max(map(len, re.findall("`+", shown)), default=0))
    space = " " if "`" in (shown[0], shown[-1]) else ""
    return f"{fence}{space}{shown}{space}{fence}"


def words(text: object, longest: int = LONGEST_TEXT) -> str:
    """The text in Markdown as it reads: plain words stay, and every word that could be more is shown as code.

    >>> print(words("recall@10: +0.2 points [-0.1, 0.5]; learning_rate, got '**b**' at http://evil.example"))
    recall@10: +0.2 points [-0.1, 0.5]; learning_rate, got `'**b**'` at `http://evil.example`
    """
    found = short(text, longest).split(" ")
    return " ".join(
        code(word, LONGEST_WORD)
        if len(word) > LONGEST_WORD
        or (ACTIVE.search(word) and not NUMBER.fullmatch(word))
        or (at == 0 and FIRST.fullmatch(word))
        else word
        for at, word in enumerate(found)
    )


def named(text: object) -> str:
    """As `words`, for a name: shortened to the letters of a single value."""
    return words(text, LONGEST)


def label(text: object, longest: int = 2 * LONGEST) -> str:
    """The text for HTML and for Plotly, which takes tags and templates out of labels; shortened.

    >>> label("<b>%{x}</b>")
    '&lt;b&gt;%&#123;x}&lt;/b&gt;'
    """
    return html.escape(short(text, longest), quote=True).replace("{", "&#123;")
