// SPDX-License-Identifier: Apache-2.0
//
// States of very many resources at once: sorted, not inserted.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/resource/state.h"

namespace entente::resource {
namespace {

using google::protobuf::FieldDescriptor;

bool ByName(const Entry* a, const Entry* b) { return a->name < b->name; }

// In how many pieces sorting and the search for references are done.
constexpr size_t kPieces = 16;

// What `piece` of kPieces has of `n` things.
std::pair<size_t, size_t> RangeOf(size_t piece, size_t n) {
  return {n * piece / kPieces, n * (piece + 1) / kPieces};
}

void SortByName(std::vector<Entry*>* entries, Parallel* parallel) {
  // Whoever imports does it in the order of names, more often than not.
  if (std::is_sorted(entries->begin(), entries->end(), ByName)) return;
  const auto at = [&](size_t piece) {
    return entries->begin() + static_cast<ptrdiff_t>(entries->size() * piece / kPieces);
  };
  parallel->ForEach(kPieces, [&](size_t, size_t i) { std::sort(at(i), at(i + 1), ByName); });
  for (size_t width = 1; width < kPieces; width *= 2) {
    parallel->ForEach(kPieces / width / 2, [&](size_t, size_t i) {
      const size_t from = 2 * width * i;
      std::inplace_merge(at(from), at(from + width), at(from + 2 * width), ByName);
    });
  }
}

// Who refers to one target through one field, by their places.
struct Referrers {
  std::string prefix;
  std::vector<uint32_t> places;
};

struct Target {
  const FieldDescriptor* field;
  absl::string_view name;

  bool operator==(const Target& other) const { return field == other.field && name == other.name; }
  template <typename H>
  friend H AbslHashValue(H h, const Target& target) {
    return H::combine(std::move(h), target.field, target.name);
  }
};

using TargetsOf = absl::flat_hash_map<Target, std::vector<uint32_t>>;

// Who is found by one text, by what stands for it where there is a target.
using TextsOf = absl::flat_hash_map<std::string, std::vector<uint32_t>>;

// `entries` of all types, those of each in order.
KeySet ReferrersAmong(const std::vector<const Entry*>& entries, Parallel* parallel) {
  std::vector<TargetsOf> found(kPieces);
  std::vector<TextsOf> found_by(kPieces);
  parallel->ForEach(kPieces, [&](size_t, size_t piece) {
    TargetsOf& targets = found[piece];
    const auto [begin, end] = RangeOf(piece, entries.size());
    for (size_t i = begin; i < end; ++i) {
      if (entries[i]->deleted) continue;
      const auto place = static_cast<uint32_t>(i);
      ForEachReference(*entries[i]->message,
                       [&](const FieldDescriptor* field, absl::string_view target) {
                         std::vector<uint32_t>& places = targets[{field, target}];
                         if (places.empty() || places.back() != place) places.push_back(place);
                       });
      const ResourceType& type = *entries[i]->type;
      if (type.look_up_texts == nullptr) continue;
      type.look_up_texts(*entries[i]->message, [&](absl::string_view text) {
        std::vector<uint32_t>& places = found_by[piece][absl::StrCat(kLookUpPrefix, text)];
        if (places.empty() || places.back() != place) places.push_back(place);
      });
    }
  });
  // Fields of two types have one name; places of one target come from several pieces.
  absl::flat_hash_map<std::string, size_t> known;
  std::vector<Referrers> all;
  const auto add = [&](absl::string_view target, absl::string_view field,
                       std::vector<uint32_t> places) {
    const absl::string_view zero("\0", 1);
    const auto [at, is_new] =
        known.try_emplace(absl::StrCat(target, zero, field, zero), all.size());
    if (is_new) {
      all.push_back({at->first, std::move(places)});
    } else {
      std::vector<uint32_t>& before = all[at->second].places;
      before.insert(before.end(), places.begin(), places.end());
    }
  };
  for (size_t piece = 0; piece < kPieces; ++piece) {
    for (auto& [target, places] : found[piece]) {
      add(target.name, target.field->name(), std::move(places));
    }
    for (auto& [text, places] : found_by[piece]) add(text, "", std::move(places));
    TargetsOf().swap(found[piece]);
    TextsOf().swap(found_by[piece]);
  }
  std::sort(all.begin(), all.end(),
            [](const Referrers& a, const Referrers& b) { return a.prefix < b.prefix; });
  KeySet::Builder builder;
  std::string key;
  const auto by_name = [&](uint32_t a, uint32_t b) { return entries[a]->name < entries[b]->name; };
  for (Referrers& referrers : all) {
    // They are, but where several types refer to it, or pieces came in another order.
    if (!std::is_sorted(referrers.places.begin(), referrers.places.end(), by_name)) {
      std::sort(referrers.places.begin(), referrers.places.end(), by_name);
    }
    for (const uint32_t place : referrers.places) {
      key.assign(referrers.prefix);
      key.append(entries[place]->name.data(), entries[place]->name.size());
      builder.Add(key);
    }
  }
  return std::move(builder).Finish();
}

}  // namespace

std::shared_ptr<const State> State::Of(const Registry* registry, int64_t revision,
                                       absl::Time commit_time, std::vector<Entry> entries,
                                       Parallel* parallel) {
  std::map<const ResourceType*, std::vector<Entry*>> by_type;
  for (Entry& entry : entries) by_type[entry.type].push_back(&entry);
  std::vector<const Entry*> all;
  all.reserve(entries.size());
  for (auto& [type, of_type] : by_type) {
    SortByName(&of_type, parallel);
    all.insert(all.end(), of_type.begin(), of_type.end());
  }
  KeySet referrers = ReferrersAmong(all, parallel);

  constexpr size_t kFill = Entries::kFill;
  SortedEntries sorted;
  for (auto& [type, of_type] : by_type) {
    std::vector<std::vector<EntryItem>>& chunks = sorted[type];
    chunks.resize((of_type.size() + kFill - 1) / kFill);
    parallel->ForEach(chunks.size(), [&, &from = of_type](size_t, size_t chunk) {
      const size_t end = std::min(from.size(), (chunk + 1) * kFill);
      chunks[chunk].reserve(end - chunk * kFill);
      for (size_t i = chunk * kFill; i < end; ++i) {
        const absl::string_view name = from[i]->name;
        chunks[chunk].push_back({name, std::move(*from[i])});
      }
    });
  }
  return Of(registry, revision, commit_time, std::move(sorted), std::move(referrers));
}

std::shared_ptr<const State> State::Of(const Registry* registry, int64_t revision,
                                       absl::Time commit_time, SortedEntries sorted,
                                       KeySet referrers) {
  auto state = std::make_shared<State>(registry);
  state->revision_ = revision;
  state->commit_time_ = commit_time;
  for (auto& [type, chunks] : sorted) {
    state->entries_[type] = Entries::FromSorted(std::move(chunks));
  }
  state->referrers_ = std::move(referrers);
  return state;
}

}  // namespace entente::resource
