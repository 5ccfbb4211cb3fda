"""Prompts of the compact profile, in parts, and the utterances that answer them.

    <|intent|>NAME<|desc|>TEXT<|example|>UTTERANCE<|slots|>SLOT<|is|>VALUE<|and|>SLOT<|is|>VALUE<|style|>STYLE<|out|>
    <|near|>NAME<|desc|>TEXT<|example|>UTTERANCE<|slots|><|style|>STYLE<|out|>
    <|far|>LANGUAGE<|style|>STYLE<|out|>

In utterances slots are tagged, `[slot:value]`, with `\\[`, `\\]` and `\\\\` for the characters themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tiny_model.forms import WORD_SLOT, Form, escape


@dataclass
class Branch:
    head: str                   # the prompt from <|slots|> on
    answer: str
    planned: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Group:
    prefix: str
    branches: list[Branch]
    wordings: Callable[[], set[Form]] | None = None   # all forms the generator has for the intent, as answers show them


def clean(text: str) -> str:
    """As slotmill puts it into a prompt: in one line, without marks."""
    return " ".join(text.replace("<|", "< |").split())


def compose(form: Form, values: list[str]) -> str:
    out = [escape(form[0])]
    for slot, value, text in zip(form[1::2], values, form[2::2]):
        out.append(f"[{slot}:{escape(value)}]{escape(text)}")
    return "".join(out)


def plain(form: Form, values: list[str]) -> str:
    out = [form[0]]
    for value, text in zip(values, form[2::2]):
        out += [value, text]
    return "".join(out)


def fill_words(form: Form, words: dict[str, str]) -> Form:
    """Turns word slots into text."""
    out = [form[0]]
    for slot, text in zip(form[1::2], form[2::2]):
        if slot.startswith(WORD_SLOT):
            out[-1] += words[slot] + text
        else:
            out += [slot, text]
    return tuple(out)
