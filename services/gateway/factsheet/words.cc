// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/factsheet/words.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/edtf/edtf.h"
#include "services/events/date_words.h"

namespace entente::gateway::factsheet {
namespace {

using type::v1::Figure;
using type::v1::Qualifier;

// The scales that people say, with the digits that they stand for.
constexpr std::pair<absl::string_view, size_t> kScales[] = {
    {" trillion", 12}, {" billion", 9}, {" million", 6}};

// More digits than these after the point are not said: such a number is written in full.
constexpr size_t kSaidDigits = 3;

// "8,000,000,000" of whole digits.
std::string Grouped(absl::string_view digits) {
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text.push_back(',');
    text.push_back(digits[i]);
  }
  return text;
}

absl::string_view QualifierWords(Qualifier qualifier) {
  switch (qualifier) {
    case type::v1::QUALIFIER_MORE_THAN:
      return "over ";
    case type::v1::QUALIFIER_AT_LEAST:
      return "at least ";
    case type::v1::QUALIFIER_LESS_THAN:
      return "less than ";
    case type::v1::QUALIFIER_NEARLY:
      return "nearly ";
    case type::v1::QUALIFIER_UP_TO:
      return "up to ";
    case type::v1::QUALIFIER_ABOUT:
      return "about ";
    default:
      return "";
  }
}

// What "about" is taken to mean, which is no statement of the source.
std::string Convention(const Figure& figure) {
  if (figure.qualifier() != type::v1::QUALIFIER_ABOUT) return "";
  return absl::StrCat(" (taken as ±",
                      figure.tolerance_percent().empty() ? "10" : figure.tolerance_percent(),
                      " %, a convention)");
}

std::string Plural(absl::string_view word) {
  if (word == "person") return "people";
  if (absl::EndsWith(word, "y") && word.size() > 1 &&
      !absl::StrContains("aeiou", word.substr(word.size() - 2, 1))) {
    return absl::StrCat(word.substr(0, word.size() - 1), "ies");
  }
  for (const absl::string_view ending : {"s", "x", "ch", "sh"}) {
    if (absl::EndsWith(word, ending)) return absl::StrCat(word, "es");
  }
  return absl::StrCat(word, "s");
}

// Of units of several words the one that is counted: "degrees Celsius", but "vaccine doses".
std::string UnitWords(absl::string_view unit, bool one) {
  if (one) return std::string(unit);
  if (absl::ConsumePrefix(&unit, "degree ")) return absl::StrCat("degrees ", unit);
  const size_t last = unit.rfind(' ');
  if (last == absl::string_view::npos) return Plural(unit);
  return absl::StrCat(unit.substr(0, last + 1), Plural(unit.substr(last + 1)));
}

constexpr absl::string_view kMonths[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};

// "2023", "August 2023", "5 September 2023" of a plain date of that precision, all of it.
std::optional<std::string> PlainDate(absl::string_view text) {
  const auto date = edtf::Parse(text);
  if (!date.ok() || date->form() != edtf::Form::kDate || date->is_uncertain() ||
      date->is_approximate() || absl::StrContains(text, 'X') || absl::StrContains(text, 'Y')) {
    return std::nullopt;
  }
  const absl::CivilDay day = date->earliest().day;
  const absl::string_view month = kMonths[day.month() - 1];
  switch (date->precision()) {
    case edtf::Precision::kYear:
      return absl::StrCat(day.year());
    case edtf::Precision::kMonth:
      return absl::StrCat(month, " ", day.year());
    case edtf::Precision::kDay:
      return absl::StrCat(day.day(), " ", month, " ", day.year());
    default:
      return std::nullopt;
  }
}

// From U+202A to U+202E and from U+2066 to U+2069: they turn what comes after them. U+2028 and
// U+2029 end lines. All are E2 80 xx or E2 81 xx in UTF-8.
enum class Special { kNone, kDirection, kLineEnd };
Special SpecialAt(absl::string_view text, size_t at) {
  if (at + 2 >= text.size() || text[at] != '\xE2') return Special::kNone;
  const auto third = static_cast<unsigned char>(text[at + 2]);
  if (text[at + 1] == '\x80') {
    if (third == 0xA8 || third == 0xA9) return Special::kLineEnd;
    if (third >= 0xAA && third <= 0xAE) return Special::kDirection;
  }
  if (text[at + 1] == '\x81' && third >= 0xA6 && third <= 0xA9) return Special::kDirection;
  return Special::kNone;
}

}  // namespace

std::string OneLine(absl::string_view text) {
  std::string line;
  line.reserve(text.size());
  const auto space = [&line] {
    if (!line.empty() && line.back() != ' ') line.push_back(' ');
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const Special special = SpecialAt(text, i);
    if (special != Special::kNone) {
      if (special == Special::kLineEnd) space();
      i += 2;
    } else if (absl::ascii_isspace(static_cast<unsigned char>(text[i]))) {
      space();
    } else if (text[i] == '\xC2' && i + 1 < text.size() &&
               static_cast<unsigned char>(text[i + 1]) <= 0x9F) {
      ++i;  // U+0080 to U+009F: terminals take them for commands.
    } else if (!absl::ascii_iscntrl(static_cast<unsigned char>(text[i]))) {
      line.push_back(text[i]);
    }
  }
  if (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

std::string NumberWords(absl::string_view decimal) {
  const absl::string_view sign = absl::ConsumePrefix(&decimal, "-") ? "−" : "";
  const size_t point = std::min(decimal.find('.'), decimal.size());
  const absl::string_view whole = decimal.substr(0, point);
  const absl::string_view fraction = decimal.substr(point);
  for (const auto& [name, digits] : kScales) {
    if (!fraction.empty() || whole.size() <= digits) continue;
    absl::string_view rest = whole.substr(whole.size() - digits);
    while (absl::ConsumeSuffix(&rest, "0")) {
    }
    if (rest.size() > kSaidDigits) break;
    return absl::StrCat(sign, Grouped(whole.substr(0, whole.size() - digits)),
                        rest.empty() ? "" : ".", rest, name);
  }
  return absl::StrCat(sign, Grouped(whole), fraction);
}

std::string MoneyWords(absl::string_view decimal, absl::string_view currency_code) {
  const std::string number = NumberWords(decimal);
  if (currency_code != "USD") return absl::StrCat(currency_code, " ", number);
  absl::string_view digits = number;
  const absl::string_view sign = absl::ConsumePrefix(&digits, "−") ? "−" : "";
  return absl::StrCat(sign, "$", digits);
}

std::string AmountWords(const type::v1::Amount& amount) {
  const Figure& figure = amount.figure();
  if (figure.value().empty()) return "an amount that is not stated";
  return absl::StrCat(QualifierWords(figure.qualifier()),
                      MoneyWords(figure.value(), amount.currency_code()), Convention(figure));
}

std::string QuantityWords(const Figure& figure, absl::string_view unit) {
  if (figure.value().empty()) {
    return absl::StrCat("a number of ", UnitWords(unit, false), " that is not stated");
  }
  return absl::StrCat(QualifierWords(figure.qualifier()), NumberWords(figure.value()), " ",
                      UnitWords(unit, figure.value() == "1"), Convention(figure));
}

std::string RecurrenceWords(const funding::v1::Recurrence& recurrence) {
  const std::string unit =
      EnumWords(funding::v1::RecurrenceUnit_Name(recurrence.unit()), "RECURRENCE_UNIT_");
  if (recurrence.every() == 1) return absl::StrCat("each ", unit);
  return absl::StrCat("every ", recurrence.every(), " ", unit, "s");
}

std::string BoundsWords(const type::v1::Interval& bounds, absl::string_view currency_code) {
  const auto money = [&](const std::string& decimal) { return MoneyWords(decimal, currency_code); };
  if (bounds.low() == bounds.high()) return absl::StrCat(money(bounds.low()), ", without a margin");
  const std::string low =
      absl::StrCat(bounds.low_open() ? "more than " : "at least ", money(bounds.low()));
  if (bounds.high().empty()) return low;
  const std::string high =
      absl::StrCat(bounds.high_open() ? "less than " : "at most ", money(bounds.high()));
  if (bounds.low() == "0" && !bounds.low_open()) return high;
  return absl::StrCat(low, " and ", high);
}

std::string MoneyKindWords(funding::v1::ClaimNature nature, funding::v1::ClaimStage stage) {
  using namespace funding::v1;  // NOLINT(google-build-using-namespace): enumerators only
  if (nature == CLAIM_NATURE_STATISTIC) return "statistic";
  const bool came = stage == CLAIM_STAGE_DISBURSED || stage == CLAIM_STAGE_EXPENDED ||
                    stage == CLAIM_STAGE_PROVIDED;
  const absl::string_view whose = nature == CLAIM_NATURE_OWN_FUNDING ? "own funding"
                                  : came                             ? "mobilised"
                                                                     : "to be mobilised";
  return absl::StrCat(whose, ", ",
                      stage == CLAIM_STAGE_NOT_STATED
                          ? "stage not stated"
                          : EnumWords(ClaimStage_Name(stage), "CLAIM_STAGE_"));
}

std::string InstrumentWords(funding::v1::ClaimInstrument instrument) {
  if (instrument == funding::v1::CLAIM_INSTRUMENT_NOT_STATED) return "";
  return EnumWords(funding::v1::ClaimInstrument_Name(instrument), "CLAIM_INSTRUMENT_");
}

std::string DateWords(const type::v1::ImpreciseDate& date) {
  const auto parsed = edtf::Parse(date.edtf());
  return events::DateWords(parsed.ok() ? std::optional<edtf::Date>(*parsed) : std::nullopt);
}

std::string SpanWords(const type::v1::ImpreciseDate& date) {
  if (const auto plain = PlainDate(date.edtf()); plain.has_value()) return *plain;
  const std::vector<absl::string_view> ends = absl::StrSplit(date.edtf(), '/');
  if (ends.size() != 2) return DateWords(date);
  const auto is_day = [](absl::string_view end) { return !end.empty() && end != ".."; };
  const auto first = is_day(ends[0]) ? PlainDate(ends[0]) : std::nullopt;
  const auto last = is_day(ends[1]) ? PlainDate(ends[1]) : std::nullopt;
  if ((is_day(ends[0]) && !first.has_value()) || (is_day(ends[1]) && !last.has_value())) {
    return DateWords(date);
  }
  if (first.has_value() && last.has_value()) return absl::StrCat(*first, " to ", *last);
  if (first.has_value()) {
    return absl::StrCat("from ", *first, " on; ",
                        ends[1].empty() ? "until when is not stated" : "without an end");
  }
  return absl::StrCat("until ", *last, "; ",
                      ends[0].empty() ? "since when is not stated" : "without a beginning");
}

absl::string_view RoleWords(type::v1::PartyRole role, bool several) {
  switch (role) {
    case type::v1::PARTY_ROLE_FUNDING:
      return several ? "Funders" : "Funder";
    case type::v1::PARTY_ROLE_ACCOUNTABLE:
      return "Accountable for it";
    case type::v1::PARTY_ROLE_EXTENDING:
      return "Managed by";
    case type::v1::PARTY_ROLE_IMPLEMENTING:
      return "Carried out by";
    case type::v1::PARTY_ROLE_RECEIVING:
      return several ? "Recipients" : "Recipient";
    case type::v1::PARTY_ROLE_PARTNER:
      return several ? "Partners" : "Partner";
    case type::v1::PARTY_ROLE_SUPPORTING:
      return "Supported by";
    case type::v1::PARTY_ROLE_LEAD:
      return "Led by";
    case type::v1::PARTY_ROLE_CHAIR:
      return several ? "Chairs" : "Chair";
    case type::v1::PARTY_ROLE_CO_CHAIR:
      return several ? "Co-chairs" : "Co-chair";
    case type::v1::PARTY_ROLE_HOST:
      return several ? "Hosts" : "Host";
    case type::v1::PARTY_ROLE_PARTICIPANT:
      return several ? "Participants" : "Participant";
    case type::v1::PARTY_ROLE_ANNOUNCER:
      return "Announced by";
    case type::v1::PARTY_ROLE_SIGNATORY:
      return "Signing, adopting or endorsing";
    case type::v1::PARTY_ROLE_BENEFICIARY:
      return "Meant to benefit";
    case type::v1::PARTY_ROLE_PUBLISHER:
      return "Published by";
    default:
      return "Takes part";
  }
}

std::string EnumWords(absl::string_view enumerator, absl::string_view prefix) {
  return absl::AsciiStrToLower(
      absl::StrReplaceAll(absl::StripPrefix(enumerator, prefix), {{"_", " "}}));
}

std::string Capitalised(std::string text) {
  if (!text.empty()) text[0] = absl::ascii_toupper(static_cast<unsigned char>(text[0]));
  return text;
}

std::string Sentence(absl::string_view text) {
  std::string line = OneLine(text);
  if (line.empty()) return line;
  const char last = line.back();
  if (last != '.' && last != '!' && last != '?') line.push_back('.');
  return line;
}

std::string Listed(const std::vector<std::string>& items) {
  std::string text;
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) absl::StrAppend(&text, i + 1 == items.size() ? " and " : ", ");
    absl::StrAppend(&text, items[i]);
  }
  return text;
}

std::string Quoted(absl::string_view text) { return absl::StrCat("“", text, "”"); }

}  // namespace entente::gateway::factsheet
