// SPDX-License-Identifier: Apache-2.0
//
// Holds the code to the examples of docs/claims.md. A block
//
//   ```claims
//   aid: nearly 600                         a tree, by indentation
//     health: at least 100
//
//   divide health: north 60, south 30       if any
//
//   north + rest of aid = [0, 600), stated 560      rows, as RowSum is printed
//   ```
//
// states what rows come to, or, with `refused: ...` instead of the rows, the error of Tree::Build.
// A block `derivation` is for the tree before it: a row, and the steps to its bounds.

#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"
#include "services/funding/algebra/tree.h"

namespace entente::funding::algebra {
namespace {

using figure::Decimal;
using figure::Interval;
using figure::Qualifier;

struct Block {
  std::string kind;
  int line = 0;  // of the fence
  std::vector<std::string> lines;
};

std::vector<Block> ReadBlocks() {
  const char* const source = std::getenv("ENTENTE_SOURCE_DIR");
  std::ifstream file(absl::StrCat(source == nullptr ? "." : source, "/docs/claims.md"));
  EXPECT_TRUE(file.is_open());
  std::vector<Block> blocks;
  bool inside = false;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (absl::StartsWith(line, "```")) {
      inside = !inside;
      if (inside) blocks.push_back({line.substr(3), number, {}});
    } else if (inside) {
      blocks.back().lines.push_back(line);
    }
  }
  EXPECT_FALSE(inside);
  return blocks;
}

std::optional<Figure> FigureOf(absl::string_view text) {
  if (text == "not stated") return std::nullopt;
  Qualifier qualifier = Qualifier::kExact;
  for (const Qualifier q : {Qualifier::kMoreThan, Qualifier::kAtLeast, Qualifier::kLessThan,
                            Qualifier::kNearly, Qualifier::kUpTo, Qualifier::kAbout}) {
    if (absl::ConsumePrefix(&text, absl::StrCat(QualifierName(q), " "))) qualifier = q;
  }
  const Decimal stated = Decimal::Parse(text).value();
  return Figure{stated, IntervalOf(qualifier, stated).value()};
}

// A tree with names for its atoms.
class Example {
 public:
  // Takes the lines of the tree from the front of `lines`.
  explicit Example(absl::Span<const std::string>* lines) {
    std::vector<std::string> names;
    std::vector<Claim> claims;
    std::vector<NodeId> way;  // from the top to the last claim
    for (; !lines->empty() && !lines->front().empty(); lines->remove_prefix(1)) {
      const std::string& line = lines->front();
      const size_t depth = (line.size() - absl::StripLeadingAsciiWhitespace(line).size()) / 2;
      const std::pair<std::string, std::string> parts =
          absl::StrSplit(absl::StripAsciiWhitespace(line), ": ");
      way.resize(depth);
      claims.push_back({way.empty() ? kTop : way.back(), FigureOf(parts.second), ""});
      if (!way.empty()) has_parts_[way.back()] = true;
      way.push_back(static_cast<NodeId>(names.size()));
      names.push_back(parts.first);
    }
    for (size_t i = 0; i < claims.size(); ++i) {
      claims[i].name = names[i];
      const NodeId id = static_cast<NodeId>(i);
      Put(has_parts_.count(id) > 0 ? "rest of " + names[i] : names[i], id);
    }
    tree_ = Tree::Build(claims, /*minor_digits=*/2);
  }

  const absl::StatusOr<Tree>& tree() const { return tree_; }

  // "health: north 60, south 30"
  void Divide(const std::string& text) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(text, ": ");
    std::vector<std::string> names;
    std::vector<Decimal> percents;
    for (const absl::string_view share : absl::StrSplit(parts.second, ", ")) {
      const std::pair<std::string, std::string> name_and_percent = absl::StrSplit(share, ' ');
      names.push_back(name_and_percent.first);
      percents.push_back(Decimal::Parse(name_and_percent.second).value());
    }
    const std::vector<NodeId> ids = tree_->Divide(Atom(parts.first), percents).value();
    if (ids.size() > names.size()) names.push_back("unallocated of " + parts.first);
    ASSERT_EQ(ids.size(), names.size());
    atoms_.erase(parts.first);
    for (size_t i = 0; i < ids.size(); ++i) Put(names[i], ids[i]);
  }

  // "everything", or "north + rest of aid"
  std::vector<NodeId> Row(absl::string_view text) const {
    std::vector<NodeId> row;
    if (text == "everything") {
      for (const auto& [name, id] : atoms_) row.push_back(id);
    } else {
      for (const absl::string_view name : absl::StrSplit(text, " + ")) {
        row.push_back(Atom(std::string(name)));
      }
    }
    return row;
  }

  std::vector<std::string> Derivation(absl::string_view row) const {
    std::vector<std::string> lines;
    const auto show = [&](const std::string& what, const Split& split, const std::string& effect) {
      lines.push_back(std::string(absl::StripTrailingAsciiWhitespace(
          absl::StrFormat("%-20srow %-11srest %-13sall %-13s%s", what, ToString(split.row),
                          ToString(split.rest), ToString(split.all), effect))));
    };
    const Explanation explanation = tree_->Explain(Row(row)).value();
    for (const Explanation::Step& step : explanation.steps) {
      show(names_.at(step.node), step.before, "");
      if (!step.stated.has_value()) continue;
      std::vector<std::string> effects;
      if (step.raised()) effects.push_back("raised");
      if (step.capped()) effects.push_back("capped");
      show("  states " + ToString(*step.stated), step.after, absl::StrJoin(effects, ", "));
    }
    return lines;
  }

 private:
  void Put(const std::string& name, NodeId id) {
    EXPECT_TRUE(atoms_.emplace(name, id).second) << name << " is there twice";
    names_[id] = std::string(absl::StripPrefix(name, "rest of "));
  }
  NodeId Atom(const std::string& name) const {
    const auto found = atoms_.find(name);
    EXPECT_TRUE(found != atoms_.end()) << "no atom " << name;
    return found == atoms_.end() ? kTop : found->second;
  }

  absl::StatusOr<Tree> tree_;
  std::map<NodeId, bool> has_parts_;
  std::map<std::string, NodeId> atoms_;
  std::map<NodeId, std::string> names_;
};

std::string Printed(const absl::StatusOr<RowSum>& sum) {
  if (!sum.ok()) return sum.status().ToString();
  std::ostringstream out;
  out << *sum;
  return out.str();
}

TEST(ExamplesTest, HoldAsDocumented) {
  std::optional<Example> example;
  int rows = 0;
  int derivations = 0;
  for (const Block& block : ReadBlocks()) {
    SCOPED_TRACE(absl::StrCat("docs/claims.md:", block.line));
    absl::Span<const std::string> lines(block.lines);
    if (block.kind == "derivation") {
      ASSERT_FALSE(lines.empty());
      const std::vector<std::string> expected(lines.begin() + 1, lines.end());
      EXPECT_EQ(absl::StrJoin(example->Derivation(lines.front()), "\n"),
                absl::StrJoin(expected, "\n"));
      ++derivations;
      continue;
    }
    ASSERT_EQ(block.kind, "claims");
    example.emplace(&lines);
    for (const std::string& line : lines) {
      absl::string_view text = line;
      if (text.empty()) continue;
      ++rows;
      if (absl::ConsumePrefix(&text, "refused: ")) {
        EXPECT_EQ(example->tree().status().code(), absl::StatusCode::kInvalidArgument);
        EXPECT_EQ(example->tree().status().message(), text);
        continue;
      }
      ASSERT_TRUE(example->tree().ok()) << example->tree().status();
      if (absl::ConsumePrefix(&text, "divide ")) {
        example->Divide(std::string(text));
        continue;
      }
      const std::pair<std::string, std::string> row = absl::StrSplit(text, " = ");
      EXPECT_EQ(Printed(example->tree()->Sum(example->Row(row.first))), row.second) << row.first;
    }
  }
  EXPECT_GT(rows, 40);
  EXPECT_EQ(derivations, 1);
}

}  // namespace
}  // namespace entente::funding::algebra
