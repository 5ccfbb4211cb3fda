"""Names and descriptions: those of intents and slots made up, descriptions of generic intents composed."""

from __future__ import annotations

from random import Random

from tiny_model.forms import WORD_SLOT, Domain, Form, Intent
from tiny_model.prompts import fill_words
from tiny_model.styles import register

LETTERS = "abcdefghijklmnopqrstuvwxyz"
CJK_NAMES = ["设备", "时间", "地点", "数量", "名称", "对象", "内容", "房间", "日期", "参数", "联系人", "类型", "程度", "颜色", "主题"]
VERB_WORDS = ("verb", "action", "do", "act")

FRAMES_ZH = ["{verb}{object}"] * 4 + ["帮用户{verb}{object}", "用户想{verb}{object}", "{verb}某个{object}", "{verb}指定的{object}",
                                      "{object}的{verb}", "按要求{verb}{object}", "{verb}用户说的{object}", "对{object}进行{verb}"]
FRAMES_EN = ["{verb} the {object}"] * 3 + ["{verb} a {object}", "{verb} {object}", "{verb} some {object} for the user",
                                           "The user wants to {verb} the {object}", "{verb} the given {object}"]
DETAILS_ZH = ["，可以说明细节", "，可以带参数", "，可以说明要求", "", "", "", ""]
DETAILS_EN = [", with details if they are named", " as asked", "", "", "", ""]


def name_words(domains: list[Domain]) -> list[str]:
    """The words of which names are made."""
    found: dict[str, None] = {}
    for domain in domains:
        for intent in domain.intents.values():
            for name in (intent.name, *intent.types):
                found.update(dict.fromkeys(word for word in name.split("_") if len(word) > 1))
    found.pop("word", None)
    return list(found)


def intent_name(random: Random, words: list[str]) -> str:
    chance = random.random()
    if chance < 0.1:
        return "".join(random.choices(LETTERS, k=random.randint(3, 9)))
    if chance < 0.15:
        return f"intent_{random.randint(1, 99)}"
    return "_".join(random.choice(words) for _ in range(random.choice([1, 2, 2, 2, 3])))


def slot_name(random: Random, words: list[str], taken: set[str]) -> str:
    while True:
        chance = random.random()
        if chance < 0.15:
            name = random.choice(LETTERS)
        elif chance < 0.2:
            name = random.choice(["slot", "arg", "x", "value", "param"]) + str(random.randint(1, 9))
        elif chance < 0.28:
            name = random.choice(CJK_NAMES)
        elif chance < 0.36:
            name = "".join(random.choices(LETTERS, k=random.randint(2, 8)))
        else:
            name = "_".join(random.choice(words) for _ in range(random.choice([1, 1, 1, 2])))
        if name not in taken:
            return name


def bare_forms(language: str, intent: Intent) -> list[Form]:
    """The shortest forms of nothing but words, plain commands first: they read like descriptions."""
    found = [form for forms in intent.sets.values() for form in forms
             if form[1:] and all(slot.startswith(WORD_SLOT) for slot in form[1::2])]

    def rank(form: Form) -> tuple[bool, int, Form]:
        text = "".join(form[::2])
        return (register(language, text) != "command" or text.endswith(("?", "？")), len(text) - 2 * len(form), form)

    return sorted(found, key=rank)[:12]


def composed_description(random: Random, intent: Intent, language: str, bare: list[Form], form: Form,
                         words: dict[str, str]) -> str:
    """A description of a generic intent, made of its words; sometimes the vague one of the job, sometimes none."""
    chance = random.random()
    if chance < 0.12:
        return ""
    if chance < 0.2:
        return intent.description
    used = [slot for slot in dict.fromkeys(form[1::2]) if slot.startswith(WORD_SLOT)]
    verbs = [words[slot] for slot in used if slot.removeprefix(WORD_SLOT).startswith(VERB_WORDS)]
    objects = [words[slot] for slot in used if not slot.removeprefix(WORD_SLOT).startswith(VERB_WORDS)]
    if verbs and objects and (chance < 0.6 or not bare):
        frame = random.choice(FRAMES_ZH if language == "zh" else FRAMES_EN)
        text = frame.format(verb=verbs[0], object=objects[0])
    elif bare:
        text = "".join(fill_words(random.choice(bare), words))
    else:
        return ""
    text += random.choice(DETAILS_ZH if language == "zh" else DETAILS_EN)
    return text if language == "zh" or random.random() < 0.5 else text[0].upper() + text[1:]
