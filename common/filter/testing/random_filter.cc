// SPDX-License-Identifier: Apache-2.0
#include "common/filter/testing/random_filter.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace entente::filter::testing {
namespace {

using Truth = std::function<bool(const Sample&)>;

std::string Quote(const std::string& text) { return absl::StrCat("\"", text, "\""); }

FilterNode Leaf(std::string text, Truth truth) {
  FilterNode node;
  node.text = std::move(text);
  node.truth = std::move(truth);
  return node;
}

}  // namespace

bool FilterNode::Evaluate(const Sample& sample) const {
  switch (kind) {
    case Kind::kLeaf:
      return truth(sample);
    case Kind::kNot:
      return !children[0].Evaluate(sample);
    case Kind::kAnd:
      for (const FilterNode& child : children) {
        if (!child.Evaluate(sample)) return false;
      }
      return true;
    case Kind::kOr:
      for (const FilterNode& child : children) {
        if (child.Evaluate(sample)) return true;
      }
      return false;
  }
  return false;
}

FilterNode FilterGenerator::MakeNode(int depth) {
  const int kind = depth == 0 ? 0 : Below(5);
  if (kind <= 1) return MakeLeaf();
  FilterNode node;
  node.kind = kind == 2   ? FilterNode::Kind::kNot
              : kind == 3 ? FilterNode::Kind::kAnd
                          : FilterNode::Kind::kOr;
  const int count = kind == 2 ? 1 : 2 + Below(2);
  for (int i = 0; i < count; ++i) node.children.push_back(MakeNode(depth - 1));
  return node;
}

std::string FilterGenerator::Print(const FilterNode& node) {
  std::string text;
  switch (node.kind) {
    case FilterNode::Kind::kLeaf:
      text = node.text;
      break;
    case FilterNode::Kind::kNot: {
      const FilterNode& child = node.children[0];
      text = absl::StrCat(Below(2) ? "-" : "NOT" + Space(), child.kind == FilterNode::Kind::kLeaf
                                                                ? Print(child)
                                                                : Enclose(Print(child)));
      break;
    }
    case FilterNode::Kind::kAnd:
      for (const FilterNode& child : node.children) {
        if (!text.empty()) text += Below(2) ? absl::StrCat(Space(), "AND", Space()) : Space();
        // OR binds tighter: it needs no parentheses here.
        text += child.kind == FilterNode::Kind::kAnd ? Enclose(Print(child)) : Print(child);
      }
      break;
    case FilterNode::Kind::kOr:
      for (const FilterNode& child : node.children) {
        if (!text.empty()) absl::StrAppend(&text, Space(), "OR", Space());
        text += child.kind == FilterNode::Kind::kAnd || child.kind == FilterNode::Kind::kOr
                    ? Enclose(Print(child))
                    : Print(child);
      }
      break;
  }
  return Below(8) == 0 ? Enclose(text) : text;
}

Sample FilterGenerator::MakeSample() {
  Sample sample;
  sample.set_title(Word());
  sample.set_count(Number());
  sample.set_ratio(Number() / 2.0);
  sample.set_active(Below(2));
  sample.set_stage(static_cast<Stage>(Below(4)));
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

std::string FilterGenerator::Word() {
  static const char* const kWords[] = {"", "a", "b", "ab", "aB", "ba b", "é"};
  return kWords[Below(7)];
}

std::string FilterGenerator::Enclose(const std::string& text) {
  return absl::StrCat("(", Gap(), text, Gap(), ")");
}

Person FilterGenerator::MakePerson() {
  Person person;
  person.set_name(Word());
  person.set_age(Number());
  if (Below(2)) person.mutable_address()->set_city(Word());
  for (int i = Below(3); i > 0; --i) person.add_homes()->set_city(Word());
  return person;
}

FilterGenerator::Comparison FilterGenerator::AnyComparison() {
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

FilterNode FilterGenerator::MakeLeaf() {
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
      const auto stage = static_cast<Stage>(Below(4));
      const bool negated = Below(2);
      return Leaf(absl::StrCat("stage", negated ? "!=" : "=", Stage_Name(stage)),
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

}  // namespace entente::filter::testing
