"""Training samples: prompts of the compact profile and the utterances that answer them.

A group is one prompt's beginning (intent, description, examples) with several ends (slots, style) and their answers.
All samples of a group differ in form. What is drawn depends on the given generator alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tiny_model.forms import WORD_SLOT, Domain, Form, Intent, escape
from tiny_model.names import bare_forms, composed_description, intent_name, name_words, slot_name
from tiny_model.prompts import Branch, Group, clean, compose, fill_words, plain
from tiny_model.styles import draw_style
from tiny_model.values import Values
from tiny_model.wrapping import wrapped
from tiny_model.words import class_of, content_words, invented, likeness, replacements, replacer, text_of, words_of_intent

EXAMPLES = [10, 15, 25, 50]        # weights of 0 to 3 examples
EXAMPLES_UNSEEN = [3, 10, 27, 60]
SHIPPED = {"meeting-room", "smart-speaker"}  # the domains of the examples that come with slotmill


@dataclass(frozen=True)
class Recipe:
    """The shares of the mix."""

    chinese: float = 0.65
    near: float = 0.06
    far: float = 0.03
    generic: float = 0.20       # of what is in scope
    replaced: float = 0.30      # the same
    focused: float = 0.65       # all of one slot set, with an example of that set, as slotmill asks
    close: float = 0.8          # of generic and replaced: what is said stays close to an example
    copied: float = 0.45        # of generic and replaced: an example with another opening and end
    renamed: float = 0.15
    shipped_weight: int = 4


# More words of one character than the forms bring: verbs that can take an object.
SHORT_VERBS = list("借修喂洗擦拿买卖租寄领补剪贴摆抬搬拆装锁扫拖晒烤煮炒蒸泡切种浇摘养骑推拉挂写画读背唱弹拍印刻测量称点数扶抱背穿戴脱"
                   "叠铺缝织磨钻钉焊刷涂喷埋挖填堵堆排捆包裹封倒灌抽滤榨腌炖煎炸捞盛端递扔捡收藏找认记算填签盖批审查验检")


def shipped(domain: Domain) -> bool:
    return domain.name.removeprefix("en-") in SHIPPED


class Teacher:
    def __init__(self, domains: list[Domain], recipe: Recipe = Recipe()) -> None:
        self.recipe = recipe
        self.names = name_words(domains)
        self.languages = [language for language in ("zh", "en") if any(d.language == language for d in domains)]
        self.intents: dict[tuple[str, bool], list[tuple[Domain, Intent]]] = {}
        self.words: dict[int, dict[str, str]] = {}  # by id of the intent: with their class
        self.bare: dict[int, list[Form]] = {}       # the same
        self.lexicon: dict[str, list[str]] = {}
        self.by_class: dict[str, dict[str, list[str]]] = {}
        self.near: dict[str, list[Domain]] = {}
        self.far: dict[str, list[str]] = {}
        for language in self.languages:
            own = [domain for domain in domains if domain.language == language]
            lexicon: dict[str, None] = {}
            for domain in own:
                weight = recipe.shipped_weight if shipped(domain) else 1
                for intent in domain.intents.values():
                    self.intents.setdefault((language, domain.generic), []).extend([(domain, intent)] * weight)
                    if domain.generic:
                        self.bare[id(intent)] = bare_forms(language, intent)
                    else:
                        found = self.words[id(intent)] = words_of_intent(language, intent)
                        lexicon.update(dict.fromkeys(found))
                for kind, values in domain.values.items():
                    lexicon.update(dict.fromkeys(v for v in values if self._is_word(language, v, kind)))
            self.lexicon[language] = list(lexicon)
            classes = self.by_class[language] = {}
            for word in (word for word in lexicon if len(word) > 1):
                classes.setdefault(class_of(language, word), []).append(word)
            if language == "zh":
                classes["s"] = SHORT_VERBS
            self.near[language] = [d for d in own if d.near
                                   for _ in range(recipe.shipped_weight if shipped(d) else 1)]
            self.far[language] = [text for d in own for text in d.far + d.near]
        self.values = {language: Values(domains, language, self.names + self.lexicon.get("en", []))
                       for language in self.languages}

    @staticmethod
    def _is_word(language: str, value: str, kind: str) -> bool:
        if language == "zh":
            return 2 <= len(value) <= (4 if kind.startswith(WORD_SLOT) else 3) and all(
                "\u4e00" <= c <= "\u9fff" and c not in "一二三四五六七八九十百千万两半点分月号日周年" for c in value)
        return value.isascii() and value.isalpha() and value.islower() and len(value) >= 3

    # ------------------------------------------------------------------ groups

    def group(self, random: Random, size: int) -> Group:
        """A group of the training mix with at most so many branches."""
        languages = self.languages
        language = languages[0] if len(languages) == 1 or random.random() < self.recipe.chinese else languages[1]
        chance = random.random()
        if chance < self.recipe.far and self.far[language]:
            return self.far_group(random, language, size)
        if chance < self.recipe.far + self.recipe.near and self.near[language]:
            return self.near_group(random, language, size)
        chance = random.random()
        if chance < self.recipe.generic and (language, True) in self.intents:
            return self.in_scope(random, language, "generic", size)
        replaced = chance < self.recipe.generic + self.recipe.replaced
        return self.in_scope(random, language, "replaced" if replaced else "known", size)

    def far_group(self, random: Random, language: str, size: int) -> Group:
        texts = random.sample(self.far[language], min(2 * size, len(self.far[language])))
        return Group(f"<|far|>{language}", [self._style_branch(random, language, text, "") for text in texts])

    def near_group(self, random: Random, language: str, size: int) -> Group:
        domain = random.choice(self.near[language])
        intent = random.choice(list(domain.intents.values()))
        forms = self._examples(random, domain, intent, random.choices(range(4), EXAMPLES)[0], None)
        name = intent_name(random, self.names) if random.random() < self.recipe.renamed else intent.name
        prefix = f"<|near|>{name}<|desc|>{clean(intent.description)}"
        prefix += "".join("<|example|>" + clean(compose(form, values)) for form, values in forms)
        texts = random.sample(domain.near, min(size, len(domain.near)))
        return Group(prefix, [self._style_branch(random, language, text, "<|slots|>") for text in texts])

    @staticmethod
    def _style_branch(random: Random, language: str, text: str, head: str) -> Branch:
        return Branch(f"{head}<|style|>{draw_style(random, language, text, text)}<|out|>", escape(text))

    def _examples(self, random: Random, domain: Domain, intent: Intent, count: int,
                  focus: tuple[str, ...] | None) -> list[tuple[Form, list[str]]]:
        """focus: the slot set of the first of them."""
        own = [example for example in intent.examples if tuple(sorted(example[0][1::2])) != intent.held_out]
        sets = [slots for slots in intent.sets if slots != intent.held_out]
        found: dict[Form, list[str]] = {}
        if count and focus in sets:
            same = [example for example in own if tuple(sorted(example[0][1::2])) == focus]
            if same and random.random() < 0.5:
                form, values = random.choice(same)
                found[form] = list(values)
            else:
                form = random.choice(intent.sets[focus])
                found[form] = self._draw_values(random, domain, intent, form, "mix")
            count -= 1
        for _ in range(count):
            if own and (random.random() < 0.5 or not sets):
                form, values = random.choice(own)
                found[form] = list(values)
            elif sets:
                form = random.choice(intent.sets[random.choice(sets)])
                found[form] = self._draw_values(random, domain, intent, form, "mix")
        return list(found.items())

    def _draw_values(self, random: Random, domain: Domain, intent: Intent, form: Form, source: str) -> list[str]:
        values = self.values[domain.language]
        drawn: list[str] = []
        for slot in form[1::2]:
            kind = intent.types[slot]
            value = ""
            while not value:
                value = clean(values.draw(random, domain.name, kind) if source == "mix" else values.random_string(random)
                              if source == "random" else values.draw_kept(random, domain.name, kind))
            drawn.append(value)
        return drawn

    def in_scope(self, random: Random, language: str, kind: str, size: int, source: str = "mix",
                 held_out: bool = False, natural: bool = False) -> Group:
        """kind: known, generic or replaced; held_out: targets of the slot sets that are kept for evaluation;
        natural: examples of the job, its names and description, as slotmill itself asks."""
        intents = self.intents[language, kind == "generic"]
        if held_out:
            intents = [pair for pair in intents if pair[1].held_out]
        return self.in_scope_of(random, language, random.choice(intents), kind, size, source, held_out, natural)

    def has(self, language: str, kind: str, held_out: bool) -> bool:
        intents = self.intents.get((language, kind == "generic"), [])
        return any(intent.held_out for _, intent in intents) if held_out else bool(intents)

    def in_scope_of(self, random: Random, language: str, pair: tuple[Domain, Intent], kind: str, size: int,
                    source: str = "mix", held_out: bool = False, natural: bool = False) -> Group:
        domain, intent = pair
        count = 3 if natural else random.choices(range(4), EXAMPLES_UNSEEN if kind != "known" else EXAMPLES)[0]
        focus = None
        if not held_out and random.random() < self.recipe.focused:
            focus = random.choice([slots for slots in intent.sets if slots != intent.held_out])
        if natural and intent.examples:
            pool = [(form, list(values)) for form, values in intent.examples]
            same = [example for example in pool if tuple(sorted(example[0][1::2])) == focus]
            first = random.sample(same, min(1, len(same)))
            rest = [example for example in pool if example not in first]
            examples = first + random.sample(rest, min(3 - len(first), len(rest)))
        else:
            examples = self._examples(random, domain, intent, count, focus)
        shown_texts = [text_of(form) for form, _ in examples]
        close = kind != "known" and random.random() < self.recipe.close
        alike = [form for form, _ in examples if focus is None or tuple(sorted(form[1::2])) == focus]
        copied = kind != "known" and bool(alike) and random.random() < self.recipe.copied
        if copied:
            targets = random.choices(alike, k=size)
        else:
            targets = self._targets(random, language, intent, {form for form, _ in examples}, size, held_out, focus,
                                    [intent.description, *shown_texts] if close else [])

        description, edit, words = intent.description, replacer({}), {}
        if kind == "generic":
            words = self._words(random, domain, intent)
            bare = self.bare[id(intent)]
            description = composed_description(random, intent, language, bare, targets[0], words)
        elif kind == "replaced":
            wanted = "\0".join(text_of(form) for form in targets)
            seen = description + "\0" + "\0".join(shown_texts)
            found = [word for word in self.words[id(intent)] if word in seen and word in wanted]
            edit = replacer(replacements(random, language, found, self.words[id(intent)], self.by_class[language]))
            description = edit(description)

        names = self._slot_names(random, intent, kind, natural)
        name = intent.name
        if kind == "generic" or not natural and random.random() < (0.7 if kind == "replaced" else self.recipe.renamed):
            name = intent_name(random, self.names)
        if not natural and random.random() < 0.1:
            description = random.choice(["", name])

        def shown(form: Form) -> Form:
            form = fill_words(form, words)
            return tuple(names[part] if i % 2 else edit(part) for i, part in enumerate(form))

        def said(form: Form, values: list[str]) -> list[str]:
            return [value for slot, value in zip(form[1::2], values) if not slot.startswith(WORD_SLOT)]

        prefix = f"<|intent|>{name}<|desc|>{clean(description)}"
        for form, values in examples:
            prefix += "<|example|>" + clean(compose(shown(form), said(form, values)))
        branches = []
        for form in targets:
            values = said(form, self._draw_values(random, domain, intent, form, source))
            form = wrapped(random, language, shown(form)) if copied else shown(form)
            planned = list(zip(form[1::2], values))
            style = draw_style(random, language, text_of(form), plain(form, values))
            listed = "<|and|>".join(f"{slot}<|is|>{value}" for slot, value in random.sample(planned, len(planned)))
            branches.append(Branch(f"<|slots|>{listed}<|style|>{style}<|out|>", compose(form, values), planned))
        return Group(prefix, branches, lambda: {shown(form) for forms in intent.sets.values() for form in forms})

    @staticmethod
    def _targets(random: Random, language: str, intent: Intent, avoid: set[Form], size: int, held_out: bool,
                 focus: tuple[str, ...] | None = None, near: list[str] | None = None) -> list[Form]:
        """focus: only of this slot set; near: of six times as many forms those that bring fewest content words of their
        own and are most like one of these texts."""
        if near:
            drawn = Teacher._targets(random, language, intent, avoid, 6 * size, held_out, focus)
            seen = "\0".join(near)

            def distance(form: Form) -> float:
                text = text_of(form)
                own = sum(word not in seen for word in content_words(language, text))
                return 0.2 * own - max(likeness(text, shown) for shown in near)

            return sorted(drawn, key=distance)[:size]
        sets = [intent.held_out] if held_out else [slots for slots in intent.sets if slots != intent.held_out]
        if focus:
            sets = [focus]
        found: dict[Form, None] = {}
        for _ in range(3 * size):
            form = random.choice(intent.sets[random.choice(sets)])
            if form not in avoid:
                found[form] = None
            if len(found) == size:
                break
        return list(found) or [random.choice(intent.sets[random.choice(sets)])]

    def _words(self, random: Random, domain: Domain, intent: Intent) -> dict[str, str]:
        values = self.values[domain.language]
        words = {}
        for slot, kind in intent.types.items():
            if slot.startswith(WORD_SLOT):
                known = values.known.get((domain.name, kind)) or self.lexicon[domain.language]
                words[slot] = random.choice(known)
                chance = random.random()
                if chance < 0.15:
                    words[slot] = random.choice(self.lexicon[domain.language])
                elif chance < 0.4:
                    words[slot] = invented(random, domain.language, class_of(domain.language, words[slot]))
        return words

    def _slot_names(self, random: Random, intent: Intent, kind: str, natural: bool) -> dict[str, str]:
        share = 0.0 if natural else 0.5 if kind == "generic" else self.recipe.renamed
        names = {slot: slot for slot in intent.types}
        for slot in names:
            if random.random() < share:
                names[slot] = slot_name(random, self.names, set(names.values()))
        return names
