"""An example said a little differently: another opening, another end. What remains when a model knows no other words."""

from __future__ import annotations

import re
from random import Random

from tiny_model.forms import Form
from tiny_model.words import begins_with_verb

CALLS_ZH = ["", "", "", "你好，", "嗯，", "哎，", "那个，", "对了，"]
OPENINGS_ZH = ["", "请", "帮我", "请帮我", "麻烦", "麻烦你", "麻烦帮我", "你帮我", "我想", "我要", "能不能", "能不能帮我", "可以帮我",
               "可不可以帮我"]
OPENING_ZH = re.compile("^(?:能不能帮我|可不可以帮我|请帮我|麻烦帮我|麻烦你|可以帮我|你帮我|能帮我|能不能|帮我|麻烦|我想|我要|请)")
ENDS_ZH = ["", "", "", "吧", "，谢谢", "，好吗", "，行吗", "，可以吗", "，麻烦了"]
END_ZH = re.compile("(?:吧|吗|，?谢谢|，?好吗|，?行吗|，?可以吗)?[。？！]?$")
QUESTION_ZH = re.compile("吗|呢|？|几|多少|有没有|能不能|可不可以|还有|什么|哪")

CALLS_EN = ["", "", "", "", "okay, ", "hey, ", "so, ", "right, ", "oh, "]
ORDERS_EN = ["", "", "please ", "can you ", "could you ", "can you please ", "could you please ", "I need you to ",
             "I'd like you to ", "I want you to "]
ORDER_EN = re.compile(r"^(?:please |can you please |could you please |can you |could you |I need you to |I'd like you to "
                      r"|I want you to )")
WISHES_EN = ["I'd like to ", "I want to ", "I need to ", "I'd love to ", "can I ", "could I "]
WISH_EN = re.compile("^(?:I'd like to |I want to |I need to |I'd love to |can I |could I )")
ENDS_EN = ["", "", "", ", please", " please", ", thanks", " for me"]
END_EN = re.compile(r"(?:,? please|,? thanks| for me)?[.?!]?$")
NO_ORDER = set("a an and any are at by can could did do does for from hello hey hi how i i'd i'll i'm i've if in is it it's "
               "let's my no not of okay on our right so that the there these this to was we what what's when where which who "
               "why will with would yes you your".split())


def _chinese(random: Random, form: list[str]) -> list[str]:
    start, end = form[0], form[-1]
    rest = OPENING_ZH.sub("", start)
    opens = rest != start or begins_with_verb(rest)
    asks = QUESTION_ZH.search("\0".join(form)) is not None and rest == start
    opening = random.choice(OPENINGS_ZH) if opens and not asks else start[:len(start) - len(rest)]
    form[0] = random.choice(CALLS_ZH) + opening + rest
    if not asks:
        ends = ["", "", "吗"] if opening.startswith("可以") else ["", "", "，谢谢"] if "不" in opening else ENDS_ZH
        form[-1] = END_ZH.sub("", form[-1] if len(form) > 1 else form[0], 1) + random.choice(ends)
    return form


def _english(random: Random, form: list[str]) -> list[str]:
    start = form[0]
    first = start.split(" ", 1)[0].lower()
    if WISH_EN.match(start):
        start = random.choice(WISHES_EN) + WISH_EN.sub("", start)
    elif ORDER_EN.match(start) or first and start != "\0" and first.strip(",.") not in NO_ORDER:
        start = random.choice(ORDERS_EN) + ORDER_EN.sub("", start)
    form[0] = random.choice(CALLS_EN) + start
    if not form[-1].endswith("?"):
        form[-1] = END_EN.sub("", form[-1], 1) + random.choice(ENDS_EN)
    return form


def wrapped(random: Random, language: str, form: Form) -> Form:
    return tuple((_chinese if language == "zh" else _english)(random, list(form)))
