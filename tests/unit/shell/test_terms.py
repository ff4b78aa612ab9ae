"""Terms in prose: found in the words of the house alone, the first of each, and never within what is no prose."""

from __future__ import annotations

import pickle

import pytest

from pdcn.glossary import DRAWN
from pdcn.inert import words
from pdcn.shell.terms import CSS, LINK, SCRIPT, with_terms
from pdcn.words import Filled, Sentence, own_words

OF_A_PERSON = Sentence("The run {name} has a baseline.", name="first")


@pytest.mark.parametrize(
    "name", ["seed", "[seed](javascript:alert(1))", "**seed", "`seed", "{seed} 95% interval", "x](#"]
)
def test_what_a_person_typed_is_shown_as_it_was_and_never_searched(name: str) -> None:
    told = with_terms(OF_A_PERSON(name=words(name)))
    assert told == f"The run {words(name)} has a [baseline](#term-baseline)."


def test_a_text_that_is_no_sentence_is_left_as_it_is_but_for_sentences_in_it() -> None:
    assert with_terms("one seed") == "one seed"
    joined = f"- {OF_A_PERSON(name='seed')} my seed, and another run has a baseline"
    assert with_terms(joined) == joined.replace("baseline.", "[baseline](#term-baseline).")
    assert with_terms("one seed", whole=True) == "one [seed](#term-seed)"


def test_the_first_of_each_term_is_marked_and_the_longest_name_wins() -> None:
    said = Sentence("Two seeds, one seed; a cross layer, crosses in the Cross lab; an MLP at rank 3 of rank 2.")
    assert with_terms(said) == (
        "Two [seeds](#term-seed), one seed; a [cross layer](#term-cross-layer), [crosses](#term-cross) in the Cross "
        "lab; an [MLP](#term-deep-network) at [rank](#term-rank) 3 of rank 2."
    )


@pytest.mark.parametrize(
    "text", ["`seed`", "$seed$", "[a seed](there)", "“a seed”", "https://x.example/seed", "seedling"]
)
def test_what_is_no_prose_is_left_alone(text: str) -> None:
    assert with_terms(Sentence(text)) == text


def test_a_sentence_within_another_is_the_houses_own_and_formats_are_counted() -> None:
    inner = Sentence("{count:,} seeds of {name}", count=3, name="x")(count=1_200, name="arm")
    told = Sentence("{share:.0%} of {inner} in {name!r}.", share=0.5, inner="x", name="x")(
        share=0.25, inner=inner, name="arm"
    )
    assert told == "25% of 1,200 seeds of arm in 'arm'."
    assert [told[start:end] for start, end in own_words(told)] == [" of ", " seeds of ", " in ", "."]


def test_a_filled_sentence_is_kept_as_a_text() -> None:
    found = pickle.loads(pickle.dumps(OF_A_PERSON(name="x")))
    assert type(found) is str
    assert isinstance(OF_A_PERSON(name="x"), Filled)


def test_every_drawn_term_is_found_by_its_own_name_and_told_by_the_script() -> None:
    for term in DRAWN:
        told = with_terms(Sentence(f"It is at {term}."))
        assert told.count(LINK) == 1, term
    assert LINK in CSS
    assert SCRIPT.count("TERMS") == 1
