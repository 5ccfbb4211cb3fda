"""Prompts for intents that were never trained on: of jobs kept apart, which need no patterns.

Slot sets are those that slotmill plans (the required slots, those plus each optional one, all). Values come from the
catalogues and the examples; numbers are drawn from their range, times and dates are those of the examples.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import yaml

from tiny_model.forms import Domain, read_job
from tiny_model.prompts import Branch, Group, clean, compose
from tiny_model.styles import NAMES

LENGTHS = {"zh": ["3-6", "7-12", "7-12", "13-20"], "en": ["3-6", "7-12", "7-12", "13-20"]}


def slot_sets(slots: dict[str, object]) -> list[list[str]]:
    required = [slot for slot, rule in slots.items()
                if rule == "required" or isinstance(rule, dict) and rule.get("required") == "true"]
    optional = [slot for slot in slots if slot not in required]
    sets = [required, *(required + [slot] for slot in optional), required + optional]
    return [list(found) for found in dict.fromkeys(map(tuple, sets))]


def catalogue(spec: dict, folder: Path) -> list[str]:
    if "number" in spec:
        low, high = map(int, spec["number"])
        return [str(number) for number in range(low, high + 1, int(spec.get("step", 1)))][:1000]
    values: list[str] = []
    for value in spec.get("values", []):
        for name, others in value.items() if isinstance(value, dict) else [(value, [])]:
            values += [name, *others]
    if "file" in spec:
        for line in (folder / spec["file"]).read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                values += [part.strip() for part in line.replace("=", "|").split("|")]
    return values


def values_of(job: dict, domain: Domain, folder: Path) -> dict[str, list[str]]:
    """By slot type."""
    found = {kind: catalogue(spec, folder) for kind, spec in (job.get("slot_types") or {}).items()}
    for intent in domain.intents.values():
        for form, values in intent.examples:
            for slot, value in zip(form[1::2], values):
                if value not in found.setdefault(intent.types[slot], []):
                    found[intent.types[slot]].append(value)
    return found


def unseen_intents(jobs: list[Path], samples: int) -> Iterator[Group]:
    """So many prompts, the intents of all jobs in turn."""
    known = []
    for path in jobs:
        job, domain = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader), read_job(path)
        values = values_of(job, domain, path.parent)
        known += [(domain, intent, slot_sets(job["intents"][intent.name].get("slots") or {}), values)
                  for intent in domain.intents.values()]
    for i in range(samples):
        random = Random(f"unseen/{i}")
        domain, intent, sets, values = known[i % len(known)]
        slots = [slot for slot in random.choice(sets) if values.get(intent.types[slot])]
        planned = [(slot, clean(random.choice(values[intent.types[slot]]))) for slot in slots]
        random.shuffle(planned)
        examples = random.sample(intent.examples, min(2, len(intent.examples)))
        prefix = f"<|intent|>{intent.name}<|desc|>{clean(intent.description)}"
        prefix += "".join("<|example|>" + clean(compose(form, list(said))) for form, said in examples)
        register = NAMES[domain.language, random.choice(["polite", "casual", "command"])][0]
        listed = "<|and|>".join(f"{slot}<|is|>{value}" for slot, value in planned)
        style = f"{register}, {random.choice(LENGTHS[domain.language])}"
        yield Group(prefix, [Branch(f"<|slots|>{listed}<|style|>{style}<|out|>", "", planned)])
