// SPDX-License-Identifier: Apache-2.0
//
// Traces a statement of a fact sheet back to the fields that it names, knowing nothing of how it
// was made: takes away from the text what those fields hold, and a closed list of words that only
// join; what is left over is from nowhere.
//
//   Untraced(statement, resources);  // "" or, for example, "9 billion"
//
// Strings of the record count as they are. A number must be one of the figures, years or days of
// the fields; a word of a kind, stage, role or unit must be that of the fields; a month must be one
// that a date of the fields can mean.
#ifndef ENTENTE_SERVICES_GATEWAY_FACTSHEET_TRACE_TEST_UTIL_H_
#define ENTENTE_SERVICES_GATEWAY_FACTSHEET_TRACE_TEST_UTIL_H_

#include <google/protobuf/message.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/edtf/edtf.h"
#include "common/figure/decimal.h"
#include "entente/gateway/v1/fact_sheet.pb.h"

namespace entente::gateway::factsheet {

using Resources = std::map<std::string, const google::protobuf::Message*>;

// What a statement may say.
struct Ground {
  std::vector<std::string> strings;
  std::set<std::string> words;
  std::vector<figure::Decimal> numbers;
  bool dollars = false;
};

inline std::string Spaced(const std::string& text) {
  std::istringstream words(text);
  std::string spaced;
  for (std::string word; words >> word;) {
    absl::StrAppend(&spaced, spaced.empty() ? "" : " ", word);
  }
  return spaced;
}

inline void AddNumber(const std::string& text, Ground* ground) {
  const auto number = figure::Decimal::Parse(text);
  if (number.ok()) ground->numbers.push_back(*number);
}

inline void AddWords(const std::string& enumerator, Ground* ground) {
  for (const auto word : absl::StrSplit(absl::AsciiStrToLower(enumerator), '_')) {
    ground->words.insert(std::string(word));
  }
}

inline void AddDate(const std::string& edtf_text, Ground* ground) {
  static const char* const kMonths[] = {"january",   "february", "march",    "april",
                                        "may",       "june",     "july",     "august",
                                        "september", "october",  "november", "december"};
  const auto date = edtf::Parse(edtf_text);
  if (!date.ok()) return;
  for (const edtf::Bound& bound : {date->earliest(), date->latest()}) {
    if (bound.kind != edtf::Bound::kDay) continue;
    ground->numbers.emplace_back(bound.day.year());
    ground->numbers.emplace_back(bound.day.day());
    ground->words.insert(kMonths[bound.day.month() - 1]);
  }
}

inline void AddUnit(const std::string& unit, Ground* ground) {
  for (const auto word : absl::StrSplit(absl::AsciiStrToLower(unit), ' ')) {
    const std::string one(word);
    ground->words.insert({one, one + "s", one + "es"});
    if (!one.empty() && one.back() == 'y') {
      ground->words.insert(one.substr(0, one.size() - 1) + "ies");
    }
    if (one == "person") ground->words.insert("people");
  }
}

inline void AddMessage(const google::protobuf::Message& message, Ground* ground);

// Adds a value of a field, `index` -1 for all of them.
inline void AddField(const google::protobuf::Message& message,
                     const google::protobuf::FieldDescriptor* field, int index, Ground* ground) {
  const auto* reflection = message.GetReflection();
  if (field->is_repeated() && index < 0) {
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      AddField(message, field, i, ground);
    }
    return;
  }
  if (!field->is_repeated() && field->has_presence() && !reflection->HasField(message, field)) {
    return;
  }
  const bool repeated = field->is_repeated();
  switch (field->cpp_type()) {
    case google::protobuf::FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = repeated ? reflection->GetRepeatedString(message, field, index)
                                        : reflection->GetString(message, field);
      if (field->name() == "edtf") return AddDate(text, ground);
      if (field->name() == "unit") return AddUnit(text, ground);
      if (field->name() == "currency_code") {
        ground->dollars = ground->dollars || text == "USD";
        return AddWords(text, ground);
      }
      if (field->name() == "value" || field->name() == "tolerance_percent" ||
          field->name() == "percentage") {
        return AddNumber(text, ground);
      }
      // A name of a resource is no text: its title must be among the names of the statement.
      const bool is_name =
          text.find('/') != std::string::npos && text.find(' ') == std::string::npos;
      if (!is_name && !text.empty()) ground->strings.push_back(text);
      return;
    }
    case google::protobuf::FieldDescriptor::CPPTYPE_ENUM:
      return AddWords(repeated ? reflection->GetRepeatedEnum(message, field, index)->name()
                               : reflection->GetEnum(message, field)->name(),
                      ground);
    case google::protobuf::FieldDescriptor::CPPTYPE_INT32:
      return AddNumber(absl::StrCat(reflection->GetInt32(message, field)), ground);
    case google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE:
      return AddMessage(repeated ? reflection->GetRepeatedMessage(message, field, index)
                                 : reflection->GetMessage(message, field),
                        ground);
    default:
      return;
  }
}

inline void AddMessage(const google::protobuf::Message& message, Ground* ground) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    AddField(message, message.GetDescriptor()->field(i), -1, ground);
  }
}

// Adds what a path such as "parties[0].note" leads to. False if there is no such field.
inline bool AddPath(const google::protobuf::Message& resource, const std::string& path,
                    Ground* ground) {
  const google::protobuf::Message* message = &resource;
  const std::vector<std::string> steps = absl::StrSplit(path, '.');
  for (size_t i = 0; i < steps.size(); ++i) {
    const size_t bracket = steps[i].find('[');
    const auto* field = message->GetDescriptor()->FindFieldByName(steps[i].substr(0, bracket));
    if (field == nullptr) return false;
    int index = -1;
    if (bracket != std::string::npos) {
      if (!absl::SimpleAtoi(steps[i].substr(bracket + 1, steps[i].size() - bracket - 2), &index) ||
          index >= message->GetReflection()->FieldSize(*message, field)) {
        return false;
      }
    }
    if (i + 1 == steps.size()) {
      AddField(*message, field, index, ground);
      return true;
    }
    message = index < 0 ? &message->GetReflection()->GetMessage(*message, field)
                        : &message->GetReflection()->GetRepeatedMessage(*message, field, index);
  }
  return false;
}

inline std::string TitleOf(const google::protobuf::Message& resource) {
  Ground ground;
  const auto* field = resource.GetDescriptor()->FindFieldByName("title");
  if (field == nullptr) return "";
  const auto& title = resource.GetReflection()->GetMessage(resource, field);
  return title.GetReflection()->GetString(title, title.GetDescriptor()->FindFieldByName("text"));
}

// The words that only join, and those that say that something is missing.
inline const std::set<std::string>& JoiningWords() {
  static const auto& words = *new std::set<std::string>{
      // Labels of roles.
      "funder", "funders", "recipient", "recipients", "carried", "out", "supported", "led",
      "chairs", "co", "hosts", "participants", "partners", "announced", "meant", "to", "benefit",
      "published", "signing", "adopting", "endorsing", "by", "accountable", "for", "it", "managed",
      // Kinds that are several things.
      "adoption", "extension", "or", "release", "agreement", "work", "plan", "forum", "symposium",
      "conference", "dialogue", "meeting", "officials", "being", "set", "up",
      // Labels of fields.
      "also", "called", "where", "when", "period", "value", "date", "established", "documents",
      "part", "of", "which", "under", "held", "alongside", "belongs", "concerns", "about", "in",
      "the", "series", "as", "its", "first", "edition", "that", "seat", "office", "lies", "issued",
      "once", "a",
      // Dates and figures.
      "some", "day", "time", "from", "on", "until", "since", "is", "are", "and", "an", "over",
      "nearly", "at", "least", "less", "more", "than", "without", "margin", "each", "year", "own",
      "mobilised", "initiative", "iso", "code", "text", "cited", "characters", "with", "sha", "be",
      "aimed", "sum", "bounds", "what", "no", "partnership", "pillar", "way",
      // What is not stated.
      "not", "stated", "amount", "number", "how", "far", "has", "come", "planned", "active",
      "completed", "share", "money", "place", "instrument", "whether", "was", "counted", "often"};
  return words;
}

// What of the text of a statement is not from the fields that it names; empty if all is.
inline std::string Untraced(const v1::FactSheetStatement& statement, const Resources& resources,
                            const std::vector<std::string>& further_numbers = {}) {
  Ground ground;
  for (const std::string& number : further_numbers) AddNumber(number, &ground);
  std::vector<std::pair<std::string, std::string>> titles;
  for (const auto& source : statement.sources()) {
    const auto found = resources.find(source.resource());
    if (found == resources.end()) return absl::StrCat("no such resource: ", source.resource());
    ground.strings.push_back(TitleOf(*found->second));
    for (const std::string& path : source.fields()) {
      if (!AddPath(*found->second, path, &ground)) {
        return absl::StrCat("no such field: ", source.resource(), " ", path);
      }
    }
  }
  for (const std::string& name : statement.names()) {
    const auto found = resources.find(name);
    if (found == resources.end()) return absl::StrCat("no such resource: ", name);
    ground.strings.push_back(TitleOf(*found->second));
    titles.emplace_back(name, absl::StrCat("“", TitleOf(*found->second), "”"));
  }
  std::vector<std::string> strings;
  for (const std::string& string : ground.strings) {
    // A note gives titles in the place of names.
    const std::string spaced = Spaced(absl::StrReplaceAll(string, titles));
    strings.push_back(spaced);
    if (!spaced.empty() && spaced.back() == '.') {
      strings.push_back(spaced.substr(0, spaced.size() - 1));
    }
  }
  std::sort(strings.begin(), strings.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
  std::string rest = statement.text();
  for (const std::string& string : strings) {
    if (!string.empty()) rest = absl::StrReplaceAll(rest, {{string, " "}});
  }
  std::vector<std::string> tokens(1);
  for (size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    const bool in_number = (c == ',' || c == '.') && i > 0 && i + 1 < rest.size() &&
                           absl::ascii_isdigit(rest[i - 1]) && absl::ascii_isdigit(rest[i + 1]);
    if (absl::ascii_isalnum(c) || in_number) {
      tokens.back().push_back(c);
    } else {
      if (c == '$' && !ground.dollars) return "$ of no amount in dollars";
      if (!tokens.back().empty()) tokens.emplace_back();
    }
  }
  std::string untraced;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const std::string word = absl::AsciiStrToLower(tokens[i]);
    if (word.empty()) continue;
    if (!absl::ascii_isdigit(word[0])) {
      if (ground.words.count(word) == 0 && JoiningWords().count(word) == 0) {
        absl::StrAppend(&untraced, word, " ");
      }
      continue;
    }
    int exponent = 0;
    if (i + 1 < tokens.size()) {
      exponent = tokens[i + 1] == "million"    ? 6
                 : tokens[i + 1] == "billion"  ? 9
                 : tokens[i + 1] == "trillion" ? 12
                                               : 0;
    }
    const auto number =
        figure::Decimal::Parse(absl::StrCat(absl::StrReplaceAll(word, {{",", ""}}), "e", exponent));
    // The standards that labels name.
    if ((word == "3166" || word == "256" || word == "1") && i > 0) {
      const std::string before = absl::AsciiStrToLower(tokens[i - 1]);
      if (before == "iso" || before == "sha" || before == "3166") continue;
    }
    const bool is_known = number.ok() && std::find(ground.numbers.begin(), ground.numbers.end(),
                                                   *number) != ground.numbers.end();
    if (!is_known) absl::StrAppend(&untraced, word, " ");
    if (exponent > 0) ++i;
  }
  return Spaced(untraced);
}

}  // namespace entente::gateway::factsheet

#endif  // ENTENTE_SERVICES_GATEWAY_FACTSHEET_TRACE_TEST_UTIL_H_
