// SPDX-License-Identifier: Apache-2.0
//
// For tests: all the ways through a query, each of them forced, and by what it is known that it was
// taken.
//
//   for (const ForcedPath& path : ForcedPaths()) {
//     PathTaker taker(path);
//     const auto snapshot = ClaimTable::Of(state, path.flat_rows)->At(state);
//     AnswerTo(request, {snapshot, catalogue, rates}, nullptr, taker.resources());
//     taker.ExpectTaken();   // once enough was asked
//   }
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_FORCED_PATHS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_FORCED_PATHS_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "common/parallel/parallel.h"
#include "services/funding/query/claim_table.h"
#include "services/funding/query/paths.h"
#include "services/funding/query/random_ledger.h"
#include "services/funding/query/resources.h"

namespace entente::funding::query {

struct ForcedPath {
  using Counts = std::vector<Taken::Count Taken::*>;

  const char* name = "";
  Paths paths;
  FlatRows flat_rows = FlatRows::kAll;
  size_t threads = 1;
  // What it does in some of many queries, and in none.
  Counts taken;
  Counts never;
};

inline const std::vector<ForcedPath>& ForcedPaths() {
  static const auto* const all = [] {
    auto* made = new std::vector<ForcedPath>();
    // Without cubes, unless that is what a path is about.
    const auto add = [&](ForcedPath path) -> Paths& {
      made->push_back(std::move(path));
      made->back().paths.cubes = Paths::Cubes::kNever;
      return made->back().paths;
    };
    using T = Taken;
    // The engine's own choice.
    add({.name = "engine",
         .taken = {&T::narrow, &T::array, &T::all, &T::some, &T::fused, &T::whole, &T::like_flat,
                   &T::split, &T::exact},
         .never = {&T::merged, &T::merged_bounded}})
        .cubes = Paths::Cubes::kAny;
    add({.name = "rows", .taken = {&T::all, &T::some, &T::whole}, .never = {&T::cube}});
    add({.name = "cubes", .taken = {&T::cube, &T::some, &T::narrow, &T::split, &T::exact}}).cubes =
        Paths::Cubes::kAlways;
    {
      Paths& paths = add({.name = "cubes made anew", .taken = {&T::cube, &T::cubes_made}});
      paths.cubes = Paths::Cubes::kAlways;
      paths.late_rows = 1;
    }
    add({.name = "wide sums", .taken = {&T::wide, &T::array}, .never = {&T::narrow}}).sums =
        Paths::Sums::kWide;
    add({.name = "cells in a table",
         .taken = {&T::table, &T::narrow, &T::whole, &T::split, &T::some},
         .never = {&T::array, &T::fused}})
        .cells = Paths::Cells::kTable;
    add({.name = "cells before amounts",
         .taken = {&T::array, &T::all, &T::some},
         .never = {&T::fused}})
        .loops = Paths::Loops::kApart;
    add({.name = "filters by bits", .taken = {&T::some}}).filters = Paths::Filters::kByBits;
    add({.name = "classes in columns",
         .taken = {&T::classes, &T::array, &T::all, &T::some, &T::fused}})
        .classes = Paths::Classes::kAlways;
    add({.name = "classes in tables", .taken = {&T::fused}, .never = {&T::classes}}).classes =
        Paths::Classes::kNever;
    add({.name = "components exactly",
         .taken = {&T::exact, &T::some},
         .never = {&T::whole, &T::like_flat, &T::split}})
        .components = Paths::Components::kExact;
    add({.name = "components not split", .taken = {&T::whole, &T::exact}, .never = {&T::split}})
        .components = Paths::Components::kNeverSplit;
    add({.name = "amounts in trees",
         .flat_rows = FlatRows::kNegative,
         .taken = {&T::whole, &T::split, &T::exact}});
    add({.name = "amounts exactly",
         .flat_rows = FlatRows::kNegative,
         .taken = {&T::exact},
         .never = {&T::whole, &T::split}})
        .components = Paths::Components::kExact;
    {
      Paths& paths = add({.name = "two workers", .taken = {&T::merged_bounded, &T::split}});
      paths.workers = 2;
      paths.components_at_once = 1;
    }
    {
      Paths& paths = add({.name = "three workers and tables",
                          .flat_rows = FlatRows::kNegative,
                          .taken = {&T::merged_bounded, &T::wide, &T::table},
                          .never = {&T::narrow, &T::array}});
      paths.workers = 3;
      paths.components_at_once = 1;
      paths.sums = Paths::Sums::kWide;
      paths.cells = Paths::Cells::kTable;
    }
    {
      Paths& paths = add({.name = "cubes, three workers and tables",
                          .taken = {&T::cube, &T::wide, &T::table},
                          .never = {&T::narrow, &T::array}});
      paths.workers = 3;
      paths.sums = Paths::Sums::kWide;
      paths.cells = Paths::Cells::kTable;
      paths.cubes = Paths::Cubes::kAlways;
    }
    add({.name = "two threads", .threads = 2, .taken = {&T::narrow}}).components_at_once = 1;
    add({.name = "three threads", .threads = 3, .taken = {&T::narrow}}).components_at_once = 2;
    return made;
  }();
  return *all;
}

// Any of them, mixed.
inline Paths RandomPaths(std::mt19937& rng) {
  Paths paths;
  paths.sums = OneOf<Paths::Sums>(rng, {Paths::Sums::kAny, Paths::Sums::kWide});
  paths.cells = OneOf<Paths::Cells>(rng, {Paths::Cells::kAny, Paths::Cells::kTable});
  paths.loops = OneOf<Paths::Loops>(rng, {Paths::Loops::kAny, Paths::Loops::kApart});
  paths.filters = OneOf<Paths::Filters>(rng, {Paths::Filters::kAny, Paths::Filters::kByBits});
  paths.classes = OneOf<Paths::Classes>(
      rng, {Paths::Classes::kAny, Paths::Classes::kNever, Paths::Classes::kAlways});
  paths.components =
      OneOf<Paths::Components>(rng, {Paths::Components::kAny, Paths::Components::kAny,
                                     Paths::Components::kExact, Paths::Components::kNeverSplit});
  paths.cubes =
      OneOf<Paths::Cubes>(rng, {Paths::Cubes::kAny, Paths::Cubes::kNever, Paths::Cubes::kAlways});
  paths.components_at_once = OneOf<size_t>(rng, {0, 1, 2, 5});
  paths.late_rows = OneOf<size_t>(rng, {0, 0, 3, 20});
  return paths;
}

// What queries on a path are given, and what they did.
class PathTaker {
 public:
  explicit PathTaker(const ForcedPath& path)
      : path_(path), paths_(path.paths), taken_(std::make_unique<Taken>()) {
    paths_.taken = taken_.get();
    if (path.threads > 1) parallel_ = std::make_unique<Parallel>(path.threads);
  }

  const ForcedPath& path() const { return path_; }
  std::shared_ptr<const Resources> resources() const {
    return std::make_shared<const Resources>(parallel_.get(), kDefaultQueryMemory, nullptr, paths_);
  }

  // `times`: at least so often.
  void ExpectTaken(int64_t times) const {
    for (const auto count : path_.taken) {
      EXPECT_GE(*taken_.*count, times) << path_.name << ", " << NameOf(count);
    }
    for (const auto count : path_.never) {
      EXPECT_EQ(*taken_.*count, 0) << path_.name << ", " << NameOf(count);
    }
    EXPECT_EQ(resources()->workers(), std::max(path_.threads, std::max<size_t>(1, paths_.workers)));
  }

  const Taken& taken() const { return *taken_; }

 private:
  static const char* NameOf(Taken::Count Taken::*count) {
    using T = Taken;
    const std::pair<Taken::Count Taken::*, const char*> names[] = {
        {&T::narrow, "narrow"},   {&T::wide, "wide"},
        {&T::array, "array"},     {&T::fused, "fused"},
        {&T::table, "table"},     {&T::merged, "merged"},
        {&T::all, "all"},         {&T::merged_bounded, "merged_bounded"},
        {&T::some, "some"},       {&T::whole, "whole"},
        {&T::split, "split"},     {&T::exact, "exact"},
        {&T::cube, "cube"},       {&T::cubes_made, "cubes_made"},
        {&T::classes, "classes"}, {&T::like_flat, "like_flat"}};
    for (const auto& [one, name] : names) {
      if (one == count) return name;
    }
    return "?";
  }

  const ForcedPath& path_;
  Paths paths_;
  std::unique_ptr<Taken> taken_;
  std::unique_ptr<Parallel> parallel_;
};

// One for each of ForcedPaths().
inline std::vector<PathTaker> AllPathTakers() {
  std::vector<PathTaker> takers;
  for (const ForcedPath& path : ForcedPaths()) takers.emplace_back(path);
  return takers;
}

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_FORCED_PATHS_H_
