"""The tokenizer: a SentencePiece vocabulary built by hand, and the way llama.cpp cuts text with it.

Entries: control marks, 256 byte tokens, ASCII, marks and emoji that data use, the 3,755 level-1 characters of
GB 2312, other characters that data use, and merges of letters (`▁?[A-Z]?[a-z]+`). A space is `▁`; digits stay single.
encode() does what llama.cpp does: it joins the neighbours whose union is the best entry, until none is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

MARKS = ["<|intent|>", "<|desc|>", "<|example|>", "<|slots|>", "<|is|>", "<|and|>", "<|style|>", "<|out|>",
         "<|near|>", "<|far|>"]
UNKNOWN, BEGIN, END = 0, 1, 2
# What GGUF calls the kinds of tokens.
NORMAL, UNKNOWN_KIND, CONTROL, BYTE = 1, 2, 3, 6

SPACE = "▁"
PUNCTUATION = "，。？！、；：“”‘’（）《》〈〉【】「」『』—…·～％＋－／＠＃＆＊＝￥°℃×÷±→←↑↓“”'′″–•©®™€£½"
FULL_WIDTH = "".join(chr(c) for c in range(0xFF10, 0xFF5B) if chr(c).isalnum())
EMOJI = "😀😂😊😍🤔👍👏🙏🎉🎵🎶❤🔥⭐✨☀🌙🌧☕🍕🍜🐱🐶🚗✈🏠📱💡🔔✅❌️"
WORD = re.compile(f"{SPACE}?[A-Z]?[a-z]+|{SPACE}[A-Z]|.", re.DOTALL)


def level1_characters() -> list[str]:
    """The 3,755 commonest Chinese characters, as GB 2312 orders them."""
    found = []
    for row in range(0xB0, 0xD8):
        for cell in range(0xA1, 0xFF):
            try:
                found.append(bytes((row, cell)).decode("gb2312"))
            except UnicodeDecodeError:
                pass
    return found


def learn_merges(texts: Iterable[str], count: int) -> list[str]:
    """Byte-pair merges of the words of the texts, the commonest first."""
    words: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        for piece in WORD.findall(text.replace(" ", SPACE)):
            if len(piece) > 1:
                words[tuple(piece)] += 1
    merges: list[str] = []
    while len(merges) < count:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, n in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += n
        if not pairs:
            break
        (left, right), _ = min(pairs.items(), key=lambda item: (-item[1], item[0]))
        joined = left + right
        if joined not in merges:
            merges.append(joined)
        changed: Counter[tuple[str, ...]] = Counter()
        for word, n in words.items():
            if left in word:
                parts, i = [], 0
                while i < len(word):
                    if i + 1 < len(word) and word[i] == left and word[i + 1] == right:
                        parts.append(joined)
                        i += 2
                    else:
                        parts.append(word[i])
                        i += 1
                word = tuple(parts)
            changed[word] += n
        words = changed
    return merges


class Vocabulary:
    def __init__(self, tokens: list[str], kinds: list[int], scores: list[float]) -> None:
        self.tokens, self.kinds, self.scores = tokens, kinds, scores
        self.id = {token: i for i, token in enumerate(tokens)}
        self.bytes = [self.id[f"<0x{b:02X}>"] for b in range(256)]
        self.mark = {mark: self.id[mark] for mark in MARKS}
        self._piece = lru_cache(maxsize=200_000)(self._cut)

    def __len__(self) -> int:
        return len(self.tokens)

    @classmethod
    def build(cls, texts: list[str], merge_count: int) -> Vocabulary:
        """texts: everything the model may have to read or write."""
        tokens = ["<|unknown|>", "<|begin|>", "<|end|>"] + MARKS
        kinds = [UNKNOWN_KIND] + [CONTROL] * (len(tokens) - 1)
        tokens += [f"<0x{b:02X}>" for b in range(256)]
        kinds += [BYTE] * 256
        seen: dict[str, None] = {SPACE: None}
        seen.update(dict.fromkeys(chr(c) for c in range(0x21, 0x7F)))
        seen.update(dict.fromkeys(PUNCTUATION + FULL_WIDTH + EMOJI))
        seen.update(dict.fromkeys(level1_characters()))
        rest = Counter("".join(texts))
        seen.update(dict.fromkeys(sorted(c for c, n in rest.items() if n >= 2 and c > "~" and c.isprintable())))
        scores = [0.0] * len(tokens)
        tokens += seen
        scores += [-1e4] * len(seen)
        merges = [merge for merge in learn_merges(texts, merge_count) if merge not in seen]
        tokens += merges
        scores += [-float(rank) for rank in range(len(merges))]
        kinds += [NORMAL] * (len(tokens) - len(kinds))
        padding = -len(tokens) % 32
        tokens += [f"<|unused{i}|>" for i in range(padding)]
        kinds += [CONTROL] * padding
        scores += [0.0] * padding
        return cls(tokens, kinds, scores)

    def to_dict(self) -> dict:
        return {"tokens": self.tokens, "kinds": self.kinds, "scores": self.scores}

    @classmethod
    def from_dict(cls, stored: dict) -> Vocabulary:
        return cls(stored["tokens"], stored["kinds"], stored["scores"])

    def _cut(self, piece: str) -> tuple[int, ...]:
        parts = list(piece)
        while len(parts) > 1:
            best, place = None, -1
            for i in range(len(parts) - 1):
                found = self.id.get(parts[i] + parts[i + 1])
                if found is not None and (best is None or self.scores[found] > best):
                    best, place = self.scores[found], i
            if best is None:
                break
            parts[place:place + 2] = [parts[place] + parts[place + 1]]
        ids: list[int] = []
        for part in parts:
            known = self.id.get(part)
            ids += [known] if known is not None else [self.bytes[b] for b in part.encode()]
        return tuple(ids)

    def encode(self, text: str) -> list[int]:
        """Text without marks."""
        ids: list[int] = []
        for piece in WORD.findall(text.replace(" ", SPACE)):
            ids += self._piece(piece)
        return ids

    def encode_marked(self, text: str) -> list[int]:
        """Text in which marks stand for themselves."""
        ids: list[int] = []
        for part in re.split(r"(<\|[a-z]+\|>)", text):
            if part in self.mark:
                ids.append(self.mark[part])
            elif part:
                ids += self.encode(part)
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        data = b""
        for i in ids:
            if self.kinds[i] == BYTE:
                data += bytes((int(self.tokens[i][3:5], 16),))
            else:
                data += self.tokens[i].replace(SPACE, " ").encode()
        return data.decode(errors="replace")
