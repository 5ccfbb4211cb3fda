// The grammar that holds a model in this process to the wire format, in GBNF (llama.cpp's notation): each
// utterance is free text with each of its planned values exactly once, tagged, in any order. So what comes
// back parses in one go, and slots can't be missing, unknown or changed; what the words around them say is
// the model's own business.
//
// In words, for the planned values a and b of one utterance:
//
//   u-ab ::= text ( "[a:…]" u-b | "[b:…]" u-a )     u-a ::= text "[a:…]" u-     u- ::= text
//
// a rule per subset, so 2^n rules for n values; from seven values on, n tags in a row of any of them (the
// checks behind it find what is twice then). Text has no brackets, line ends or control characters, on the
// wire format `envelope` neither `"` nor `\`. On a line it is bounded, so that a small model that repeats
// itself comes to an end, and with a lexicon it is made of that. Values of a catalogue are one to as many as
// are asked for, each some such text. Votes and readings are one for each line, with its number. Pure
// functions, any thread, some 10 microseconds.
#pragma once

#include <string>

#include "local_model/known_words.h"
#include "model/request.h"

namespace local_model {

/// The grammar of the reply to `request`, with the rule `root` for the whole. With a `lexicon` text has its
/// characters and words only (lines alone: prompts for envelopes have no lexicon).
std::string wire_grammar(const model::Request& request, const Lexicon* lexicon = nullptr);

}  // namespace local_model
