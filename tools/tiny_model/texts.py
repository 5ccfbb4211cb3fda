"""The texts from which the vocabulary is learned: what prompts and answers are made of."""

from __future__ import annotations

from tiny_model.forms import Domain
from tiny_model.values import CODES
from tiny_model.vocabulary import Vocabulary

FORMS_EACH = 200        # of a slot set; more would only drown the rare words


def vocabulary_of(domains: list[Domain], merges: int) -> Vocabulary:
    texts: list[str] = list(CODES)
    for domain in domains:
        for intent in domain.intents.values():
            # Names stand in every prompt: they count more than once.
            texts += [intent.name, *intent.types] * 20
            texts += [intent.description] * 5
            for form, values in intent.examples:
                texts += [*form[::2], *values]
            for forms in intent.sets.values():
                step = max(1, len(forms) // FORMS_EACH)
                texts += [text for form in forms[::step] for text in form[::2]]
        for values in domain.values.values():
            texts += values
        texts += domain.near + domain.far
    texts += ["polite casual command formal informal colloquial courteous direct imperative"] * 50
    return Vocabulary.build(texts, merges)
