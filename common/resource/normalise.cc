// SPDX-License-Identifier: Apache-2.0
#include "common/resource/normalise.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/edtf/edtf.h"
#include "common/figure/decimal.h"
#include "common/figure/interval.h"
#include "common/resource/fields.h"
#include "common/resource/walk.h"
#include "entente/type/v1/citation.pb.h"
#include "entente/type/v1/date.pb.h"
#include "entente/type/v1/figure.pb.h"
#include "entente/type/v1/party.pb.h"
#include "entente/type/v1/share.pb.h"
#include "entente/type/v1/text.pb.h"
#include "google/api/field_behavior.pb.h"

namespace entente::resource {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace v1 = type::v1;

constexpr absl::string_view kDefaultLanguage = "en";
constexpr absl::string_view kDefaultTolerance = "10";
constexpr size_t kSha256Digits = 64;

bool IsRequired(const FieldDescriptor* field) {
  const auto& options = field->options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == google::api::REQUIRED) return true;
  }
  return false;
}

bool IsSet(const Message& message, const FieldDescriptor* field) {
  return field->is_repeated() ? message.GetReflection()->FieldSize(message, field) > 0
                              : message.GetReflection()->HasField(message, field);
}

std::string EnumValues(const FieldDescriptor* field) {
  std::string text;
  for (int i = 1; i < field->enum_type()->value_count(); ++i) {
    absl::StrAppend(&text, i == 1 ? "" : ", ", std::string(field->enum_type()->value(i)->name()));
  }
  return text;
}

void CheckFields(const Message& message, const std::string& path, Violations* violations) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    const std::string place = path + std::string(field->name());
    const bool is_enum = field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
    if (IsRequired(field) && !IsSet(message, field)) {
      violations->Add(place, is_enum ? absl::StrCat("is required: one of ", EnumValues(field))
                                     : std::string("is required"));
    } else if (is_enum && !field->is_repeated()) {
      const int value = message.GetReflection()->GetEnumValue(message, field);
      if (field->enum_type()->FindValueByNumber(value) == nullptr) {
        violations->Add(place, absl::StrCat(value, " is not defined: one of ", EnumValues(field)));
      }
    }
  }
}

// RFC 5646 in outline: subtags of letters and digits, the first of letters.
bool IsLanguageTag(absl::string_view tag) {
  bool first = true;
  for (const absl::string_view subtag : absl::StrSplit(tag, '-')) {
    if (subtag.empty() || subtag.size() > 8) return false;
    for (const char c : subtag) {
      if (first ? !absl::ascii_isalpha(c) : !absl::ascii_isalnum(c)) return false;
    }
    first = false;
  }
  return true;
}

// RFC 5646, section 2.1.1: "pt-BR", "zh-Hant-TW"; all lower case behind a singleton.
std::string CanonicalTag(absl::string_view tag) {
  std::vector<std::string> subtags = absl::StrSplit(absl::AsciiStrToLower(tag), '-');
  for (size_t i = 1; i < subtags.size() && subtags[i].size() > 1; ++i) {
    std::string& subtag = subtags[i];
    if (subtag.size() == 2) absl::AsciiStrToUpper(&subtag);
    if (subtag.size() == 4) subtag[0] = absl::ascii_toupper(static_cast<unsigned char>(subtag[0]));
  }
  // A tag of private use begins with its singleton.
  return subtags[0].size() == 1 ? absl::AsciiStrToLower(tag) : absl::StrJoin(subtags, "-");
}

void NormaliseText(v1::LocalisedText* text, const std::string& path, Violations* violations) {
  if (text->language_code().empty()) text->set_language_code(std::string(kDefaultLanguage));
  std::set<std::string> languages;
  const auto normalise = [&](std::string* tag, const std::string& place) {
    if (tag->empty()) return;  // Reported as required.
    if (!IsLanguageTag(*tag)) {
      violations->Add(place, "must be a BCP 47 language tag, for example \"en\" or \"pt-BR\"");
      return;
    }
    *tag = CanonicalTag(*tag);
    if (!languages.insert(*tag).second) {
      violations->Add(place, absl::StrCat("repeats the language ", *tag));
    }
  };
  normalise(text->mutable_language_code(), path + "language_code");
  for (int i = 0; i < text->translations_size(); ++i) {
    normalise(text->mutable_translations(i)->mutable_language_code(),
              absl::StrCat(path, "translations[", i, "].language_code"));
  }
}

std::string Day(const edtf::Bound& bound) {
  return bound.kind == edtf::Bound::kDay ? absl::FormatCivilTime(bound.day) : std::string();
}

void NormaliseDate(v1::ImpreciseDate* date, const std::string& path, Violations* violations) {
  if (date->edtf().empty()) return;  // Reported as required.
  const auto parsed = edtf::Parse(date->edtf());
  if (!parsed.ok()) {
    violations->Add(path + "edtf", parsed.status().message());
    return;
  }
  date->set_edtf(parsed->ToString());
  date->set_earliest(Day(parsed->earliest()));
  date->set_latest(Day(parsed->latest()));
}

figure::Qualifier ToQualifier(v1::Qualifier qualifier) {
  switch (qualifier) {
    case v1::QUALIFIER_MORE_THAN:
      return figure::Qualifier::kMoreThan;
    case v1::QUALIFIER_AT_LEAST:
      return figure::Qualifier::kAtLeast;
    case v1::QUALIFIER_LESS_THAN:
      return figure::Qualifier::kLessThan;
    case v1::QUALIFIER_NEARLY:
      return figure::Qualifier::kNearly;
    case v1::QUALIFIER_UP_TO:
      return figure::Qualifier::kUpTo;
    case v1::QUALIFIER_ABOUT:
      return figure::Qualifier::kAbout;
    default:
      return figure::Qualifier::kExact;
  }
}

void NormaliseFigure(v1::Figure* figure, const std::string& path, Violations* violations) {
  figure->clear_interval();
  const bool about = figure->qualifier() == v1::QUALIFIER_ABOUT;
  if (!about && !figure->tolerance_percent().empty()) {
    violations->Add(path + "tolerance_percent", "goes with QUALIFIER_ABOUT only");
  }
  if (figure->qualifier() == v1::QUALIFIER_NOT_STATED) {
    if (!figure->value().empty()) {
      violations->Add(path + "value", "must be empty where the figure is not stated");
    }
    return;
  }
  if (figure->value().empty()) {
    violations->Add(path + "value", "is required, unless the qualifier is QUALIFIER_NOT_STATED");
    return;
  }
  if (figure->qualifier() == v1::QUALIFIER_UNSPECIFIED) {
    figure->set_qualifier(v1::QUALIFIER_EXACT);
  }
  if (about && figure->tolerance_percent().empty()) {
    figure->set_tolerance_percent(std::string(kDefaultTolerance));
  }
  const auto value = figure::Decimal::Parse(figure->value());
  if (!value.ok()) {
    violations->Add(path + "value", value.status().message());
    return;
  }
  figure::Decimal tolerance;
  if (about) {
    const auto parsed = figure::Decimal::Parse(figure->tolerance_percent());
    if (!parsed.ok()) {
      violations->Add(path + "tolerance_percent", parsed.status().message());
      return;
    }
    tolerance = *parsed;
    figure->set_tolerance_percent(tolerance.ToString());
  }
  const auto interval = figure::IntervalOf(ToQualifier(figure->qualifier()), *value, tolerance);
  if (!interval.ok()) {
    violations->Add(path + "value", interval.status().message());
    return;
  }
  figure->set_value(value->ToString());
  figure->mutable_interval()->set_low(interval->low.value.ToString());
  figure->mutable_interval()->set_low_open(interval->low.open);
  if (interval->high.has_value()) {
    figure->mutable_interval()->set_high(interval->high->value.ToString());
  }
  figure->mutable_interval()->set_high_open(!interval->high.has_value() || interval->high->open);
}

void CheckAmount(const v1::Amount& amount, const std::string& path, Violations* violations) {
  const std::string& code = amount.currency_code();
  bool letters = code.size() == 3;
  for (const char c : code) letters = letters && absl::ascii_isupper(c);
  if (!code.empty() && !letters) {
    violations->Add(path + "currency_code", "must be an ISO 4217 code, for example \"USD\"");
  }
}

bool IsSha256(absl::string_view text) {
  if (text.size() != kSha256Digits) return false;
  for (const char c : text) {
    if (!absl::ascii_isdigit(c) && (c < 'a' || c > 'f')) return false;
  }
  return true;
}

// Whether `path` ("parties[0].role", "amount.figure") leads to something that `resource` has.
bool Resolves(const Message& resource, absl::string_view path) {
  const Message* message = &resource;
  for (const absl::string_view segment : absl::StrSplit(path, '.')) {
    if (message == nullptr) return false;
    const size_t bracket = segment.find('[');
    const FieldDescriptor* field =
        message->GetDescriptor()->FindFieldByName(std::string(segment.substr(0, bracket)));
    if (field == nullptr || !IsSet(*message, field)) return false;
    int index = -1;
    if (bracket != absl::string_view::npos) {
      const absl::string_view digits = segment.substr(bracket + 1, segment.size() - bracket - 2);
      if (!field->is_repeated() || segment.back() != ']' || !absl::SimpleAtoi(digits, &index) ||
          index < 0 || index >= message->GetReflection()->FieldSize(*message, field)) {
        return false;
      }
    }
    if (field->message_type() == nullptr || (field->is_repeated() && index < 0)) {
      message = nullptr;
    } else if (field->is_repeated()) {
      message = &message->GetReflection()->GetRepeatedMessage(*message, field, index);
    } else {
      message = &message->GetReflection()->GetMessage(*message, field);
    }
  }
  return true;
}

void CheckCitation(const v1::Citation& citation, const Message& resource, const std::string& path,
                   Violations* violations) {
  if (citation.has_span()) {
    if (citation.span().begin() < 0 || citation.span().end() <= citation.span().begin()) {
      violations->Add(path + "span", "must begin at 0 or later and end after it begins");
    }
    if (!IsSha256(citation.span_sha256())) {
      violations->Add(path + "span_sha256",
                      "must be the SHA-256 of the span, 64 lower-case hexadecimal digits");
    }
  } else if (!citation.span_sha256().empty()) {
    violations->Add(path + "span", "is required with a span_sha256");
  }
  const bool needs_reason =
      citation.basis() == v1::BASIS_INFERRED || citation.basis() == v1::BASIS_CONVENTION;
  if (needs_reason && citation.reason().empty()) {
    violations->Add(path + "reason", "is required for what is inferred or a convention");
  }
  for (int i = 0; i < citation.fields_size(); ++i) {
    if (!Resolves(resource, citation.fields(i))) {
      violations->Add(absl::StrCat(path, "fields[", i, "]"),
                      absl::StrCat("\"", citation.fields(i), "\" is not set in the resource"));
    }
  }
}

// Percentages of shares, per vocabulary where there are several.
class Percentages {
 public:
  void Add(const std::string& vocabulary, std::string* percentage, const std::string& path,
           Violations* violations) {
    if (percentage->empty()) return;
    const auto value = figure::Decimal::Parse(*percentage);
    if (!value.ok() || value->is_negative() || value->is_zero() || *value > figure::Decimal(100)) {
      violations->Add(path, "must be a decimal above 0 and at most 100");
      return;
    }
    *percentage = value->ToString();
    const auto sum = figure::Add(sums_[vocabulary], *value);
    if (!sum.ok()) return;
    if (sums_[vocabulary] <= figure::Decimal(100) && *sum > figure::Decimal(100)) {
      violations->Add(path, absl::StrCat("the percentages add up to ", sum->ToString(),
                                         "; they must not exceed 100"));
    }
    sums_[vocabulary] = *sum;
  }

 private:
  std::map<std::string, figure::Decimal> sums_;
};

}  // namespace

void Normaliser::Normalise(Message* resource, const std::string& path,
                           Violations* violations) const {
  Percentages sectors;
  Percentages places;
  // An outer message is met before what is in it, so that clearing and filling in is safe.
  WalkMessages(resource, [&](Message* message, const std::string& inner) {
    const std::string place = inner.empty() ? path : absl::StrCat(path, inner, ".");
    const Descriptor* descriptor = message->GetDescriptor();
    CheckFields(*message, place, violations);
    if (descriptor == v1::LocalisedText::descriptor()) {
      NormaliseText(static_cast<v1::LocalisedText*>(message), place, violations);
    } else if (descriptor == v1::ImpreciseDate::descriptor()) {
      NormaliseDate(static_cast<v1::ImpreciseDate*>(message), place, violations);
    } else if (descriptor == v1::Figure::descriptor()) {
      NormaliseFigure(static_cast<v1::Figure*>(message), place, violations);
    } else if (descriptor == v1::Amount::descriptor()) {
      CheckAmount(static_cast<const v1::Amount&>(*message), place, violations);
    } else if (descriptor == v1::Citation::descriptor()) {
      CheckCitation(static_cast<const v1::Citation&>(*message), *resource, place, violations);
    } else if (descriptor == v1::Party::descriptor()) {
      const auto& party = static_cast<const v1::Party&>(*message);
      if (party.organisation().empty() && party.person().empty()) {
        violations->Add(place + "organisation", "is required where there is no person");
      }
    } else if (descriptor == v1::SectorShare::descriptor()) {
      auto* share = static_cast<v1::SectorShare*>(message);
      sectors.Add(share->vocabulary(), share->mutable_percentage(), place + "percentage",
                  violations);
    } else if (descriptor == v1::PlaceShare::descriptor()) {
      places.Add("", static_cast<v1::PlaceShare*>(message)->mutable_percentage(),
                 place + "percentage", violations);
    }
  });
  CheckReferences(*resource, path, violations);
}

const ResourceType* Normaliser::TypeOf(const Reference& reference) const {
  for (const Registry* registry : registries_) {
    const ResourceType* type = registry->FindByType(reference.type);
    if (type != nullptr) return type;
  }
  return nullptr;
}

bool Normaliser::IsOfItsType(const Reference& reference) const {
  const ResourceType* type = TypeOf(reference);
  return type == nullptr || type->pattern.Matches(reference.target);
}

void Normaliser::CheckReferences(const Message& resource, const std::string& path,
                                 Violations* violations) const {
  for (const Reference& reference : ReferencesOf(resource)) {
    if (IsOfItsType(reference)) continue;
    violations->Add(path + reference.path,
                    absl::StrCat("must be a name like ", TypeOf(reference)->pattern.text()));
  }
}

}  // namespace entente::resource
