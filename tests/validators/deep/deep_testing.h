// Labelled rows for the tests of the deep checks, written inline: `play [artist:queen] now`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "datasets/row.h"
#include "validators/deep/opinion.h"

namespace validators::deep {

datasets::Row row(std::string_view intent, std::string_view annotated);

/// `copies` times each.
std::vector<datasets::Row> rows(std::string_view intent, const std::vector<std::string>& annotated,
                                std::size_t copies = 1);
std::vector<datasets::Row> operator+(std::vector<datasets::Row> a, const std::vector<datasets::Row>& b);

/// What an opinion says: `3 slot_type [city:rome] -> [artist:rome]`, `3 intent -> play`.
std::string in_words(const Corpus& corpus, const Opinion& opinion);
std::vector<std::string> in_words(const Corpus& corpus, const std::vector<Opinion>& opinions);

/// Two hundred rows of two intents, many values, right throughout.
std::vector<datasets::Row> many_rows();

}  // namespace validators::deep
