"""Slot values: those of the catalogues, with a tenth kept for evaluation, and random strings of many kinds.

Random strings teach to copy. Every character that a user may write must occur in them, because a token that was
never seen in a value can't be copied.
"""

from __future__ import annotations

import hashlib
from random import Random

from tiny_model.forms import Domain
from tiny_model.vocabulary import EMOJI, FULL_WIDTH, PUNCTUATION, level1_characters

LETTERS = "abcdefghijklmnopqrstuvwxyz"
ASCII_MARKS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
CODES = ["C++", "A/B", "C#", "R&D", "Q&A", "I/O", "AT&T", "24/7", "50%", "3.5", "4K", "5G", "Wi-Fi", "PPT", "HDMI1",
         "USB-C", "U盘", "T恤", "SQL", "GPT-4", "iPhone", "MacBook", "OKR", "KPI", "Node.js", "@home", "#1", "1,000",
         "v2.0", "10:30", "2026-01-31", "+86", "a_b", "C:\\", "[1]", "(A)", "A&B", "x=1", "~5", "No.7", "A-101"]
BRACKETS = ["《》", "“”", "（）", "「」", "【】", "()", "[]", "\"\"", "''", "〈〉", "『』", "‘’", "{}", "<>"]


def held_out(kind: str, value: str) -> bool:
    """A tenth of the values of a type, the same in every run."""
    return hashlib.blake2b(f"{kind}\0{value}".encode(), digest_size=2).digest()[0] % 10 == 0


class Values:
    """Draws slot values for one language."""

    def __init__(self, domains: list[Domain], language: str, words: list[str]) -> None:
        self.language = language
        self.han = level1_characters()
        self.words = words or ["word"]
        self.known: dict[tuple[str, str], list[str]] = {}
        self.kept: dict[tuple[str, str], list[str]] = {}
        everything: dict[str, None] = {}
        for domain in domains:
            if domain.language != language:
                continue
            for kind, values in domain.values.items():
                kept = [value for value in values if held_out(kind, value)] if len(values) >= 10 else []
                if not kind.startswith("word_"):
                    self.kept[domain.name, kind] = kept
                known = [value for value in values if value not in set(kept)]
                self.known[domain.name, kind] = known
                everything.update(dict.fromkeys(known))
        self.everything = list(everything) or self.words

    def draw(self, random: Random, domain: str, kind: str) -> str:
        """The training mix."""
        chance = random.random()
        if chance < 0.65 and (known := self.known.get((domain, kind))):
            return random.choice(known)
        if chance < 0.90:
            return self.random_string(random)
        return random.choice(self.everything)

    def draw_kept(self, random: Random, domain: str, kind: str) -> str:
        return random.choice(self.kept.get((domain, kind)) or self.known[domain, kind])

    def han_string(self, random: Random, low: int = 1, high: int = 10) -> str:
        return "".join(random.choices(self.han, k=min(random.randint(low, high), random.randint(low, high + 2))))

    def latin_word(self, random: Random) -> str:
        if random.random() < 0.5:
            word = random.choice(self.words)
        else:
            word = "".join(random.choices(LETTERS, k=random.randint(1, 9)))
        shape = random.random()
        return word if shape < 0.5 else word.capitalize() if shape < 0.8 else word.upper()

    def code(self, random: Random) -> str:
        chance = random.random()
        if chance < 0.25:
            return random.choice(CODES)
        if chance < 0.45:
            return str(random.randint(0, 10 ** random.randint(1, 6)))
        if chance < 0.6:
            return random.choice(LETTERS).upper() + str(random.randint(1, 9999))
        if chance < 0.7:
            return f"{random.randint(0, 999)}{random.choice(['.', ':', '-', '/', '%', ','])}{random.randint(0, 99)}"
        alphabet = LETTERS + LETTERS.upper() + "0123456789" * 3 + (ASCII_MARKS if chance > 0.9 else "-_/")
        return "".join(random.choices(alphabet, k=random.randint(2, 8)))

    def plain(self, random: Random) -> str:
        """Something like the name of a thing."""
        chance = random.random()
        if self.language == "zh":
            if chance < 0.6:
                return self.han_string(random)
            if chance < 0.75:
                return random.choice(self.everything)
            if chance < 0.85:
                return self.latin_word(random)
            return self.code(random)
        if chance < 0.7:
            return " ".join(self.latin_word(random) for _ in range(random.choice([1, 1, 2, 2, 3, 4])))
        if chance < 0.8:
            return random.choice(self.everything)
        return self.code(random)

    def random_string(self, random: Random) -> str:
        chance = random.random()
        text = self.plain(random)
        if chance < 0.62:
            return text
        if chance < 0.74:  # two kinds beside each other
            between = random.choice(["", "", "-", "·", "/", "&"] if self.language == "zh" else [" ", "-", " & ", "/"])
            return text + between + self.plain(random)
        if chance < 0.82:
            pair = random.choice(BRACKETS)
            half = len(pair) // 2
            inner = pair[:half] + self.plain(random) + pair[half:]
            return inner if random.random() < 0.6 else text + inner
        if chance < 0.88:  # a mark somewhere inside
            mark = random.choice(PUNCTUATION + ASCII_MARKS + FULL_WIDTH)
            place = random.randint(0, len(text))
            return (text[:place] + mark + text[place:]).strip() or text
        if chance < 0.91:
            return text + random.choice(EMOJI)
        if chance < 0.94:
            return "".join(random.choices(FULL_WIDTH, k=random.randint(1, 4)))
        if self.language == "zh":
            return random.choice([self.latin_word(random), self.code(random)]) + self.han_string(random, 1, 4)
        return self.code(random) if chance < 0.98 else self.han_string(random, 1, 6)
