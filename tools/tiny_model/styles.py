"""Styles: the register of an utterance by its words, and ranges of length around its length."""

from __future__ import annotations

import re
from random import Random

POLITE = {
    "zh": re.compile("请|麻烦|能不能|能否|可不可以|可以.*吗|方便.*吗|能.*吗|谢谢|劳驾|拜托|辛苦|有劳"),
    "en": re.compile(r"\b(please|could you|would you|can you|may i|thanks|thank you|would you mind|kindly)\b", re.I),
}
CASUAL = {
    "zh": re.compile("[吧呗啊呀啦嘛呢哈哦]|一下|帮我|给我|咱|得了|搞|弄|整|就行|行不|好了"),
    "en": re.compile(r"\b(hey|yo|gonna|wanna|gotta|let's|lemme|gimme|i need|i want|i'd like|i feel like|just|kinda|"
                     r"can we|how about|i'm)\b|n't\b", re.I),
}
NAMES = {
    ("zh", "polite"): ["礼貌"] * 6 + ["客气", "正式", "有礼貌"],
    ("zh", "casual"): ["口语"] * 6 + ["随意", "口语化", "日常"],
    ("zh", "command"): ["命令"] * 6 + ["直接", "命令式", "简洁"],
    ("en", "polite"): ["polite"] * 6 + ["formal", "courteous"],
    ("en", "casual"): ["casual"] * 6 + ["informal", "colloquial"],
    ("en", "command"): ["command"] * 6 + ["direct", "imperative"],
}
COMMON = [(3, 6), (7, 12), (13, 20), (1, 5), (6, 10), (11, 15), (16, 25), (21, 30), (4, 8), (9, 14), (15, 24)]


def register(language: str, wording: str) -> str:
    """wording: the utterance without its values."""
    if POLITE[language].search(wording):
        return "polite"
    return "casual" if CASUAL[language].search(wording) else "command"


def length_of(language: str, text: str) -> int:
    return len(text) if language == "zh" else len(text.split())


def length_range(random: Random, length: int) -> str:
    """A range that contains the length: a common one, or one with its own borders."""
    fitting = [pair for pair in COMMON if pair[0] <= length <= pair[1]]
    if fitting and random.random() < 0.6:
        low, high = fitting[0] if random.random() < 0.5 else random.choice(fitting)
    else:
        low = max(1, length - random.randint(0, 1 + length // 3))
        high = length + random.randint(1, 3 + length // 2)
    return f"{low}-{high}"


def draw_style(random: Random, language: str, wording: str, text: str) -> str:
    """The planned styles, as a prompt has them; sometimes an axis less, sometimes none."""
    if random.random() < 0.15:
        return ""
    axes = []
    if random.random() >= 0.15:
        axes.append(random.choice(NAMES[language, register(language, wording)]))
    if random.random() >= 0.15:
        axes.append(length_range(random, length_of(language, text)))
    if random.random() < 0.5:
        axes.reverse()
    return ", ".join(axes)
