"""Measures the file with llama.cpp: does it keep the planned slots, and are its wordings people's?

Every prompt is new: drawn with seeds that training never uses. Sampling is free (temperature 0.9, top-p 0.9, no
grammar), with fixed seeds. Also checks that llama.cpp cuts prompts into the same tokens as the tokenizer of the training.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import llama_cpp

from tiny_model.forms import Form, parse_tagged
from tiny_model.prompts import Branch, Group
from tiny_model.samples import Teacher
from tiny_model.unseen import unseen_intents
from tiny_model.vocabulary import END, Vocabulary

TEMPERATURE, TOP_P = 0.9, 0.9
LONGEST = 120           # tokens of an answer
WELL_FORMED = re.compile(r"(?:[^\[\]\\]|\\.|\[[^\[\]:]+:(?:[^\[\]\\]|\\.)+\])*", re.DOTALL)


@dataclass
class Score:
    samples: int = 0
    exact: int = 0              # every planned slot, as planned, and none else
    known: int = 0              # a form of the generator
    judged: int = 0             # samples whose forms are known
    wordings: int = 0           # distinct ones

    def line(self, name: str) -> str:
        known = f"{100 * self.known / self.judged:6.1f}" if self.judged else "     –"
        return (f"{name:24} {self.samples:5d}  {100 * self.exact / self.samples:6.1f}  {known}  "
                f"{self.wordings / self.samples:8.2f}")


class Writer:
    """The model, one request at a time."""

    def __init__(self, path: Path) -> None:
        self.model = llama_cpp.Llama(str(path), n_ctx=512, n_threads=1, n_threads_batch=1, seed=1, verbose=False)
        inner = self.model._model.model  # noqa: SLF001 - the token table is not offered otherwise
        table = llama_cpp.llama_model_get_vocab(inner)
        size = llama_cpp.llama_vocab_n_tokens(table)
        tokens, kinds, scores = [], [], []
        for i in range(size):
            tokens.append(llama_cpp.llama_vocab_get_text(table, i).decode())
            scores.append(llama_cpp.llama_vocab_get_score(table, i))
            attribute = llama_cpp.llama_vocab_get_attr(table, i)
            kinds.append(next((kind for bit, kind in ((1, 2), (8, 3), (32, 6)) if attribute & bit), 1))
        self.vocabulary = Vocabulary(tokens, kinds, scores)

    def tokens(self, text: str) -> list[int]:
        return self.model.tokenize(text.encode(), add_bos=False, special=True)

    def write(self, prompt: str, seed: int) -> str:
        ids = []
        self.model.set_seed(seed)
        for token in self.model.generate(self.tokens(prompt), temp=TEMPERATURE, top_p=TOP_P, top_k=0, min_p=0.0,
                                         repeat_penalty=1.0):
            if token == END or len(ids) == LONGEST:
                break
            ids.append(token)
        return self.vocabulary.decode(ids)


def check_tokens(writer: Writer, teacher: Teacher, count: int) -> int:
    """How many of so many samples llama.cpp cuts differently."""
    different = 0
    for i in range(count):
        group = teacher.group(Random(f"tokens/{i}"), 1)
        prompt = group.prefix + group.branches[0].head
        for text in (prompt, group.branches[0].answer):
            if writer.tokens(text) != writer.vocabulary.encode_marked(text):
                different += 1
                if different <= 3:
                    print(f"cut differently: {text}")
                break
    return different


def measure(writer: Writer, groups: Iterator[Group], show: int) -> Score:
    score = Score()
    seen: set[tuple[str, Form]] = set()
    for number, group in enumerate(groups):
        branch: Branch = group.branches[0]
        answer = writer.write(group.prefix + branch.head, number + 1)
        form, values = parse_tagged(answer)
        exact = bool(WELL_FORMED.fullmatch(answer)) and sorted(zip(form[1::2], values)) == sorted(branch.planned)
        score.samples += 1
        score.exact += exact
        known = False
        if group.wordings is not None:
            known = form in group.wordings()
            score.judged += 1
            score.known += known
        seen.add((group.prefix.partition("<|example|>")[0], form))
        if number < show:
            print(f"  {'=' if exact else '!'}{'=' if known else '~'} {answer}\n       {group.prefix}{branch.head}")
    score.wordings = len(seen)
    return score


def fixed_slots(teacher: Teacher, samples: int) -> Iterator[Group]:
    """Samples of few intents, 50 of each: how often does it repeat itself?"""
    pairs = [(language, pair) for language in teacher.languages for pair in teacher.intents.get((language, False), [])]
    chosen = Random("repeated").sample(pairs, min(max(1, samples // 50), len(pairs)))
    for number, (language, pair) in enumerate(chosen):
        for i in range(min(50, samples)):
            yield teacher.in_scope_of(Random(f"repeated/{number}/{i}"), language, pair, "known", 1, "mix", natural=True)


def evaluate(teacher: Teacher, path: Path, apart: Path, samples: int, show: int) -> None:
    """Prints the table; apart: a folder of jobs that the model was not trained on, which may be missing."""
    writer = Writer(path)
    print(f"tokens: {check_tokens(writer, teacher, 1000)} of 1000 samples cut differently by llama.cpp")
    print(f"{'':24} {'n':>5}  {'slots %':>7} {'known %':>7}  {'distinct':>8}")

    def run(name: str, kind: str, source: str, held_out: bool = False, natural: bool = True) -> None:
        def groups() -> Iterator[Group]:
            for i in range(samples):
                random = Random(f"evaluation/{name}/{i}")
                languages = [language for language in teacher.languages if teacher.has(language, kind, held_out)]
                language = languages[0] if len(languages) == 1 or random.random() < 0.65 else languages[1]
                yield teacher.in_scope(random, language, kind, 1, source, held_out, natural)

        if any(teacher.has(language, kind, held_out) for language in teacher.languages):
            print(measure(writer, groups(), show).line(name), flush=True)

    run("held-out values", "known", "kept")
    run("held-out strings", "known", "random")
    run("held-out slot sets", "known", "kept", held_out=True)
    run("generic intents", "generic", "mix", natural=False)
    run("replaced words", "replaced", "mix", natural=False)
    print(measure(writer, fixed_slots(teacher, samples), show).line("50 of an intent"), flush=True)
    jobs = sorted(apart.glob("**/job.yaml"))
    if jobs:
        print(measure(writer, unseen_intents(jobs, samples), show).line("unseen intents"), flush=True)
