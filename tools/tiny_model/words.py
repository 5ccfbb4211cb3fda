"""Content words: finding those of an intent, and replacing them by others.

An intent with `音量` replaced by `牛奶` in its description, its examples and the utterance to write is an intent that
nobody has seen: a model that is right about it has read the prompt instead of remembering.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from functools import lru_cache
from random import Random

import jieba
from jieba import posseg

from tiny_model.forms import Form, Intent
from tiny_model.vocabulary import level1_characters

# Characters that hold sentences together; no content word is looked for across them.
FUNCTION_HAN = set("的了吗吧呢啊呀嘛啦呗把被给请帮我你您他她它咱们能可以想要麻烦劳驾谢拜托好行一下这那个就也都还先再又不没别在从到和与跟"
                   "对向为让叫是有很太已经着过得地之其某该些什么怎几多少两块条张份只位用户指定说明按照或者需要哪")
jieba.setLogLevel(logging.ERROR)
FUNCTION_CHINESE = {"时候", "看看", "大概", "赶紧", "马上", "今天", "现在", "一会", "出来", "找找", "查查", "问问", "需要", "时间看",
                    "起来", "出去", "一点", "准备", "打算", "刚才", "然后"}
FUNCTION_ENGLISH = set(
    "about after again also another anything around before being below between both call called could does doing done "
    "down each either else ever every from given going have having help here hers into just kind know least less let's "
    "like make mind more most much named need never none nothing okay only other ours over please quick quickly ready "
    "right really same should some something sure take than thank thanks that the their them then there these they "
    "thing this those through time under until using very want wanna well were what whatever when where whether which "
    "while will with without would your you're i'd i'll i'm it's can't don't that's what's there's possible".split())
CHARACTERS = [c for c in level1_characters() if c not in FUNCTION_HAN]
HAN = re.compile("[\u4e00-\u9fff]+")
LATIN = re.compile(r"(?<![A-Za-z'_])[a-z]{4,}(?![A-Za-z'_])")


def text_of(form: Form) -> str:
    """The text between the values, with a mark where each value was."""
    return "\0".join(form[::2])


@lru_cache(maxsize=None)
def _segments(run: str) -> tuple[tuple[str, str], ...]:
    return tuple((pair.word, pair.flag) for pair in posseg.cut(run))


def _chinese(text: str) -> dict[str, str]:
    found = {}
    for run in HAN.findall(text):
        for word, flag in _segments(run):
            if flag[0] not in "nv" or not FUNCTION_HAN.isdisjoint(word) or word in FUNCTION_CHINESE:
                continue
            if len(word) >= 2:
                found[word] = "n" if flag == "vn" else flag[0]
            elif flag == "v":
                found[word] = "s"
    return found


def _english(text: str) -> dict[str, str]:
    return {word: "w" for word in LATIN.findall(text) if word not in FUNCTION_ENGLISH}


def likeness(a: str, b: str) -> float:
    """Of two texts: Jaccard of their pairs of characters, 0 to 1."""
    first, second = ({text[i:i + 2] for i in range(len(text) - 1)} for text in (a, b))
    return len(first & second) / max(1, len(first | second))


def content_words(language: str, text: str) -> dict[str, str]:
    """With their class: noun (n), verb (v) or verb of one character (s) in Chinese; in English all are of one."""
    return _chinese(text) if language == "zh" else _english(text)


def class_of(language: str, word: str) -> str:
    """Of a single word; what is no known word counts as a noun."""
    if language != "zh":
        return "w"
    segments = _segments(word)
    return "v" if len(segments) == 1 and segments[0][1] == "v" else "n"


def begins_with_verb(text: str) -> bool:
    run = HAN.match(text)
    return run is not None and (text[0] in "把给将" or _segments(run[0])[0][1].startswith("v"))


def words_of_intent(language: str, intent: Intent) -> dict[str, str]:
    """Content words that its forms share with its description or examples, with their class."""
    known = content_words(language, intent.description)
    for form, _ in intent.examples:
        known |= content_words(language, text_of(form))
    counts: Counter[str] = Counter()
    for forms in intent.sets.values():
        for form in forms:
            counts.update(content_words(language, text_of(form)).keys() & known.keys())
    found = [word for word, n in counts.items() if n >= 2]
    return {word: known[word] for word in sorted(found, key=lambda word: (-len(word), -counts[word], word))}


CONSONANTS = "b br c ch cl cr d dr f fl fr g gl gr h j k l m n p pl pr r s sh sl sp st str t th tr v w".split()
VOWELS = "a e i o u a e i o ai ea ee oo ou".split()
ENDS = "ck d g ll m n nd ng nt p r rd rt s sh st t x".split()


def invented(random: Random, language: str, kind: str) -> str:
    """A word of the class that no language has: what can be learned about it stands in the prompt."""
    if language == "zh":
        size = 1 if kind == "s" else random.choices([2, 3], [85, 15])[0]
        return "".join(random.choices(CHARACTERS, k=size))
    syllables = [random.choice(CONSONANTS) + random.choice(VOWELS) for _ in range(random.choices([1, 2], [35, 65])[0])]
    return "".join(syllables) + random.choice(ENDS)


def replacements(random: Random, language: str, found: list[str], classes: dict[str, str],
                 others: dict[str, list[str]]) -> dict[str, str]:
    """For some of the words, others of the language and the class, half of them invented; every word is taken whole, a
    part of a taken word not again."""
    chosen: dict[str, str] = {}
    limit = random.choice([1, 2, 3, 3, 4, 5])
    for word in random.sample(found, len(found)):
        if len(chosen) == limit:
            break
        if any(word in other or other in word for other in chosen):
            continue
        kind = classes[word]
        new = invented(random, language, kind) if random.random() < 0.5 else random.choice(others[kind])
        if new not in chosen and new not in chosen.values():
            chosen[word] = new
    return chosen


def replacer(chosen: dict[str, str]):
    """A function that replaces all chosen words of a text at once."""
    if not chosen:
        return lambda text: text
    longest_first = sorted(chosen, key=len, reverse=True)
    joined = "|".join(map(re.escape, longest_first))
    latin = all(word.isascii() for word in chosen)
    pattern = re.compile(rf"(?<![A-Za-z'_])(?:{joined})(?![A-Za-z'_])" if latin else joined)
    return lambda text: pattern.sub(lambda match: chosen[match[0]], text)
