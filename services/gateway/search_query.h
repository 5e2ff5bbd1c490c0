// SPDX-License-Identifier: Apache-2.0
//
// A query to several indexes that are to answer like one: what is asked of each of them, and how
// their scores become comparable (docs/search.md).
//
//   auto query = ASSIGN_OR_RETURN(JointQuery::Parse("usiad -type:person", labels));
//   query.units();                       // "usiad": how many documents of each index have it?
//   query.Replace(0, "usaid");           // none has that
//   query.TextFor(labels_of_funding);    // "\"usaid\" -partnership:\"=\"": it has no people
#ifndef ENTENTE_SERVICES_GATEWAY_SEARCH_QUERY_H_
#define ENTENTE_SERVICES_GATEWAY_SEARCH_QUERY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/search/query.h"
#include "entente/type/v1/search.pb.h"

namespace entente::gateway {

// Finds nothing, and with "-" before it everything: no partnership is called so.
inline constexpr char kNothing[] = "partnership:\"=\"";

// How many documents an index has, and how many of them have each unit of a query.
struct IndexCounts {
  int64_t documents = 0;
  std::vector<int64_t> with;  // By unit.
};

// What the scores of `index` are multiplied by, to be what they would be if all documents were in
// one index, as far as the worth of words goes: exactly so where a query has one word, and for
// several as if they had all contributed alike. Words that the index does not have are left out:
// they contribute to none of its scores.
double FactorOf(const IndexCounts& index, const std::vector<IndexCounts>& all);

class JointQuery {
 public:
  // A word of the query that results are ranked by.
  struct Unit {
    size_t term;
    size_t word;  // In the term.
    // As queries that find what has it, never corrected and corrected if need be.
    std::string exact;
    std::string correctable;  // Empty for what is never corrected.
  };

  // Errors as those of search::Parse. `labels`: of all indexes.
  static absl::StatusOr<JointQuery> Parse(absl::string_view text, const search::Labels& labels);

  const std::vector<Unit>& units() const { return units_; }
  const std::string& WordOf(const Unit& unit) const;

  // Looks for `replacement` instead of the word of a unit.
  void Replace(size_t unit, const std::string& replacement);
  const std::vector<type::v1::SearchCorrection>& corrections() const { return corrections_; }

  // The replacements as a text, and made again. False if it is no such text.
  std::string Replacements() const;
  bool ReplaceAll(absl::string_view replacements);

  // The query for an index with these labels: no word of it is corrected, and types and kinds that
  // it does not have find nothing in it.
  std::string TextFor(const search::Labels& labels) const;

 private:
  void MakeUnits();
  std::string TextOf(const search::Term& term) const;
  std::string TextOf(const search::Node& node, const search::Labels& labels, bool alone) const;

  search::Query query_;
  std::vector<Unit> units_;
  std::vector<std::pair<size_t, std::string>> replaced_;
  std::vector<type::v1::SearchCorrection> corrections_;
};

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_SEARCH_QUERY_H_
