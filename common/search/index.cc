// SPDX-License-Identifier: Apache-2.0
#include "common/search/index.h"

#include <algorithm>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/search/analysis.h"
#include "common/search/expression.h"
#include "common/status/macros.h"

namespace entente::search {
namespace {

// The constants of BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009):
// how fast more occurrences of a word stop to count for more, and how much of it is owed to the
// length of the text.
constexpr double kSaturation = 1.2;
constexpr double kLengthShare = 0.75;
// What it counts for that a whole title or name is what was looked for, like a field's weight.
constexpr double kWholeWeight = 20;

void AppendWord(absl::string_view word, std::string* column) {
  if (!column->empty()) column->push_back(' ');
  column->append(word.data(), word.size());
}

}  // namespace

struct Index::Prepared {
  std::array<std::string, kColumns> columns;
  std::array<uint32_t, kFields> lengths{};
  // Each word, and where it stands.
  absl::flat_hash_map<std::string, FieldSet> words;

  size_t Hash() const { return absl::Hash<std::array<std::string, kColumns>>()(columns); }
};

absl::StatusOr<std::unique_ptr<Index>> Index::Create() {
  auto index = std::unique_ptr<Index>(new Index());
  ASSIGN_OR_RETURN(index->table_, FullTextTable::Create(kColumns));
  return index;
}

Index::Prepared Index::Prepare(const Document& document) {
  Prepared prepared;
  std::string& marks = prepared.columns[kMarkColumn];
  AppendWord(kMarkOfAll, &marks);
  using Attribute = AttributeTest::Attribute;
  const Attributes& attributes = document.attributes;
  AppendWord(MarkOf(Attribute::kType, LabelOfType(attributes.type)), &marks);
  if (!attributes.kind.empty()) {
    AppendWord(MarkOf(Attribute::kKind, LabelOfKind(attributes.kind)), &marks);
  }
  for (const std::string& partnership : attributes.partnerships) {
    AppendWord(MarkOf(Attribute::kPartnership, LabelOfPartnership(partnership)), &marks);
  }
  for (const Value& value : document.values) {
    const auto field = static_cast<size_t>(value.field);
    std::string& column = prepared.columns[field];
    if (!column.empty()) AppendWord(kBoundary, &column);
    std::vector<std::string> whole;
    for (Token& token : Analyse(value.text)) {
      AppendWord(token.word, &column);
      prepared.words[token.word] |= SetOf(value.field);
      ++prepared.lengths[field];
      if (whole.size() <= kMaxWholeWords) whole.push_back(std::move(token.word));
    }
    const bool names = value.field == Field::kTitle || value.field == Field::kAcronym ||
                       value.field == Field::kName;
    if (names && !whole.empty() && whole.size() <= kMaxWholeWords) {
      AppendWord(MarkOfWhole(whole), &marks);
    }
  }
  return prepared;
}

uint32_t Index::AttributesOf(const Attributes& attributes) {
  const std::string key = absl::StrCat(attributes.type, "\n", attributes.kind, "\n",
                                       absl::StrJoin(attributes.partnerships, "\n"));
  const auto [found, is_new] =
      attribute_ids_.try_emplace(key, static_cast<uint32_t>(attributes_.size()));
  if (is_new) attributes_.push_back(attributes);
  return found->second;
}

void Index::Count(const Prepared& prepared, const std::array<uint32_t, kFields>& lengths, int by) {
  documents_ += by;
  for (const auto& [word, fields] : prepared.words) vocabulary_.Change(word, fields, by);
  for (size_t i = 0; i < kFields; ++i) {
    words_[i] += by * static_cast<int64_t>(lengths[i]);
    with_words_[i] += lengths[i] > 0 ? by : 0;
  }
}

absl::Status Index::Add(const Document& document) {
  const Prepared prepared = Prepare(document);
  uint32_t id = 0;
  if (free_.empty()) {
    id = static_cast<uint32_t>(rows_.size());
    rows_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  rows_[id] = {document.name, AttributesOf(document.attributes), prepared.lengths, prepared.Hash()};
  if (!ids_.emplace(rows_[id].name, id).second) {
    return absl::FailedPreconditionError(absl::StrCat(document.name, " is in the index already"));
  }
  Count(prepared, prepared.lengths, 1);
  return table_->Insert(id, prepared.columns);
}

absl::Status Index::Remove(const Document& document) {
  const auto found = ids_.find(document.name);
  const Prepared prepared = Prepare(document);
  if (found == ids_.end() || rows_[found->second].hash != prepared.Hash()) {
    return absl::FailedPreconditionError(
        absl::StrCat(document.name, " is not in the index as it is said to be"));
  }
  const uint32_t id = found->second;
  ids_.erase(found);
  Count(prepared, prepared.lengths, -1);
  rows_[id] = Row();
  free_.push_back(id);
  return table_->Delete(id, prepared.columns);
}

absl::Status Index::Apply(absl::Span<const Change> changes) {
  if (changes.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(table_->Begin());
  for (const Change& change : changes) {
    absl::Status status = absl::OkStatus();
    if (change.before != nullptr) status = Remove(*change.before);
    if (status.ok() && change.after != nullptr) status = Add(*change.after);
    if (!status.ok()) {
      table_->Rollback();
      return status;
    }
  }
  return table_->Commit();
}

// Takes what matches, row by row, and keeps the best.
class Index::Collector {
 public:
  Collector(const Index& index, const Search& search, const Expression& expression)
      : index_(index),
        limit_(search.limit),
        after_(search.after),
        expression_(expression),
        counts_(index.attributes_.size()),
        accepted_(index.attributes_.size(), true) {
    for (size_t i = 0; i < accepted_.size() && search.accepts; ++i) {
      accepted_[i] = search.accepts(index.attributes_[i]);
    }
    for (size_t i = 0; i < kFields; ++i) {
      const auto mean = static_cast<double>(index.words_[i]) /
                        static_cast<double>(std::max<int64_t>(1, index.with_words_[i]));
      per_word_[i] = kSaturation * kLengthShare / std::max(1.0, mean);
    }
  }

  // What every phrase is worth in every document, where the expression as a whole does not tell.
  absl::Status LookApart(FullTextTable* table) {
    apart_.resize(expression_.phrases.size());
    for (size_t i = 0; i < apart_.size(); ++i) {
      RETURN_IF_ERROR(table->Match(expression_.phrases[i].text, [&](const MatchedRow& matched) {
        const int64_t id = matched.id();
        const auto worth = WeighPhrase(matched, index_.rows_[static_cast<size_t>(id)], i, 0);
        if (worth.has_value()) apart_[i].emplace(id, *worth);
      }));
    }
    return absl::OkStatus();
  }

  void Take(const MatchedRow& matched) {
    const auto id = static_cast<size_t>(matched.id());
    const Row& row = index_.rows_[id];
    if (!accepted_[row.attributes]) return;
    ++counts_[row.attributes];
    ++total_;
    const double score = ScoreOf(matched, row);
    // Most rows end here.
    if (best_.size() == limit_ && score < best_.front().score) {
      more_ = true;
      return;
    }
    Hit hit{score, row.name};
    if (after_.has_value() && !after_->IsBefore(hit)) return;
    const auto before = [](const Hit& a, const Hit& b) { return a.IsBefore(b); };
    if (best_.size() == limit_) {
      more_ = true;
      if (!hit.IsBefore(best_.front())) return;
      std::pop_heap(best_.begin(), best_.end(), before);
      best_.back() = std::move(hit);
    } else {
      best_.push_back(std::move(hit));
    }
    std::push_heap(best_.begin(), best_.end(), before);
  }

  Found Finish() && {
    Found found;
    std::sort_heap(best_.begin(), best_.end(),
                   [](const Hit& a, const Hit& b) { return a.IsBefore(b); });
    found.hits = std::move(best_);
    found.more = more_;
    found.total = total_;
    for (size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] > 0) found.attributes.emplace_back(&index_.attributes_[i], counts_[i]);
    }
    return found;
  }

 private:
  double ScoreOf(const MatchedRow& matched, const Row& row) const {
    if (!apart_.empty()) return Weigh(matched.id(), expression_.root).value_or(0);
    double score = 0;
    for (size_t i = 0; i < expression_.phrases.size(); ++i) {
      if (expression_.phrases[i].worth > 0) score += WeighPhrase(matched, row, i, i).value_or(0);
    }
    return score;
  }

  // None if the row does not meet the condition.
  std::optional<double> Weigh(int64_t id, const Expression::Part& part) const {
    using Kind = Expression::Part::Kind;
    switch (part.kind) {
      case Kind::kPhrase: {
        const auto found = apart_[part.phrase].find(id);
        return found == apart_[part.phrase].end() ? std::nullopt : std::optional(found->second);
      }
      case Kind::kWithout:
        return Weigh(id, part.children[1]).has_value() ? std::nullopt : Weigh(id, part.children[0]);
      case Kind::kAll:
      case Kind::kAny: {
        double score = 0;
        bool any = false;
        for (const Expression::Part& child : part.children) {
          const std::optional<double> weighed = Weigh(id, child);
          if (!weighed.has_value() && part.kind == Kind::kAll) return std::nullopt;
          any = any || weighed.has_value();
          score += weighed.value_or(0);
        }
        return any ? std::optional<double>(score) : std::nullopt;
      }
    }
    return std::nullopt;
  }

  // What the phrase `number` is worth in a row; in the expression that found it, it is `place`.
  std::optional<double> WeighPhrase(const MatchedRow& matched, const Row& row, size_t number,
                                    size_t place) const {
    const Expression::Phrase& phrase = expression_.phrases[number];
    std::array<int, kColumns> times{};
    bool found = false;
    matched.ForEachHit(static_cast<int>(place), [&](int column) {
      ++times[static_cast<size_t>(column)];
      found = true;
    });
    if (!found) return std::nullopt;
    if (phrase.whole) return phrase.worth * kWholeWeight;
    double in_fields = 0;
    for (size_t i = 0; i < kFields; ++i) {
      if (times[i] == 0) continue;
      in_fields += kFieldWeights[i] * times[i] /
                   (times[i] + kSaturation * (1 - kLengthShare) + per_word_[i] * row.lengths[i]);
    }
    return phrase.worth * in_fields;
  }

  const Index& index_;
  const size_t limit_;
  const std::optional<Hit>& after_;
  const Expression& expression_;
  std::vector<int64_t> counts_;
  std::vector<bool> accepted_;
  // Of each field, what a word of its length adds to the saturation.
  std::array<double, kFields> per_word_{};
  // See LookApart: by phrase and document. Empty where that was not done.
  std::vector<absl::flat_hash_map<int64_t, double>> apart_;
  std::vector<Hit> best_;  // A heap with the worst in front.
  bool more_ = false;
  int64_t total_ = 0;
};

absl::StatusOr<Found> Index::Find(const Search& search) {
  const Expression expression = Express(*search.query, vocabulary_, documents_);
  Collector collector(*this, search, expression);
  if (!expression.TellsOfPhrases()) RETURN_IF_ERROR(collector.LookApart(table_.get()));
  RETURN_IF_ERROR(
      table_->Match(expression.text, [&](const MatchedRow& row) { collector.Take(row); }));
  return std::move(collector).Finish();
}

}  // namespace entente::search
