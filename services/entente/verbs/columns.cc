// SPDX-License-Identifier: Apache-2.0
#include "services/entente/verbs/columns.h"

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "common/resource/fields.h"
#include "entente/type/v1/citation.pb.h"
#include "entente/type/v1/date.pb.h"
#include "entente/type/v1/figure.pb.h"
#include "entente/type/v1/text.pb.h"
#include "services/entente/text/display_width.h"
#include "services/entente/text/words.h"

namespace entente {
namespace {

namespace fields = resource::fields;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Of a field with more elements, such as the days of a series of rates, the rest is counted.
constexpr size_t kMostElements = 30;
// Where text is wrapped if nothing says how wide it is shown.
constexpr int kLeastTextWidth = 30;

struct ColumnSpec {
  const char* heading;
  const char* field;
  bool right = false;
};

// Beside NAME before and TITLE after.
const std::vector<ColumnSpec>& ColumnsOf(const std::string& collection) {
  static const auto& columns = *new std::map<std::string, std::vector<ColumnSpec>>{
      {"partnerships", {{"ACRONYMS", "acronyms"}, {"ESTABLISHED", "established"}}},
      {"pillars", {{"ORDER", "ordinal", true}}},
      {"initiatives", {{"KIND", "kind"}, {"STATUS", "status"}}},
      {"organisations", {{"KIND", "kind"}, {"ACRONYMS", "acronyms"}}},
      {"people", {}},
      {"places", {{"KIND", "kind"}, {"COUNTRY", "country_code"}}},
      {"documents", {{"KIND", "kind"}, {"ISSUED", "issued"}}},
      {"quantities", {{"FIGURE", "figure", true}, {"UNIT", "unit"}, {"STATUS", "status"}}},
      {"claims", {{"NATURE", "nature"}, {"STAGE", "stage"}, {"AMOUNT", "amount", true}}},
      {"rateSeries",
       {{"KIND", "kind"},
        {"BASE", "base_currency_code"},
        {"QUOTE", "quote_currency_code"},
        {"FIRST", "first_year", true},
        {"LAST", "last_year", true}}},
      {"events", {{"DATE", "date"}, {"KIND", "kind"}, {"STATUS", "status"}}},
      {"eventSeries", {{"RECURRENCE", "recurrence"}}},
  };
  static const auto& none = *new std::vector<ColumnSpec>();
  const auto found = columns.find(collection);
  return found == columns.end() ? none : found->second;
}

std::string TimeText(const Message& timestamp) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", fields::ToTime(timestamp), absl::UTCTimeZone());
}

std::string CitationText(const type::v1::Citation& citation) {
  std::string text = citation.document();
  if (citation.has_span()) {
    absl::StrAppend(&text, " [", citation.span().begin(), ", ", citation.span().end(), ")");
  }
  absl::StrAppend(&text, ", ", text::EnumText(citation.basis()));
  if (!citation.fields().empty()) {
    absl::StrAppend(&text, ", for ", absl::StrJoin(citation.fields(), ", "));
  }
  if (!citation.reason().empty()) absl::StrAppend(&text, ": ", citation.reason());
  return text;
}

std::string MessageText(const Message& message);

// The element `index` of a field; the only value if it is not repeated.
std::string ElementText(const Message& message, const FieldDescriptor* field, int index) {
  const auto* reflection = message.GetReflection();
  const bool repeated = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return repeated ? reflection->GetRepeatedString(message, field, index)
                      : reflection->GetString(message, field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return text::EnumText(repeated ? reflection->GetRepeatedEnum(message, field, index)
                                     : reflection->GetEnum(message, field));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageText(repeated ? reflection->GetRepeatedMessage(message, field, index)
                                  : reflection->GetMessage(message, field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(message, field) ? "yes" : "no";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(repeated ? reflection->GetRepeatedInt32(message, field, index)
                                   : reflection->GetInt32(message, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(repeated ? reflection->GetRepeatedInt64(message, field, index)
                                   : reflection->GetInt64(message, field));
    default:
      return "";  // No resource has a field of another type.
  }
}

// Whether the value of a field says by itself what it is.
bool SpeaksForItself(const FieldDescriptor* field) {
  return resource::IsReference(field) || field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM ||
         field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

std::string Label(const FieldDescriptor* field) {
  return absl::StrReplaceAll(std::string(field->name()), {{"_", " "}});
}

std::string MessageText(const Message& message) {
  const auto* type = message.GetDescriptor();
  if (type == type::v1::LocalisedText::descriptor()) return fields::GetString(message, "text");
  if (type == type::v1::ImpreciseDate::descriptor()) return fields::GetString(message, "edtf");
  if (type == google::protobuf::Timestamp::descriptor()) return TimeText(message);
  if (const auto* amount = google::protobuf::DynamicCastToGenerated<type::v1::Amount>(&message)) {
    return text::MoneyText(*amount);
  }
  if (const auto* figure = google::protobuf::DynamicCastToGenerated<type::v1::Figure>(&message)) {
    return text::FigureText(*figure);
  }
  if (const auto* recurrence =
          google::protobuf::DynamicCastToGenerated<funding::v1::Recurrence>(&message)) {
    return text::RecurrenceText(*recurrence);
  }
  if (const auto* citation =
          google::protobuf::DynamicCastToGenerated<type::v1::Citation>(&message)) {
    return CitationText(*citation);
  }
  std::vector<std::string> parts;
  std::vector<const FieldDescriptor*> set;
  message.GetReflection()->ListFields(message, &set);
  for (const FieldDescriptor* field : set) {
    const std::string value = absl::StrJoin(FieldTexts(message, field), "; ");
    if (value.empty()) continue;
    parts.push_back(SpeaksForItself(field) ? value : absl::StrCat(Label(field), " ", value));
  }
  return absl::StrJoin(parts, ", ");
}

// A field of the resource in words, in one line.
std::string CellText(const Message& resource, const char* name) {
  const FieldDescriptor* field = resource.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr) return "";
  std::string text = absl::StrJoin(FieldTexts(resource, field), ", ");
  const auto* claim = google::protobuf::DynamicCastToGenerated<funding::v1::Claim>(&resource);
  if (claim != nullptr && field->name() == "amount" && claim->has_recurrence()) {
    absl::StrAppend(&text, " ", text::RecurrenceText(claim->recurrence()));
  }
  return text;
}

// Fields that stand elsewhere, or say nothing to people.
bool IsLeftOut(const std::string& field) {
  return field == "name" || field == "title" || field == "etag" || field == "create_time" ||
         field == "update_time" || field == "delete_time" || field == "revision";
}

}  // namespace

std::vector<std::string> FieldTexts(const Message& message, const FieldDescriptor* field) {
  std::vector<std::string> texts;
  const auto* reflection = message.GetReflection();
  if (!field->is_repeated()) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
        reflection->HasField(message, field)) {
      texts.push_back(ElementText(message, field, 0));
    }
    return texts;
  }
  for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
    texts.push_back(ElementText(message, field, i));
  }
  return texts;
}

text::Table TableOf(const Collection& collection, const std::vector<const Message*>& resources,
                    bool deleted) {
  const std::vector<ColumnSpec>& specs = ColumnsOf(collection.id());
  std::vector<text::Column> columns = {{.heading = "NAME"}};
  if (deleted) columns.push_back({.heading = "DELETED"});
  for (const ColumnSpec& spec : specs) {
    columns.push_back({.heading = spec.heading, .right = spec.right, .shrinks = !spec.right});
  }
  columns.push_back({.heading = "TITLE", .shrinks = true});
  text::Table table(columns);
  for (const Message* resource : resources) {
    std::vector<std::string> cells = {CellText(*resource, "name")};
    if (deleted) cells.push_back(CellText(*resource, "delete_time"));
    for (const ColumnSpec& spec : specs) cells.push_back(CellText(*resource, spec.field));
    cells.push_back(CellText(*resource, "title"));
    table.Add(std::move(cells));
  }
  return table;
}

std::string ResourceText(const Message& resource, const text::Style& style) {
  const std::string name = fields::GetString(resource, "name");
  const std::string title = CellText(resource, "title");
  const std::string deleted = CellText(resource, "delete_time");
  std::string out;
  if (title.empty() && !deleted.empty()) {
    // A tombstone has its name and no more (see `erase` of ApplyChanges).
    return absl::StrCat(name, "  ", style.Alarm(absl::StrCat("ERASED for good at ", deleted)),
                        "\n");
  }
  absl::StrAppend(&out, style.Strong(text::Printable(title)), "\n", name, "\n");
  if (!deleted.empty()) {
    absl::StrAppend(&out, style.Alarm(absl::StrCat("DELETED at ", deleted)), "\n");
  }
  absl::StrAppend(&out, "\n");

  std::vector<const FieldDescriptor*> set;
  resource.GetReflection()->ListFields(resource, &set);
  std::sort(set.begin(), set.end(), [](const FieldDescriptor* a, const FieldDescriptor* b) {
    return a->index() < b->index();  // As the protos tell it.
  });
  int label_width = 0;
  for (const FieldDescriptor* field : set) {
    if (!IsLeftOut(std::string(field->name()))) {
      label_width = std::max(label_width, text::DisplayWidth(Label(field)));
    }
  }
  const int indent = label_width + 4;
  const auto add = [&](const std::string& label, const std::string& value) {
    std::vector<std::string> lines = {text::Printable(value)};
    if (style.width.has_value()) {
      lines = text::Wrap(lines[0], std::max(*style.width - indent, kLeastTextWidth));
    }
    for (size_t i = 0; i < lines.size(); ++i) {
      const std::string head = text::Pad(i == 0 ? label : "", label_width, false);
      std::string line = absl::StrCat("  ", style.Faint(head), "  ", lines[i]);
      absl::StripTrailingAsciiWhitespace(&line);
      absl::StrAppend(&out, line, "\n");
    }
  };
  for (const FieldDescriptor* field : set) {
    if (IsLeftOut(std::string(field->name()))) continue;
    const std::vector<std::string> values = FieldTexts(resource, field);
    for (size_t i = 0; i < std::min(values.size(), kMostElements); ++i) {
      add(i == 0 ? Label(field) : "", values[i]);
    }
    if (values.size() > kMostElements) {
      add("", absl::StrCat("... and ", values.size() - kMostElements, " more: -o json has all"));
    }
  }
  const std::string created = CellText(resource, "create_time");
  const std::string updated = CellText(resource, "update_time");
  absl::StrAppend(&out, "\n  ",
                  style.Faint(absl::StrCat(
                      "revision ", fields::GetInt(resource, "revision"), "; created ", created,
                      created == updated ? "" : absl::StrCat(", changed ", updated))),
                  "\n");
  return out;
}

}  // namespace entente
