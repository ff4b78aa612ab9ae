"""Text from outside is shown as text: nothing of it becomes a link, a picture, emphasis, a formula or a tag."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pdcn.inert import LONGEST, LONGEST_TEXT, code, label, line, named, quoted, short, words

HOSTILE = (
    "![x](http://evil.example/a.png)",
    "<img src=x onerror=alert(1)>",
    r"$\frac{1}{0}$",
    "[bold red]x[/]",
    ":material/delete:",
    ":red[x]",
    ":smile:",
    "**b**",
    "_b_",
    "`",
    "``a`",
    "~~x~~",
    "http://evil.example",
    "www.evil.example",
    "mail@evil.example",
    "# big",
    "- one",
    "1. one",
    "> said",
    "---",
    "a -> b",
    "a | b",
    "&lt;b&gt;",
    "[a](b)",
    "[^1]",
    "\\*",
    "<b>",
    "x\ny",
    "a\u202eb",
    "\x1b[31mred",
    "\udcff",
)
MARKS = st.text(alphabet=st.sampled_from("ab1 .,:;!?[](){}<>*_~`$#|\\/&@-+=^\n'\"é−"), max_size=40)
MARKDOWN = MarkdownIt("commonmark").enable(["strikethrough", "table"])


def shown(markdown: str) -> tuple[set[str], str]:
    """Kinds of what a Markdown text becomes, and what one reads."""
    blocks = MARKDOWN.parse(markdown)
    inline = [one for block in blocks for one in block.children or ()]
    return {one.type for one in (*blocks, *inline)}, "".join(one.content for one in inline)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("shower", [words, code, named])
def test_what_could_be_more_is_text(text: str, shower: object) -> None:
    kinds, read = shown(shower(text))  # type: ignore[operator]
    assert kinds <= {"paragraph_open", "paragraph_close", "inline", "text", "code_inline"}
    assert read == line(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_the_page_makes_of_plain_text_stands_in_code(text: str) -> None:
    # Streamlit's own icons, smileys, arrows and links are made of text that no escape protects
    inline = [one for block in MARKDOWN.parse(words(text)) for one in block.children or ()]
    plain = "".join(one.content for one in inline if one.type == "text")
    for mark in ("://", "www.", "@", ":material", ":smile", ":red", "->", "--", "$", "&", "<", "["):
        assert mark not in plain


@given(MARKS | st.text(max_size=60))
def test_any_text_is_read_as_it_is(text: str) -> None:
    kinds, read = shown(words(text))
    assert kinds <= {"paragraph_open", "paragraph_close", "inline", "text", "code_inline"}
    assert read == line(text)


@given(st.text(max_size=300))
def test_a_value_is_short_and_in_one_line(text: str) -> None:
    assert len(short(text)) <= LONGEST + 1
    assert len(quoted(text)) <= 12 * (LONGEST + 1)  # what repr writes of a letter
    for letter in line(text):
        assert unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


@given(MARKS)
def test_a_label_has_neither_tags_nor_templates(text: str) -> None:
    assert not set(label(text)) & set("<>{\"'")


@pytest.mark.parametrize(
    "said",
    [
        "On The Complete Journey, parallel is better than sequential: +1.78 points of recall@100 (+5.1%), 95% "
        "interval [+0.79, +2.75]. Equal dense parameters; 3 seeds; p = 0.049 after Holm.",
        "epochs: expected a whole number between 1 and 200, got '-4'",
        "learning_rate: put it back into /home/me/my_runs, or train the run again",
        "MachinePart's “end” – it was 10:30, wasn't it?",
    ],
)
def test_plain_sentences_stay_as_they_are(said: str) -> None:
    assert words(said) == said


def test_long_texts_are_cut() -> None:
    assert words("x" * 5_000) == f"`{'x' * 200}…`"
    assert len(words("word " * 5_000)) <= LONGEST_TEXT + 1
    assert named("n" * 300) == f"{'n' * LONGEST}…"
    assert quoted(10**5_000) == "a number too long to show"
