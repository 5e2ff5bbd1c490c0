// SPDX-License-Identifier: Apache-2.0
// Random filters on random messages, against an evaluator that shares nothing with the filter: it
// never parses, and reads messages by their generated accessors.

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/filter/filter.h"
#include "common/filter/testing/sample_util.h"
#include "gtest/gtest.h"

namespace entente::filter {
namespace {

using testing::Person;
using testing::PlainSchema;
using testing::Sample;
using Truth = std::function<bool(const Sample&)>;

// A condition as a tree, with its meaning.
struct Node {
  enum class Kind { kLeaf, kAnd, kOr, kNot } kind = Kind::kLeaf;
  std::string text;  // of a leaf
  Truth truth;       // of a leaf
  std::vector<Node> children;

  bool Evaluate(const Sample& sample) const {
    switch (kind) {
      case Kind::kLeaf:
        return truth(sample);
      case Kind::kNot:
        return !children[0].Evaluate(sample);
      case Kind::kAnd:
        for (const Node& child : children) {
          if (!child.Evaluate(sample)) return false;
        }
        return true;
      case Kind::kOr:
        for (const Node& child : children) {
          if (child.Evaluate(sample)) return true;
        }
        return false;
    }
    return false;
  }
};

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  Node MakeNode(int depth) {
    const int kind = depth == 0 ? 0 : Below(5);
    if (kind <= 1) return MakeLeaf();
    Node node;
    node.kind = kind == 2 ? Node::Kind::kNot : kind == 3 ? Node::Kind::kAnd : Node::Kind::kOr;
    const int count = kind == 2 ? 1 : 2 + Below(2);
    for (int i = 0; i < count; ++i) node.children.push_back(MakeNode(depth - 1));
    return node;
  }

  // The tree as a filter: parentheses only where AIP-160's precedence needs them, and sometimes
  // where it does not.
  std::string Print(const Node& node) {
    std::string text;
    switch (node.kind) {
      case Node::Kind::kLeaf:
        text = node.text;
        break;
      case Node::Kind::kNot: {
        const Node& child = node.children[0];
        text = absl::StrCat(Below(2) ? "-" : "NOT" + Space(),
                            child.kind == Node::Kind::kLeaf ? Print(child) : Enclose(Print(child)));
        break;
      }
      case Node::Kind::kAnd:
        for (const Node& child : node.children) {
          if (!text.empty()) text += Below(2) ? absl::StrCat(Space(), "AND", Space()) : Space();
          // OR binds tighter: it needs no parentheses here.
          text += child.kind == Node::Kind::kAnd ? Enclose(Print(child)) : Print(child);
        }
        break;
      case Node::Kind::kOr:
        for (const Node& child : node.children) {
          if (!text.empty()) absl::StrAppend(&text, Space(), "OR", Space());
          text += child.kind == Node::Kind::kAnd || child.kind == Node::Kind::kOr
                      ? Enclose(Print(child))
                      : Print(child);
        }
        break;
    }
    return Below(8) == 0 ? Enclose(text) : text;
  }

  Sample MakeSample() {
    Sample sample;
    sample.set_title(Word());
    sample.set_count(Number());
    sample.set_ratio(Number() / 2.0);
    sample.set_active(Below(2));
    sample.set_stage(static_cast<testing::Stage>(Below(4)));
    if (Below(2)) sample.set_rank(Number());
    if (Below(2)) sample.set_label(Word());
    if (Below(2)) *sample.mutable_owner() = MakePerson();
    for (int i = Below(3); i > 0; --i) sample.add_tags(Word());
    for (int i = Below(3); i > 0; --i) sample.add_numbers(Number());
    for (int i = Below(3); i > 0; --i) *sample.add_people() = MakePerson();
    for (int i = Below(3); i > 0; --i) (*sample.mutable_labels())[Word()] = Word();
    for (int i = Below(3); i > 0; --i) (*sample.mutable_staff())[Word()] = MakePerson();
    if (Below(2)) sample.mutable_create_time()->set_seconds(Number());
    if (Below(2)) sample.mutable_length()->set_seconds(Number());
    return sample;
  }

 private:
  int Below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  int Number() { return Below(5) - 2; }
  std::string Word() {
    static const char* const kWords[] = {"", "a", "b", "ab", "aB", "ba b", "é"};
    return kWords[Below(7)];
  }
  std::string Space() { return Below(4) == 0 ? " \n " : " "; }
  std::string Gap() { return Below(3) == 0 ? " " : ""; }
  std::string Enclose(const std::string& text) {
    return absl::StrCat("(", Gap(), text, Gap(), ")");
  }
  static std::string Quote(const std::string& text) { return absl::StrCat("\"", text, "\""); }

  Person MakePerson() {
    Person person;
    person.set_name(Word());
    person.set_age(Number());
    if (Below(2)) person.mutable_address()->set_city(Word());
    for (int i = Below(3); i > 0; --i) person.add_homes()->set_city(Word());
    return person;
  }

  struct Comparison {
    std::string text;
    bool (*holds)(int order);
  };
  Comparison AnyComparison() {
    static const Comparison kAll[] = {
        {"=", [](int order) { return order == 0; }}, {"!=", [](int order) { return order != 0; }},
        {"<", [](int order) { return order < 0; }},  {"<=", [](int order) { return order <= 0; }},
        {">", [](int order) { return order > 0; }},  {">=", [](int order) { return order >= 0; }},
        {":", [](int order) { return order == 0; }},
    };
    Comparison comparison = kAll[Below(7)];
    comparison.text = Gap() + comparison.text + Gap();
    return comparison;
  }

  static Node Leaf(std::string text, Truth truth) {
    Node node;
    node.text = std::move(text);
    node.truth = std::move(truth);
    return node;
  }

  Node MakeLeaf() {
    const Comparison op = AnyComparison();
    const auto holds = op.holds;
    const int n = Number();
    const std::string w = Word();
    const std::string words = Quote(w);
    switch (Below(21)) {
      case 0:
        return Leaf(absl::StrCat("count", op.text, n),
                    [=](const Sample& s) { return holds(s.count() - n); });
      case 1:
        return Leaf(absl::StrCat("ratio", op.text, n, ".5"), [=](const Sample& s) {
          const double wanted = n < 0 ? n - 0.5 : n + 0.5;
          return holds(s.ratio() < wanted ? -1 : s.ratio() > wanted ? 1 : 0);
        });
      case 2:
        return Leaf(absl::StrCat("rank", op.text, n),
                    [=](const Sample& s) { return s.has_rank() && holds(s.rank() - n); });
      case 3:
        return Leaf(absl::StrCat("title", op.text, words),
                    [=](const Sample& s) { return holds(s.title().compare(w)); });
      case 4:
        return Leaf(absl::StrCat("label", op.text, words), [=](const Sample& s) {
          return s.choice_case() == Sample::kLabel && holds(s.label().compare(w));
        });
      case 5:
        return Leaf(absl::StrCat("title", Gap(), "=", Gap(), "\"", w, "*\""),
                    [=](const Sample& s) { return absl::StartsWith(s.title(), w); });
      case 6:
        return Leaf(absl::StrCat("title!='*", w, "'"),
                    [=](const Sample& s) { return !absl::EndsWith(s.title(), w); });
      case 7:
        return Leaf(absl::StrCat("owner.age", op.text, n),
                    [=](const Sample& s) { return s.has_owner() && holds(s.owner().age() - n); });
      case 8:
        return Leaf(absl::StrCat("owner.address.city", op.text, words), [=](const Sample& s) {
          return s.owner().has_address() && holds(s.owner().address().city().compare(w));
        });
      case 9:
        return Leaf(absl::StrCat("numbers:", n), [=](const Sample& s) {
          for (int64_t number : s.numbers()) {
            if (number == n) return true;
          }
          return false;
        });
      case 10:
        return Leaf(absl::StrCat("tags:\"*", w, "*\""), [=](const Sample& s) {
          for (const std::string& tag : s.tags()) {
            if (absl::StrContains(tag, w)) return true;
          }
          return false;
        });
      case 11:
        return Leaf(absl::StrCat("people.homes.city:", words), [=](const Sample& s) {
          for (const Person& person : s.people()) {
            for (const auto& home : person.homes()) {
              if (home.city() == w) return true;
            }
          }
          return false;
        });
      case 12:
        return Leaf(absl::StrCat("labels.", words, op.text, "ab"), [=](const Sample& s) {
          const auto found = s.labels().find(w);
          return found != s.labels().end() && holds(found->second.compare("ab"));
        });
      case 13:
        return Leaf(absl::StrCat("labels:", words),
                    [=](const Sample& s) { return s.labels().contains(w); });
      case 14:
        return Leaf(absl::StrCat("staff.", words, ".age", op.text, n), [=](const Sample& s) {
          const auto found = s.staff().find(w);
          return found != s.staff().end() && holds(found->second.age() - n);
        });
      case 15: {
        const std::string second = n < 0 ? absl::StrCat("1969-12-31T23:59:", 60 + n, "Z")
                                         : absl::StrCat("1970-01-01T01:00:0", n, "+01:00");
        return Leaf(absl::StrCat("create_time", op.text, second), [=](const Sample& s) {
          return s.has_create_time() && holds(static_cast<int>(s.create_time().seconds()) - n);
        });
      }
      case 16:
        return Leaf(absl::StrCat("length", op.text, n, ".0s"), [=](const Sample& s) {
          return s.has_length() && holds(static_cast<int>(s.length().seconds()) - n);
        });
      case 17: {
        struct Presence {
          const char* text;
          bool (*truth)(const Sample&);
        };
        static const Presence kAll[] = {
            {"count:*", [](const Sample& s) { return s.count() != 0; }},
            {"title:*", [](const Sample& s) { return !s.title().empty(); }},
            {"rank:*", [](const Sample& s) { return s.has_rank(); }},
            {"owner:*", [](const Sample& s) { return s.has_owner(); }},
            {"owner:address", [](const Sample& s) { return s.owner().has_address(); }},
            {"owner.age:*", [](const Sample& s) { return s.owner().age() != 0; }},
            {"tags:*", [](const Sample& s) { return s.tags_size() > 0; }},
            {"labels:*", [](const Sample& s) { return !s.labels().empty(); }},
            {"labels.a:*", [](const Sample& s) { return s.labels().contains("a"); }},
            {"active:*", [](const Sample& s) { return s.active(); }},
        };
        const Presence& presence = kAll[Below(10)];
        return Leaf(presence.text, presence.truth);
      }
      case 18: {
        const auto stage = static_cast<testing::Stage>(Below(4));
        const bool negated = Below(2);
        return Leaf(absl::StrCat("stage", negated ? "!=" : "=", testing::Stage_Name(stage)),
                    [=](const Sample& s) { return (s.stage() == stage) != negated; });
      }
      case 19: {
        const int m = Number();
        return Leaf(absl::StrCat("count=(", n, " OR ", m, ")"),
                    [=](const Sample& s) { return s.count() == n || s.count() == m; });
      }
      default: {
        // The text fields of the schema; the word is all lower-case ASCII.
        return Leaf("ab", [](const Sample& s) {
          const auto contains = [](const std::string& text) {
            return absl::StrContains(text, "ab") || absl::StrContains(text, "aB");
          };
          if (contains(s.title())) return true;
          for (const Person& person : s.people()) {
            if (contains(person.name())) return true;
          }
          return false;
        });
      }
    }
  }

  std::mt19937 random_;
};

TEST(FilterOracleTest, AgreesWithANaiveEvaluator) {
  Generator generator(20230906);
  std::vector<Sample> samples;
  for (int i = 0; i < 60; ++i) samples.push_back(generator.MakeSample());
  samples.emplace_back();
  int matched = 0, evaluated = 0;
  for (int i = 0; i < 8'000; ++i) {
    const Node node = generator.MakeNode(i % 5);
    const std::string text = generator.Print(node);
    absl::StatusOr<Filter> filter = Filter::Compile(text, PlainSchema());
    ASSERT_TRUE(filter.ok()) << text << "\n" << filter.status();
    for (const Sample& sample : samples) {
      const bool expected = node.Evaluate(sample);
      ASSERT_EQ(filter->Matches(sample), expected) << text << "\n" << sample.DebugString();
      matched += expected;
      ++evaluated;
    }
  }
  // The experiment is worth something only if both outcomes are common.
  EXPECT_GT(matched, evaluated / 5);
  EXPECT_LT(matched, evaluated * 4 / 5);
}

}  // namespace
}  // namespace entente::filter
