// SPDX-License-Identifier: Apache-2.0
//
// Texts that are made up and edited at random, so that it is known what became of every word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/passage/edition.h"

namespace entente::passage {
namespace {

using testing::IsEmpty;

Text Of(const std::string& bytes) { return *Text::FromUtf8(bytes); }

struct Word {
  int id;
  std::string text;
  std::string space;  // Before it; empty for marks alone.
};
using Paragraph = std::vector<Word>;
using Draft = std::vector<Paragraph>;

class Author {
 public:
  explicit Author(unsigned seed) : random_(seed) {}

  size_t Below(size_t bound) { return random_() % bound; }

  Draft NewDraft(size_t paragraphs) {
    Draft draft;
    for (size_t i = 0; i < paragraphs; ++i) draft.push_back(NewParagraph());
    return draft;
  }

  void Edit(Draft* draft) {
    const size_t at = Below(draft->size());
    Paragraph& paragraph = (*draft)[at];
    size_t word = Below(paragraph.size());
    while (paragraph[word].space.empty()) --word;
    switch (Below(8)) {
      case 0:
        Move(draft);
        break;
      case 1:
        draft->insert(draft->begin() + static_cast<ptrdiff_t>(at), NewParagraph());
        break;
      case 2:
        if (draft->size() > 1) draft->erase(draft->begin() + static_cast<ptrdiff_t>(at));
        break;
      case 3: {
        const Paragraph sentence = NewSentence();
        paragraph.insert(paragraph.end(), sentence.begin(), sentence.end());
        break;
      }
      case 4:
        if (word > 0) paragraph.erase(paragraph.begin() + static_cast<ptrdiff_t>(word));
        break;
      case 5:
        paragraph.insert(paragraph.begin() + static_cast<ptrdiff_t>(word) + 1,
                         {++last_id_, AnyWord(), " "});
        break;
      default:
        paragraph[word] = NewVersion(paragraph[word]);
    }
  }

  // Takes a paragraph somewhere else.
  void Move(Draft* draft) {
    const auto from = draft->begin() + static_cast<ptrdiff_t>(Below(draft->size()));
    Paragraph moved = std::move(*from);
    draft->erase(from);
    draft->insert(draft->begin() + static_cast<ptrdiff_t>(Below(draft->size() + 1)),
                  std::move(moved));
  }

  // Another word, which stands in no draft yet.
  Word NewVersion(const Word& word) {
    ++last_id_;
    return {last_id_, absl::StrCat("new", last_id_), word.space};
  }

 private:
  // Half of all words are among a few, as in any text; others have letters beyond ASCII.
  std::string AnyWord() {
    static constexpr const char* kFrequent[] = {"the", "of", "and",     "to", "in", "a",   "für",
                                                "is",  "on", "million", "at", "Đà", "with"};
    static constexpr const char* kSyllables[] = {"ra",  "né", "bo",  "lüt", "shi", "ka",
                                                 "Việ", "東", "mon", "er",  "ul",  "tö",
                                                 "gri", "pa", "со",  "ny"};
    if (Below(2) == 0) return kFrequent[Below(13)];
    if (Below(8) == 0) return absl::StrCat(Below(3) == 0 ? "$" : "", 1 + Below(300));
    std::string word;
    for (size_t i = 2 + Below(2); i > 0; --i) word += kSyllables[Below(16)];
    return word;
  }

  Paragraph NewSentence() {
    Paragraph sentence;
    for (size_t i = 5 + Below(20); i > 0; --i) {
      sentence.push_back({++last_id_, AnyWord(), " "});
      if (Below(12) == 0) sentence.push_back({++last_id_, ",", ""});
    }
    sentence.front().text = absl::StrCat("A", last_id_);
    sentence.push_back({++last_id_, ".", ""});
    return sentence;
  }

  Paragraph NewParagraph() {
    Paragraph paragraph;
    for (size_t i = 1 + Below(4); i > 0; --i) {
      for (Word& word : NewSentence()) paragraph.push_back(std::move(word));
    }
    paragraph.front().space = Below(3) == 0 ? "\n  • " : "\n";
    return paragraph;
  }

  std::mt19937 random_;
  int last_id_ = 0;
};

// A draft as a text, and where its words stand.
class Printed {
 public:
  explicit Printed(const Draft& draft) : text_(Of("")) {
    std::string bytes;
    int at = 0;
    for (const Paragraph& paragraph : draft) {
      for (const Word& word : paragraph) {
        absl::StrAppend(&bytes, word.space, word.text);
        at += Of(word.space).length();
        const Span span{at, at + Of(word.text).length()};
        at = span.end;
        place_[word.id] = spans_.size();
        ids_.push_back(word.id);
        spans_.push_back(span);
        is_mark_.push_back(word.space.empty());
      }
    }
    text_ = Of(bytes);
  }

  const Text& text() const { return text_; }
  size_t words() const { return ids_.size(); }
  int id(size_t word) const { return ids_[word]; }
  bool is_mark(size_t word) const { return is_mark_[word]; }
  bool Has(int id) const { return place_.count(id) > 0; }
  // Of a word by its id, and of words first to last.
  Span SpanOf(int id) const { return spans_[place_.at(id)]; }
  Span SpanOf(size_t first, size_t last) const { return {spans_[first].begin, spans_[last].end}; }

 private:
  Text text_;
  std::vector<int> ids_;
  std::vector<Span> spans_;
  std::vector<bool> is_mark_;
  std::map<int, size_t> place_;
};

// A passage of a printed draft, and what became of it in another one.
struct Passage {
  Passage(const Printed& from, const Printed& to, size_t first, size_t last)
      : span(from.SpanOf(first, last)) {
    std::optional<int> shift;
    bool is_whole = true;
    for (size_t i = first; i <= last; ++i) {
      if (from.is_mark(i)) continue;
      ++words;
      if (!to.Has(from.id(i))) {
        is_whole = false;
        continue;
      }
      left.push_back(from.id(i));
      const int moved = to.SpanOf(from.id(i)).begin - from.SpanOf(i, i).begin;
      is_whole = is_whole && moved == shift.value_or(moved);
      shift = moved;
    }
    if (!is_whole || !shift.has_value()) return;
    const Span image{span.begin + *shift, span.end + *shift};
    if (to.text().Holds(image) && to.text().Slice(image) == from.text().Slice(span)) {
      untouched = image;
    }
  }

  // How many of the words that are left stand in `image`.
  int LeftIn(const Printed& to, const Span& image) const {
    return static_cast<int>(std::count_if(left.begin(), left.end(),
                                          [&](int id) { return image.Contains(to.SpanOf(id)); }));
  }

  Span span;
  int words = 0;
  std::vector<int> left;  // The words that are left, by id.
  std::optional<Span> untouched;
};

bool IsKept(const Image& image) {
  return image.kind == ImageKind::kSame || image.kind == ImageKind::kMoved;
}

TEST(EditionPropertyTest, AgainstItselfEverythingIsTheSame) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    Author author(seed);
    Draft draft = author.NewDraft(10);
    draft.push_back(draft.front());  // A paragraph that stands twice.
    const Text text = Printed(draft).text();
    const Edition edition = Edition::Align(text, text);
    EXPECT_THAT(edition.Added(), IsEmpty());
    for (int i = 0; i < 300; ++i) {
      const int begin = static_cast<int>(author.Below(static_cast<size_t>(text.length())));
      const Span span{begin,
                      std::min(begin + 1 + static_cast<int>(author.Below(300)), text.length())};
      ASSERT_EQ(edition.Map(span), (Image{ImageKind::kSame, span}));
    }
  }
}

TEST(EditionPropertyTest, ParagraphsInAnotherOrderTakeTheirPassagesWithThem) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    Author author(seed);
    Draft draft = author.NewDraft(2 + author.Below(20));
    const Printed from(draft);
    for (int i = 0; i < 10; ++i) author.Move(&draft);
    const Printed to(draft);
    const Edition edition = Edition::Align(from.text(), to.text());
    EXPECT_THAT(edition.Added(), IsEmpty());
    for (int i = 0; i < 100; ++i) {
      const size_t first = author.Below(from.words());
      const size_t last = std::min(first + author.Below(25), from.words() - 1);
      const Passage passage(from, to, first, last);
      const bool is_of_several = absl::StrContains(from.text().Slice(passage.span), '\n');
      if (is_of_several || passage.words == 0) continue;
      ASSERT_TRUE(passage.untouched.has_value());
      const Image image = edition.Map(passage.span);
      ASSERT_TRUE(IsKept(image)) << from.text().Slice(passage.span);
      ASSERT_EQ(*image.span, *passage.untouched);
    }
  }
}

// The heart of the matter: what was not touched is found where it went, and what was is not passed
// off as the same.
TEST(EditionPropertyTest, WhatBecomesOfPassagesOfEditedTexts) {
  int few_words = 0;
  int few_words_lost = 0;
  int few_words_false = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    Author author(seed);
    Draft draft = author.NewDraft(3 + author.Below(25));
    const Printed from(draft);
    for (size_t edits = author.Below(40); edits > 0; --edits) author.Edit(&draft);
    const Printed to(draft);
    const Edition edition = Edition::Align(from.text(), to.text());
    for (int i = 0; i < 100; ++i) {
      const size_t first = author.Below(from.words());
      const size_t size = author.Below(author.Below(3) == 0 ? 4 : 25);
      const Passage passage(from, to, first, std::min(first + size, from.words() - 1));
      const Image image = edition.Map(passage.span);
      SCOPED_TRACE(absl::StrCat("seed ", seed, ": ", std::string(ImageKindName(image.kind)), ": ",
                                std::string(from.text().Slice(passage.span))));
      ASSERT_EQ(image.span.has_value(), image.kind != ImageKind::kGone);
      if (image.span.has_value()) {
        ASSERT_TRUE(to.text().Holds(*image.span));
        ASSERT_EQ(to.text().Slice(*image.span) == from.text().Slice(passage.span), IsKept(image));
        ASSERT_EQ(image.kind == ImageKind::kSame, IsKept(image) && *image.span == passage.span);
      }
      const bool is_lost = passage.untouched.has_value() && !IsKept(image);
      // Words that were put in may make up for those that were taken out; most must be the same.
      const bool is_false = IsKept(image) && !passage.untouched.has_value() &&
                            2 * passage.LeftIn(to, *image.span) < passage.words;
      if (IsKept(image) && passage.untouched.has_value()) {
        ASSERT_EQ(*image.span, *passage.untouched);
      }
      if (image.kind == ImageKind::kChanged && !passage.left.empty()) {
        ASSERT_GT(passage.LeftIn(to, *image.span), 0) << "it is somewhere else";
      }
      if (passage.words >= kProvingWords) {
        ASSERT_FALSE(is_lost);
        ASSERT_FALSE(is_false);
      } else {
        ++few_words;
        few_words_lost += is_lost;
        few_words_false += is_false;
      }
    }
  }
  EXPECT_GT(few_words, 10'000);
  EXPECT_LT(few_words_lost, few_words / 50) << "between edits there is little to know them by";
  EXPECT_LT(few_words_false, few_words / 1000);
}

TEST(EditionPropertyTest, WhatIsNewIsListed) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    Author author(seed);
    Draft draft = author.NewDraft(3 + author.Below(25));
    const Printed from(draft);
    std::vector<int> replaced;
    for (Paragraph& paragraph : draft) {
      Word& word = paragraph[0];
      word = author.NewVersion(word);
      replaced.push_back(word.id);
    }
    const Printed to(draft);
    const Edition edition = Edition::Align(from.text(), to.text());
    std::vector<Span> expected;
    for (const int id : replaced) expected.push_back(to.SpanOf(id));
    EXPECT_EQ(edition.Added(), expected);
  }
}

// The next year's fact sheet: every sentence is still there, and no sentence is the same.
TEST(EditionPropertyTest, AFigureOfEverySentenceOfALongText) {
  Author author(1);
  Draft draft = author.NewDraft(3000);
  const Printed from(draft);
  for (Paragraph& paragraph : draft) {
    for (size_t i = 0; i + 1 < paragraph.size(); i += 11) {
      if (!paragraph[i].space.empty()) paragraph[i] = author.NewVersion(paragraph[i]);
    }
  }
  const Printed to(draft);
  ASSERT_GT(from.words(), 100'000u);
  const Edition edition = Edition::Align(from.text(), to.text());
  for (size_t i = 0; i + 4 < from.words(); ++i) {
    const Passage passage(from, to, i, i + 4);
    if (!passage.untouched.has_value()) {
      ASSERT_FALSE(IsKept(edition.Map(passage.span)));
    } else if (passage.words == 5) {
      ASSERT_EQ(edition.Map(passage.span).span, passage.untouched);
    }
  }
}

// Only words are in common. That this ends is what is tested, and that nothing is made up.
TEST(EditionPropertyTest, LongTextsThatHaveNothingInCommon) {
  Author author(2);
  const Printed from(author.NewDraft(2500));
  const Printed to(author.NewDraft(2500));
  const Edition edition = Edition::Align(from.text(), to.text());
  for (size_t i = 0; i + 9 < from.words(); i += 7) {
    ASSERT_FALSE(IsKept(edition.Map(from.SpanOf(i, i + 9))));
  }
}

TEST(EditionPropertyTest, TheSameTextsGiveTheSameImagesInAnyThread) {
  Author author(3);
  Draft draft = author.NewDraft(40);
  const Printed from(draft);
  for (int i = 0; i < 40; ++i) author.Edit(&draft);
  const Printed to(draft);
  const Edition edition = Edition::Align(from.text(), to.text());
  const auto images = [&](const Edition& of) {
    std::vector<Image> all;
    for (size_t i = 0; i + 5 < from.words(); ++i) all.push_back(of.Map(from.SpanOf(i, i + 5)));
    return all;
  };
  const std::vector<Image> expected = images(edition);
  std::vector<Image> found[4];
  std::vector<std::thread> threads;
  for (size_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      found[i] = i % 2 == 0 ? images(edition) : images(Edition::Align(from.text(), to.text()));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& each : found) EXPECT_EQ(each, expected);
}

}  // namespace
}  // namespace entente::passage
