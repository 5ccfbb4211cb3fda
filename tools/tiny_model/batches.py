"""Batches: groups of samples as rows of token ids, of like length, in an order that a killed training finds again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np

from tiny_model.prompts import Group
from tiny_model.samples import Teacher
from tiny_model.vocabulary import END, Vocabulary

PROMPT_LIMIT = 200      # tokens of a prompt; longer ones lose examples, then are left out
ROW_LIMIT = 384
POOL = 24               # batches that are sorted by length together


@dataclass
class Row:
    ids: list[int]
    positions: list[int]
    segments: list[int]
    picks: list[int]        # places whose successor counts
    targets: list[int]
    samples: int


@dataclass
class Batch:
    ids: np.ndarray
    positions: np.ndarray
    segments: np.ndarray
    picks: np.ndarray
    targets: np.ndarray
    samples: int
    tokens: int             # without padding


def lay_out(vocabulary: Vocabulary, group: Group) -> Row | None:
    """One row: the beginning, then each branch as if it followed directly. None if nothing fits."""
    prefix = vocabulary.encode_marked(group.prefix)
    row = Row(list(prefix), list(range(len(prefix))), [0] * len(prefix), [], [], 0)
    for branch in group.branches:
        head = vocabulary.encode_marked(branch.head)
        if len(prefix) + len(head) > PROMPT_LIMIT:
            continue
        answer = vocabulary.encode(branch.answer) + [END]
        start, length = len(row.ids), len(head) + len(answer) - 1
        if start + length > ROW_LIMIT:
            continue
        row.samples += 1
        row.ids += head + answer[:-1]
        row.positions += range(len(prefix), len(prefix) + length)
        row.segments += [row.samples] * length
        row.picks += range(start + len(head) - 1, start + length)
        row.targets += answer
    return row if row.samples else None


def stack(rows: list[Row]) -> Batch:
    length = -(-max(len(row.ids) for row in rows) // 8) * 8
    ids = np.zeros((len(rows), length), np.int64)
    positions = np.zeros_like(ids)
    segments = np.full_like(ids, -1)
    picks: list[int] = []
    targets: list[int] = []
    for i, row in enumerate(rows):
        n = len(row.ids)
        ids[i, :n], positions[i, :n], segments[i, :n] = row.ids, row.positions, row.segments
        picks += [i * length + place for place in row.picks]
        targets += row.targets
    padding = -len(picks) % 64
    return Batch(ids, positions, segments, np.array(picks + [0] * padding), np.array(targets + [-100] * padding),
                 sum(row.samples for row in rows), sum(len(row.ids) for row in rows))


def pool(teacher: Teacher, vocabulary: Vocabulary, seed: int, number: int, budget: int, branches: int) -> list[Batch]:
    """The batches of one pool, in random order; budget: tokens a batch, with padding."""
    random = Random(f"{seed}/{number}")
    rows: list[Row] = []
    filled = 0
    while filled < POOL * budget:
        row = lay_out(vocabulary, teacher.group(random, branches))
        if row is not None:
            rows.append(row)
            filled += len(row.ids)
    rows.sort(key=lambda row: len(row.ids))
    found: list[list[Row]] = [[]]
    for row in rows:
        if found[-1] and (len(found[-1]) + 1) * (len(row.ids) + 7) > budget:
            found.append([])
        found[-1].append(row)
    random.shuffle(found)
    return [stack(rows) for rows in found]


def stream(teacher: Teacher, vocabulary: Vocabulary, seed: int, budget: int, branches: int,
           start: tuple[int, int] = (0, 0)) -> Iterator[tuple[Batch, tuple[int, int]]]:
    """Batches without end from a place on, each with the place of the next."""
    number, index = start
    while True:
        batches = pool(teacher, vocabulary, seed, number, budget, branches)
        for i in range(index, len(batches)):
            yield batches[i], (number, i + 1)
        number, index = number + 1, 0
