// SPDX-License-Identifier: Apache-2.0
//
// Figures, dates and roles in English words that claim no more than the record does.
//
//   Figure(">", 8000000000) of USD   over $8 billion
//   2023-01/ as a span               from January 2023 on; until when is not stated
//   PARTY_ROLE_CO_CHAIR, twice       Co-chairs
//
// Numbers are shortened only where that loses nothing: 8,000,000,000 is 8 billion, 1,234,567,891
// stays as it is. Pure functions: thread-safe.
#ifndef ENTENTE_SERVICES_GATEWAY_FACTSHEET_WORDS_H_
#define ENTENTE_SERVICES_GATEWAY_FACTSHEET_WORDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "entente/catalogue/v1/quantity.pb.h"
#include "entente/funding/v1/claim.pb.h"
#include "entente/type/v1/date.pb.h"
#include "entente/type/v1/figure.pb.h"
#include "entente/type/v1/party.pb.h"

namespace entente::gateway::factsheet {

// In one line, for a sentence: line breaks and tabs are spaces, characters that turn the direction
// of the text after them, or that no document may contain, are gone.
std::string OneLine(absl::string_view text);

// "8 billion", "520.3 billion", "6,200", "1.5" of a decimal.
std::string NumberWords(absl::string_view decimal);

// "$8 billion", "EUR 8 billion": a number of a currency. "$" is the dollar of the United States.
std::string MoneyWords(absl::string_view decimal, absl::string_view currency_code);

// "over $8 billion", "nearly $600 million", "an amount that is not stated".
std::string AmountWords(const type::v1::Amount& amount);

// "over 125 million doses", "1.5 degrees Celsius", "a number of deals that is not stated".
std::string QuantityWords(const type::v1::Figure& figure, absl::string_view unit);

// "each year", "every 2 quarters".
std::string RecurrenceWords(const funding::v1::Recurrence& recurrence);

// What a sum can be: "$1.29 billion, without a margin", "at least $115 million and less than $600
// million", "more than $8 billion".
std::string BoundsWords(const type::v1::Interval& bounds, absl::string_view currency_code);

// "own funding, requested", "to be mobilised, announced", "statistic".
std::string MoneyKindWords(funding::v1::ClaimNature nature, funding::v1::ClaimStage stage);

// "grant", "technical assistance"; empty where it is not stated.
std::string InstrumentWords(funding::v1::ClaimInstrument instrument);

// A date on which something happens: "some time in August 2023".
std::string DateWords(const type::v1::ImpreciseDate& date);

// A date that stands for all of a time: "2024", "2023 to 2025", "until 2029; since when is not
// stated".
std::string SpanWords(const type::v1::ImpreciseDate& date);

// What those in a role are called in front of their names: "Partner", "Partners", "Led by".
absl::string_view RoleWords(type::v1::PartyRole role, bool several);

// "fact sheet" of DOCUMENT_KIND_FACT_SHEET with the prefix "DOCUMENT_KIND_".
std::string EnumWords(absl::string_view enumerator, absl::string_view prefix);

// With the first letter, if it is of ASCII, in upper case.
std::string Capitalised(std::string text);

// As the text of a statement: in one line that ends like a sentence.
std::string Sentence(absl::string_view text);

// "a", "a and b", "a, b and c".
std::string Listed(const std::vector<std::string>& items);

// In quotation marks.
std::string Quoted(absl::string_view text);

}  // namespace entente::gateway::factsheet

#endif  // ENTENTE_SERVICES_GATEWAY_FACTSHEET_WORDS_H_
