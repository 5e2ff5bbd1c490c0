// SPDX-License-Identifier: Apache-2.0
#include "common/passage/edition.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "common/passage/tokens.h"
#include "common/passage/vectors.h"

namespace entente::passage {
namespace {

using Piece = TokenSequence::Piece;

// The runs of tokens that lie in each of `spans`, which are in order; none for a span without any.
std::vector<Piece> PiecesOf(const std::vector<Span>& spans, const std::vector<Span>& tokens) {
  std::vector<Piece> pieces;
  int token = 0;
  for (const Span& span : spans) {
    while (token < SizeOf(tokens) && At(tokens, token).begin < span.begin) ++token;
    Piece piece{token, token};
    while (piece.end < SizeOf(tokens) && At(tokens, piece.end).end <= span.end) ++piece.end;
    if (piece.begin < piece.end) pieces.push_back(piece);
    token = piece.end;
  }
  return pieces;
}

}  // namespace

absl::string_view ImageKindName(ImageKind kind) {
  switch (kind) {
    case ImageKind::kSame:
      return "same";
    case ImageKind::kMoved:
      return "moved";
    case ImageKind::kChanged:
      return "changed";
    case ImageKind::kGone:
      return "gone";
  }
  return "";
}

Edition::Side Edition::MakeSide(Text text) {
  Side side{std::move(text), {}, {}, {}, {}};
  for (const Token& token : Tokenise(side.text, {0, side.text.length()})) {
    side.tokens.push_back(token.span);
    side.sequence.is_word.push_back(token.kind != Token::kMark);
  }
  side.sequence.lines = PiecesOf(side.text.Lines(), side.tokens);
  side.sequence.sentences = PiecesOf(side.text.Sentences(), side.tokens);
  side.outer.assign(side.tokens.size(), true);
  side.sentence.assign(side.tokens.size(), 0);
  int token = 0;
  for (int sentence = 0; sentence < SizeOf(side.sequence.sentences); ++sentence) {
    const Piece& piece = At(side.sequence.sentences, sentence);
    for (; token < piece.end; ++token) {
      At(side.sentence, token) = sentence;
      At(side.outer, token) = token < piece.begin;
    }
  }
  for (; token < SizeOf(side.tokens); ++token) {
    At(side.sentence, token) = SizeOf(side.sequence.sentences);
  }
  return side;
}

Edition Edition::Align(Text from, Text to) {
  Side sides[] = {MakeSide(std::move(from)), MakeSide(std::move(to))};
  absl::flat_hash_map<absl::string_view, int> numbers;
  for (Side& side : sides) {
    for (const Span& token : side.tokens) {
      side.sequence.tokens.push_back(
          numbers.try_emplace(side.text.Slice(token), SizeOf(numbers)).first->second);
    }
  }
  Counterparts counterparts = FindCounterparts(sides[0].sequence, sides[1].sequence);
  return Edition(std::move(sides[0]), std::move(sides[1]), std::move(counterparts));
}

Edition::Edition(Side from, Side to, Counterparts counterparts)
    : from_(std::move(from)), to_(std::move(to)), counterparts_(std::move(counterparts)) {
  int numbers = 0;
  for (const auto* side : {&from_, &to_}) {
    for (const int number : side->sequence.tokens) numbers = std::max(numbers, number + 1);
  }
  places_.resize(static_cast<size_t>(numbers));
  for (int i = 0; i < SizeOf(to_.tokens); ++i) At(places_, At(to_.sequence.tokens, i)).push_back(i);
  const int size = SizeOf(from_.tokens);
  linked_before_.assign(from_.tokens.size(), -1);
  linked_after_.assign(from_.tokens.size(), size);
  const auto is_linked = [&](int i) { return At(counterparts_.of_from, i) >= 0; };
  for (int i = 0; i < size; ++i) {
    At(linked_before_, i) = is_linked(i) ? i : i == 0 ? -1 : At(linked_before_, i - 1);
  }
  for (int i = size - 1; i >= 0; --i) {
    At(linked_after_, i) = is_linked(i) ? i : i == size - 1 ? size : At(linked_after_, i + 1);
  }
}

Edition::Run Edition::RunOf(const Span& span) const {
  const auto& tokens = from_.tokens;
  const auto begin = std::partition_point(
      tokens.begin(), tokens.end(), [&](const Span& token) { return token.end <= span.begin; });
  const auto end = std::partition_point(begin, tokens.end(),
                                        [&](const Span& token) { return token.begin < span.end; });
  return {static_cast<int>(begin - tokens.begin()), static_cast<int>(end - tokens.begin())};
}

Span Edition::SpanOf(const Run& run, const Side& side) const {
  return {At(side.tokens, run.begin).begin, At(side.tokens, run.end - 1).end};
}

bool Edition::IsFree(int to) const { return At(counterparts_.of_to, to) < 0; }

bool Edition::HasWord(const Run& run, const Side& side) const {
  for (int i = run.begin; i < run.end; ++i) {
    if (At(side.sequence.is_word, i)) return true;
  }
  return false;
}

// Where `span` is if its first token is the counterpart of `to`, as far as the bytes are the same.
std::optional<Span> Edition::Whole(const Span& span, const Run& run, int to) const {
  const int last = to + (run.end - run.begin) - 1;
  if (to < 0 || last >= SizeOf(to_.tokens)) return std::nullopt;
  const Span image{At(to_.tokens, to).begin + (span.begin - At(from_.tokens, run.begin).begin),
                   At(to_.tokens, last).end + (span.end - At(from_.tokens, run.end - 1).end)};
  if (!to_.text.Holds(image) || to_.text.Slice(image) != from_.text.Slice(span)) {
    return std::nullopt;
  }
  return image;
}

// A passage without words goes with the token before it. `next` is the one after it.
std::optional<Span> Edition::WhiteSpace(const Span& span, int next) const {
  int shift = 0;
  if (next > 0) {
    const int before = At(counterparts_.of_from, next - 1);
    if (before < 0) return std::nullopt;
    shift = At(to_.tokens, before).end - At(from_.tokens, next - 1).end;
  }
  const Span image{span.begin + shift, span.end + shift};
  if (!to_.text.Holds(image) || to_.text.Slice(image) != from_.text.Slice(span)) {
    return std::nullopt;
  }
  return image;
}

// The nearest place of the same words that no other passage has a better claim to.
std::optional<Span> Edition::Elsewhere(const Span& span, const Run& run) const {
  int words = 0;
  int rarest = run.begin;
  const auto places_of = [&](int token) -> const std::vector<int>& {
    return At(places_, At(from_.sequence.tokens, token));
  };
  for (int i = run.begin; i < run.end; ++i) {
    words += At(from_.sequence.is_word, i);
    if (places_of(i).size() < places_of(rarest).size()) rarest = i;
  }
  if (words < kProvingWords) return std::nullopt;

  int expected = span.begin;
  const int before = At(linked_before_, run.begin);
  const int after = At(linked_after_, run.begin);
  if (before >= 0) {
    expected +=
        At(to_.tokens, At(counterparts_.of_from, before)).end - At(from_.tokens, before).end;
  } else if (after < SizeOf(from_.tokens)) {
    expected +=
        At(to_.tokens, At(counterparts_.of_from, after)).begin - At(from_.tokens, after).begin;
  }
  const auto is_other_passage = [&](int to) {
    const int first = At(counterparts_.of_to, to);
    if (first < 0 || first == run.begin) return false;
    for (int i = 1; i < run.end - run.begin; ++i) {
      if (At(counterparts_.of_to, to + i) != first + i) return false;
    }
    return true;
  };
  std::optional<Span> nearest;
  for (const int place : places_of(rarest)) {
    const int to = place - (rarest - run.begin);
    if (to < 0 || to + (run.end - run.begin) > SizeOf(to_.tokens)) continue;
    const bool equal =
        std::equal(from_.sequence.tokens.begin() + run.begin,
                   from_.sequence.tokens.begin() + run.end, to_.sequence.tokens.begin() + to);
    if (!equal || is_other_passage(to)) continue;
    const auto image = Whole(span, run, to);
    if (!image.has_value()) continue;
    if (!nearest.has_value() ||
        std::abs(image->begin - expected) < std::abs(nearest->begin - expected)) {
      nearest = image;
    }
  }
  return nearest;
}

// From the first to the last word that is left, of those that went together.
std::optional<Span> Edition::Altered(const Run& run) const {
  std::map<int, int> words_in_block;
  for (int i = run.begin; i < run.end; ++i) {
    if (At(counterparts_.of_from, i) >= 0 && At(from_.sequence.is_word, i)) {
      ++words_in_block[At(counterparts_.block, i)];
    }
  }
  if (words_in_block.empty()) return std::nullopt;
  const int block =
      std::max_element(words_in_block.begin(), words_in_block.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; })
          ->first;
  Run left{run.end, run.begin};
  for (int i = run.begin; i < run.end; ++i) {
    if (At(counterparts_.of_from, i) < 0 || At(counterparts_.block, i) != block) continue;
    left = {std::min(left.begin, i), i + 1};
  }
  const int first = At(counterparts_.of_from, left.begin);
  const int last = At(counterparts_.of_from, left.end - 1);
  Run image{first, last + 1};
  // Where words at an end are missing, what stands there instead; over as many ends of sentences.
  if (left.begin > run.begin) {
    const int sentences = At(from_.sentence, left.begin) - At(from_.sentence, run.begin);
    while (image.begin > 0 && IsFree(image.begin - 1) &&
           At(to_.sentence, first) - At(to_.sentence, image.begin - 1) <= sentences) {
      --image.begin;
    }
    while (image.begin < first && At(to_.outer, image.begin)) ++image.begin;
  }
  if (left.end < run.end) {
    const int sentences = At(from_.sentence, run.end - 1) - At(from_.sentence, left.end - 1);
    while (image.end < SizeOf(to_.tokens) && IsFree(image.end) &&
           At(to_.sentence, image.end) - At(to_.sentence, last) <= sentences) {
      ++image.end;
    }
    while (image.end - 1 > last && At(to_.outer, image.end - 1)) --image.end;
  }
  return SpanOf(image, to_);
}

// What stands in the place of a passage of which nothing is left, if its sentence is still there.
std::optional<Span> Edition::Replaced(const Run& run) const {
  const int first_sentence = At(from_.sentence, run.begin);
  const int last_sentence = At(from_.sentence, run.end - 1);
  int before = At(linked_before_, run.begin);
  int after = At(linked_after_, run.end - 1);
  const bool has_before = before >= 0 && At(from_.sentence, before) == first_sentence;
  const bool has_after = after < SizeOf(from_.tokens) && At(from_.sentence, after) == last_sentence;
  // Marks alone do not make it the same sentence.
  bool is_known = false;
  for (int i = run.begin - 1; i >= 0 && At(from_.sentence, i) == first_sentence; --i) {
    is_known = is_known || (At(counterparts_.of_from, i) >= 0 && At(from_.sequence.is_word, i));
  }
  for (int i = run.end; i < SizeOf(from_.tokens) && At(from_.sentence, i) == last_sentence; ++i) {
    is_known = is_known || (At(counterparts_.of_from, i) >= 0 && At(from_.sequence.is_word, i));
  }
  if (!is_known) return std::nullopt;
  Run image;
  if (has_before) {
    const int from = At(counterparts_.of_from, before);
    image = {from + 1, from + 1};
    while (image.end < SizeOf(to_.tokens) && IsFree(image.end) &&
           At(to_.sentence, image.end) == At(to_.sentence, from)) {
      ++image.end;
    }
  } else if (has_after) {
    const int to = At(counterparts_.of_from, after);
    image = {to, to};
    while (image.begin > 0 && IsFree(image.begin - 1) &&
           At(to_.sentence, image.begin - 1) == At(to_.sentence, to)) {
      --image.begin;
    }
    while (image.begin < image.end && At(to_.outer, image.begin)) ++image.begin;
  }
  if (!HasWord(image, to_)) return std::nullopt;
  return SpanOf(image, to_);
}

Image Edition::Map(const Span& span) const {
  if (!from_.text.Holds(span)) return {};
  const auto kept = [&](const Span& image) {
    return Image{image == span ? ImageKind::kSame : ImageKind::kMoved, image};
  };
  const Run run = RunOf(span);
  if (run.begin == run.end) {
    const auto image = WhiteSpace(span, run.begin);
    return image.has_value() ? kept(*image) : Image{};
  }
  const int first = At(counterparts_.of_from, run.begin);
  bool is_whole = first >= 0;
  for (int i = run.begin; i < run.end && is_whole; ++i) {
    is_whole = At(counterparts_.of_from, i) == first + (i - run.begin);
  }
  if (is_whole) {
    if (const auto image = Whole(span, run, first)) return kept(*image);
  }
  if (const auto image = Elsewhere(span, run)) return kept(*image);
  auto image = Altered(run);
  if (!image.has_value()) image = Replaced(run);
  if (!image.has_value()) return {};
  // The words around it may show what too few words of its own did not.
  if (to_.text.Slice(*image) == from_.text.Slice(span)) return kept(*image);
  return {ImageKind::kChanged, image};
}

std::vector<Span> Edition::Added() const {
  std::vector<Span> added;
  for (int i = 0; i < SizeOf(to_.tokens); ++i) {
    if (!IsFree(i)) continue;
    Run run{i, i};
    while (run.end < SizeOf(to_.tokens) && IsFree(run.end)) ++run.end;
    if (HasWord(run, to_)) added.push_back(SpanOf(run, to_));
    i = run.end;
  }
  return added;
}

}  // namespace entente::passage
