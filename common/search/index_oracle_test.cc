// SPDX-License-Identifier: Apache-2.0
//
// The index against a search through all documents, word by word: after random additions, changes
// and removals, random queries find the same documents in both, count them alike, and page through
// them without a gap.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/search/analysis.h"
#include "common/search/index.h"

namespace entente::search {
namespace {

const Labels& TestLabels() {
  static const auto* const labels = new Labels{{"organisation", "document"}, {"agency", "plan"}};
  return *labels;
}

// A document with its texts.
struct Known {
  std::vector<std::string> texts;
  Document document;
};
using Record = std::map<std::string, std::unique_ptr<Known>>;

// The words of one text of a document, in a field.
struct Words {
  Field field;
  std::vector<std::string> words;
};

std::vector<Words> WordsOf(const Document& document) {
  std::vector<Words> all;
  for (const Value& value : document.values) {
    Words words{value.field, {}};
    for (Token& token : Analyse(value.text)) words.words.push_back(std::move(token.word));
    all.push_back(std::move(words));
  }
  return all;
}

bool Stands(const Term& term, const std::vector<std::string>& words, size_t at) {
  if (at + term.words.size() > words.size()) return false;
  for (size_t i = 0; i < term.words.size(); ++i) {
    const bool last = i + 1 == term.words.size();
    if (term.prefix && last ? !absl::StartsWith(words[at + i], term.words[i].word)
                            : words[at + i] != term.words[i].word) {
      return false;
    }
  }
  return true;
}

bool Matches(const Document& document, const std::vector<Words>& words, const Query& query,
             const Node& node) {
  const auto child = [&](const Node& inner) { return Matches(document, words, query, inner); };
  switch (node.kind) {
    case Node::Kind::kAnd:
      return std::all_of(node.children.begin(), node.children.end(), child);
    case Node::Kind::kOr:
      return std::any_of(node.children.begin(), node.children.end(), child);
    case Node::Kind::kNot:
      return !child(node.children[0]);
    case Node::Kind::kAttribute: {
      const AttributeTest& test = query.attributes[node.index];
      const Attributes& attributes = document.attributes;
      switch (test.attribute) {
        case AttributeTest::Attribute::kType:
          return LabelOfType(attributes.type) == test.label;
        case AttributeTest::Attribute::kKind:
          return !attributes.kind.empty() && LabelOfKind(attributes.kind) == test.label;
        case AttributeTest::Attribute::kPartnership:
          return std::any_of(
              attributes.partnerships.begin(), attributes.partnerships.end(),
              [&](const std::string& name) { return LabelOfPartnership(name) == test.label; });
      }
      return false;
    }
    case Node::Kind::kTerm: {
      const Term& term = query.terms[node.index];
      for (const Words& text : words) {
        if (!Has(term.fields, text.field)) continue;
        for (size_t at = 0; at < text.words.size(); ++at) {
          if (Stands(term, text.words, at)) return true;
        }
      }
      return false;
    }
  }
  return false;
}

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  int Below(int n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }

  // Few words, so that they meet: in several scripts, with accents and as abbreviations.
  std::string Word() {
    static const char* const kWords[] = {"energy", "Énergie",   "river",    "rivers",   "U.S.",
                                         "us",     "ประเทศไทย", "Đồng",     "dong",     "1,000",
                                         "1000",   "mekong",    "one-year", "agency's", "agency",
                                         "ab",     "abc",       "abd"};
    return kWords[Below(static_cast<int>(std::size(kWords)))];
  }
  std::string Text() {
    std::string text = Word();
    for (int n = Below(7); n > 0; --n) absl::StrAppend(&text, " ", Word());
    return text;
  }
  std::unique_ptr<Known> Make(const std::string& name) {
    auto known = std::make_unique<Known>();
    known->document.name = name;
    known->document.attributes.type =
        Below(2) == 0 ? "entente.dev/Organisation" : "entente.dev/Document";
    if (Below(3) > 0) {
      known->document.attributes.kind =
          Below(2) == 0 ? "ORGANISATION_KIND_AGENCY" : "DOCUMENT_KIND_PLAN";
    }
    for (const char* id : {"p", "q"}) {
      if (Below(2) == 0) {
        known->document.attributes.partnerships.push_back(absl::StrCat("partnerships/", id));
      }
    }
    const int values = Below(6);
    for (int i = 0; i < values; ++i) known->texts.push_back(Text());
    for (const std::string& text : known->texts) {
      known->document.values.push_back({static_cast<Field>(Below(kFields)), "", "", text});
    }
    return known;
  }

  std::string Condition(int depth) {
    const std::string sign = Below(5) == 0 ? "-" : "";
    switch (Below(depth > 0 ? 9 : 7)) {
      case 0:
        return absl::StrCat(sign, "\"", Text(), "\"");
      case 1:
        return absl::StrCat(sign, Below(2) == 0 ? "ri" : "ab", "*");
      case 2:
        return absl::StrCat(sign, kFieldNames[static_cast<size_t>(Below(kFields))], ":", Word());
      case 3:
        return absl::StrCat(sign, Below(2) == 0 ? "type:organisation" : "kind:plan");
      case 4:
        return absl::StrCat(sign, "partnership:", Below(2) == 0 ? "p" : "nowhere");
      case 7:
        return absl::StrCat(sign, "(", Query(depth - 1), ")");
      case 8:
        return absl::StrCat(sign, "title:(", Word(), " OR ", Word(), ")");
      default:
        return absl::StrCat(sign, Word());
    }
  }
  std::string Query(int depth) {
    std::string query = Condition(depth);
    for (int n = Below(3); n > 0; --n) {
      absl::StrAppend(&query, Below(2) == 0 ? " OR " : " ", Condition(depth));
    }
    return query;
  }

 private:
  std::mt19937 random_;
};

std::vector<std::string> NamesOf(const std::vector<Hit>& hits) {
  std::vector<std::string> names;
  for (const Hit& hit : hits) names.push_back(hit.name);
  return names;
}

class IndexOracleTest : public testing::TestWithParam<uint32_t> {
 protected:
  // Changes some documents, in the record and in the index.
  void Step() {
    std::vector<std::unique_ptr<Known>> gone;
    std::vector<Index::Change> changes;
    std::set<std::string> names;
    for (int n = 1 + generator_.Below(8); n > 0; --n) {
      names.insert(absl::StrCat("documents/d", generator_.Below(60)));
    }
    for (const std::string& name : names) {
      Index::Change change{nullptr, nullptr};
      if (auto& known = record_[name]; known != nullptr) {
        change.before = &known->document;
        gone.push_back(std::move(known));
      }
      if (generator_.Below(4) > 0) {
        record_[name] = generator_.Make(name);
        change.after = &record_[name]->document;
      } else {
        record_.erase(name);
      }
      if (change.before != nullptr || change.after != nullptr) changes.push_back(change);
    }
    ASSERT_TRUE(index_->Apply(changes).ok());
  }

  void Ask(const std::string& text) {
    SCOPED_TRACE(text);
    const auto query = Parse(text, TestLabels());
    ASSERT_TRUE(query.ok()) << query.status();
    std::vector<std::string> expected;
    std::map<std::string, int64_t> types;
    for (const auto& [name, known] : record_) {
      if (!Matches(known->document, WordsOf(known->document), *query, query->root)) continue;
      expected.push_back(name);
      ++types[known->document.attributes.type];
    }
    Search search;
    search.query = &*query;
    search.limit = 1000;
    const auto all = index_->Find(search);
    ASSERT_TRUE(all.ok()) << all.status();
    EXPECT_THAT(NamesOf(all->hits), testing::UnorderedElementsAreArray(expected));
    EXPECT_EQ(all->total, static_cast<int64_t>(expected.size()));
    EXPECT_FALSE(all->more);
    EXPECT_TRUE(std::is_sorted(all->hits.begin(), all->hits.end(),
                               [](const Hit& a, const Hit& b) { return a.IsBefore(b); }));
    std::map<std::string, int64_t> counted;
    for (const auto& [attributes, count] : all->attributes) counted[attributes->type] += count;
    EXPECT_EQ(counted, types);

    // In pages.
    std::vector<Hit> paged;
    search.limit = static_cast<size_t>(1 + generator_.Below(5));
    for (bool more = true; more;) {
      const auto page = index_->Find(search);
      ASSERT_TRUE(page.ok());
      EXPECT_EQ(page->total, all->total);
      paged.insert(paged.end(), page->hits.begin(), page->hits.end());
      more = page->more;
      ASSERT_TRUE(!more || page->hits.size() == search.limit);
      if (more) search.after = page->hits.back();
    }
    EXPECT_EQ(NamesOf(paged), NamesOf(all->hits));

    // Of one type.
    search.after = std::nullopt;
    search.limit = 1000;
    search.accepts = [](const Attributes& attributes) {
      return attributes.type == "entente.dev/Document";
    };
    const auto some = index_->Find(search);
    ASSERT_TRUE(some.ok());
    EXPECT_EQ(some->total, types["entente.dev/Document"]);
    EXPECT_EQ(static_cast<int64_t>(some->hits.size()), some->total);
  }

  Generator generator_{GetParam()};
  Record record_;
  std::unique_ptr<Index> index_ = Index::Create().value();
};

TEST_P(IndexOracleTest, FindsWhatASearchThroughAllFinds) {
  for (int step = 0; step < 40; ++step) {
    ASSERT_NO_FATAL_FAILURE(Step());
    for (int i = 0; i < 12; ++i) ASSERT_NO_FATAL_FAILURE(Ask(generator_.Query(2)));
  }
}

TEST_P(IndexOracleTest, AnIndexThatWasChangedIsThatOfWhatIsThere) {
  for (int step = 0; step < 60; ++step) ASSERT_NO_FATAL_FAILURE(Step());
  auto fresh = Index::Create().value();
  std::vector<Index::Change> changes;
  for (const auto& [name, known] : record_) changes.push_back({nullptr, &known->document});
  ASSERT_TRUE(fresh->Apply(changes).ok());
  EXPECT_EQ(fresh->documents(), index_->documents());
  EXPECT_EQ(fresh->vocabulary().size(), index_->vocabulary().size());
  for (int i = 0; i < 50; ++i) {
    const std::string text = generator_.Query(2);
    const auto query = Parse(text, TestLabels()).value();
    Search search;
    search.query = &query;
    search.limit = 100;
    const auto a = fresh->Find(search).value();
    const auto b = index_->Find(search).value();
    ASSERT_EQ(NamesOf(a.hits), NamesOf(b.hits));
    for (size_t k = 0; k < a.hits.size(); ++k) EXPECT_EQ(a.hits[k].score, b.hits[k].score) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, IndexOracleTest, testing::Range(1U, 9U));

class IndexTest : public testing::Test {
 protected:
  void Add(const std::string& name, Field field, const std::string& text,
           Field field2 = Field::kTitle, const std::string& text2 = "") {
    auto known = std::make_unique<Known>();
    known->texts = {text, text2};
    known->document.name = name;
    known->document.attributes.type = "entente.dev/Document";
    known->document.values = {{field, "", "", known->texts[0]}, {field2, "", "", known->texts[1]}};
    const Index::Change change{nullptr, &known->document};
    ASSERT_TRUE(index_->Apply({&change, 1}).ok());
    record_[name] = std::move(known);
  }
  std::vector<std::string> Find(const std::string& text) {
    const auto query = Parse(text, TestLabels()).value();
    Search search;
    search.query = &query;
    search.limit = 100;
    return NamesOf(index_->Find(search).value().hits);
  }

  Record record_;
  std::unique_ptr<Index> index_ = Index::Create().value();
};

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(IndexTest, FieldsHaveTheirWeight) {
  Add("d/reference", Field::kReference, "mekong");
  Add("d/note", Field::kNote, "mekong mekong");
  Add("d/description", Field::kDescription, "the mekong river and more of it");
  Add("d/name", Field::kName, "greater mekong region");
  Add("d/title", Field::kTitle, "lower mekong region");
  for (int i = 0; i < 20; ++i) Add(absl::StrCat("d/x", i), Field::kTitle, "another river region");
  EXPECT_THAT(Find("mekong"),
              ElementsAre("d/title", "d/name", "d/description", "d/note", "d/reference"));
}

TEST_F(IndexTest, AWholeNameComesFirst) {
  Add("d/a", Field::kTitle, "Clean Energy", Field::kDescription, "clean energy clean energy");
  Add("d/b", Field::kTitle, "Energy", Field::kNote, "x");
  Add("d/c", Field::kTitle, "Energy energy energy", Field::kDescription, "energy energy");
  EXPECT_THAT(Find("energy"), ElementsAre("d/b", testing::_, testing::_));
  EXPECT_EQ(Find("clean energy").front(), "d/a");
}

TEST_F(IndexTest, RareWordsCountForMore) {
  Add("d/rare", Field::kTitle, "mekong");
  for (int i = 0; i < 30; ++i) Add(absl::StrCat("d/x", i), Field::kTitle, "river");
  EXPECT_EQ(Find("river OR mekong").front(), "d/rare");
}

TEST_F(IndexTest, PhrasesDoNotReachFromOneTextToTheNext) {
  Add("d/a", Field::kTitle, "clean", Field::kTitle, "energy");
  EXPECT_THAT(Find("\"clean energy\""), IsEmpty());
  EXPECT_THAT(Find("clean energy"), ElementsAre("d/a"));
}

TEST_F(IndexTest, MarksAreNoWords) {
  Add("d/a", Field::kTitle, "all", Field::kNote, "0:document =all ==all");
  EXPECT_THAT(Find("0 document"), ElementsAre("d/a"));
  EXPECT_THAT(Find("partnership:x'OR+c0:"), IsEmpty());
}

TEST_F(IndexTest, WhatIsSaidToBeThereMustBe) {
  Add("d/a", Field::kTitle, "one");
  Document other;
  other.name = "d/a";
  Index::Change change{&other, nullptr};
  EXPECT_EQ(index_->Apply({&change, 1}).code(), absl::StatusCode::kFailedPrecondition);
  other.name = "d/none";
  EXPECT_EQ(index_->Apply({&change, 1}).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(IndexTest, ANameIsThereOnce) {
  Add("d/a", Field::kTitle, "one");
  const Index::Change change{nullptr, &record_["d/a"]->document};
  EXPECT_EQ(index_->Apply({&change, 1}).code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace entente::search
