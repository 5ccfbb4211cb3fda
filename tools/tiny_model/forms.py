"""What the jobs teach: domains, their intents, and the forms in which people put them.

A form is an utterance without its values: text, slot name, text, slot name, …, text. Runs of the jobs give rows,
rows give forms and the values of the slots. Nothing here depends on chance.
"""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import yaml

Form = tuple[str, ...]  # text at even places, slot names at odd ones
WORD_SLOT = "word_"     # slots of generic domains whose names begin so are words of the text, not slots


@dataclass
class Intent:
    name: str
    description: str
    types: dict[str, str]                                   # slot -> type
    examples: list[tuple[Form, tuple[str, ...]]]            # of the job, with their values
    sets: dict[tuple[str, ...], list[Form]] = field(default_factory=dict)   # sorted slots -> forms
    held_out: tuple[str, ...] | None = None                 # a slot set kept for evaluation


@dataclass
class Domain:
    name: str
    language: str                                           # zh or en
    intents: dict[str, Intent]
    values: dict[str, list[str]] = field(default_factory=dict)              # type -> values
    near: list[str] = field(default_factory=list)
    far: list[str] = field(default_factory=list)

    @property
    def generic(self) -> bool:
        return "generic" in self.name


TAG = re.compile(r"\[([A-Za-z0-9_]+):((?:[^\]\\]|\\.)*)\]")
ESCAPE = re.compile(r"\\(.)")


def escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def unescape(text: str) -> str:
    return ESCAPE.sub(r"\1", text)


def parse_tagged(text: str) -> tuple[Form, tuple[str, ...]]:
    """`把[device:主屏]打开` -> (把, device, 打开), (主屏,)."""
    parts: list[str] = []
    values: list[str] = []
    end = 0
    for tag in TAG.finditer(text):
        parts += [unescape(text[end:tag.start()]), tag[1]]
        values.append(unescape(tag[2]))
        end = tag.end()
    parts.append(unescape(text[end:]))
    return tuple(parts), tuple(values)


def slot_set(form: Form) -> tuple[str, ...]:
    return tuple(sorted(form[1::2]))


def row_form(row: dict) -> tuple[Form, tuple[str, ...]]:
    text, parts, values, end = row["text"], [], [], 0
    for slot in row["frames"][0]["slots"]:
        parts += [text[end:slot["start"]], slot["name"]]
        values.append(slot["text"])
        end = slot["end"]
    parts.append(text[end:])
    return tuple(parts), tuple(values)


def read_job(path: Path) -> Domain:
    job = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    intents = {}
    for name, spec in job["intents"].items():
        types = {slot: (rule.get("type", slot) if isinstance(rule, dict) else slot)
                 for slot, rule in (spec.get("slots") or {}).items()}
        examples = [parse_tagged(example) for example in spec.get("examples") or []]
        intents[name] = Intent(name, " ".join(spec["description"].split()), types, examples)
    return Domain(job["name"], "zh" if job["language"].startswith("zh") else "en", intents)


def read_rows(domain: Domain, rows: Path) -> None:
    """Adds the forms and values of a run, in the order of the rows."""
    values: dict[str, dict[str, None]] = {}
    forms: dict[tuple[str, tuple[str, ...]], dict[Form, None]] = {}
    with rows.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["kind"] == "in_scope":
                name = row["frames"][0]["intent"]
                form, said = row_form(row)
                forms.setdefault((name, slot_set(form)), {})[form] = None
                for slot, value in zip(form[1::2], said):
                    values.setdefault(domain.intents[name].types[slot], {})[value] = None
            elif row["kind"] == "out_of_scope":
                (domain.near if "|near|" in row["source"]["cell"] else domain.far).append(row["text"])
    for (name, slots), found in forms.items():
        domain.intents[name].sets[slots] = list(found)
    for intent in domain.intents.values():
        for form, said in intent.examples:
            for slot, value in zip(form[1::2], said):
                values.setdefault(intent.types[slot], {})[value] = None
    domain.values = {kind: list(found) for kind, found in values.items()}


def run_directory(job: Path) -> Path:
    """Where a job's run writes: output.dir (or out, beside the job), and the job's name."""
    stored = yaml.load(job.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return (job.parent / (stored.get("output") or {}).get("dir", "out") / stored["name"]).resolve()


def run_job(slotmill: str, job: Path) -> Path:
    """Runs a job and gives its rows.jsonl; 3 is a run that ended short of a quota, which is fine here."""
    done = subprocess.run([slotmill, "run", "--quiet", "--threads", "1", str(job)], check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(f"{job}: slotmill run failed with {done.returncode}")
    return run_directory(job) / "rows.jsonl"


def load_domains(slotmill: str, jobs: list[Path]) -> list[Domain]:
    """Runs every job and reads it back; a domain whose intents have no forms is an error."""
    domains = []
    for path in jobs:
        domain = read_job(path)
        read_rows(domain, run_job(slotmill, path))
        empty = [name for name, intent in domain.intents.items() if not intent.sets]
        if empty:
            raise SystemExit(f"{path}: no rows for {', '.join(empty)}")
        domains.append(domain)
    return domains


def hold_out_sets(domains: list[Domain]) -> None:
    """Keeps one slot set of every tenth intent that has three or more for evaluation."""
    count = 0
    for domain in domains:
        for intent in domain.intents.values():
            sets = sorted(slots for slots in intent.sets if slots)
            if domain.generic or len(intent.sets) < 3 or not sets:
                continue
            if count % 10 == 3:
                intent.held_out = sets[len(sets) // 2]
            count += 1
