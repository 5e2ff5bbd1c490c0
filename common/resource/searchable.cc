// SPDX-License-Identifier: Apache-2.0
#include "common/resource/searchable.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/resource/fields.h"
#include "google/api/resource.pb.h"

namespace entente::resource {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using search::Field;
using type::v1::LocalisedText;

// Fields of strings that are searched, wherever they stand in a resource.
std::optional<Field> FieldOfString(const FieldDescriptor& field) {
  static constexpr std::pair<absl::string_view, Field> kFields[] = {
      {"acronyms", Field::kAcronym},
      {"other_names", Field::kName},
      {"country_code", Field::kIdentifier},
      {"base_currency_code", Field::kIdentifier},
      {"quote_currency_code", Field::kIdentifier},
      {"source", Field::kDescription},
      {"unit", Field::kDescription},
  };
  for (const auto& [name, in] : kFields) {
    if (field.name() == name) return in;
  }
  // Of an ExternalIdentifier.
  if (field.full_name() == "entente.type.v1.ExternalIdentifier.value") return Field::kIdentifier;
  if (field.options().HasExtension(google::api::resource_reference)) return Field::kReference;
  return std::nullopt;
}

// The last id of a name.
absl::string_view IdOf(absl::string_view name) {
  const size_t slash = name.rfind('/');
  return slash == absl::string_view::npos ? name : name.substr(slash + 1);
}

class Collector {
 public:
  explicit Collector(search::Document* document) : document_(document) {}

  void Take(const Message& message, const std::string& path) {
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      // Every resource has these; they say where it belongs and stands, not what it is about.
      if (path.empty() && (field->name() == "name" || field->name() == "partnerships" ||
                           field->name() == "citations")) {
        continue;
      }
      const std::string here = absl::StrCat(path, path.empty() ? "" : ".", field->name());
      if (field->type() == FieldDescriptor::TYPE_STRING) {
        if (const auto in = FieldOfString(*field); in.has_value()) {
          TakeStrings(message, *field, here, *in);
        }
      } else if (field->type() == FieldDescriptor::TYPE_MESSAGE && !field->is_map()) {
        TakeMessages(message, *field, here, path.empty());
      }
    }
  }

 private:
  template <typename Fn>
  static void ForEach(const Message& message, const FieldDescriptor& field, const std::string& path,
                      Fn fn) {
    if (!field.is_repeated()) return fn(-1, path);
    const int size = message.GetReflection()->FieldSize(message, &field);
    for (int i = 0; i < size; ++i) fn(i, absl::StrCat(path, "[", i, "]"));
  }

  void TakeStrings(const Message& message, const FieldDescriptor& field, const std::string& path,
                   Field in) {
    const Reflection& reflection = *message.GetReflection();
    ForEach(message, field, path, [&](int i, const std::string& here) {
      std::string scratch;
      const std::string& text =
          i < 0 ? reflection.GetStringReference(message, &field, &scratch)
                : reflection.GetRepeatedStringReference(message, &field, i, &scratch);
      document_->values.push_back(
          {in, here, "", in == Field::kReference ? IdOf(text) : absl::string_view(text)});
    });
  }

  void TakeMessages(const Message& message, const FieldDescriptor& field, const std::string& path,
                    bool of_resource) {
    const Reflection& reflection = *message.GetReflection();
    ForEach(message, field, path, [&](int i, const std::string& here) {
      const Message& inner = i < 0 ? reflection.GetMessage(message, &field)
                                   : reflection.GetRepeatedMessage(message, &field, i);
      if (field.message_type() != LocalisedText::descriptor()) return Take(inner, here);
      Field in = Field::kDescription;
      if (of_resource && field.name() == "title") in = Field::kTitle;
      if (of_resource && field.name() == "notes") in = Field::kNote;
      const auto& text = static_cast<const LocalisedText&>(inner);
      document_->values.push_back(
          {in, absl::StrCat(here, ".text"), text.language_code(), text.text()});
      for (int k = 0; k < text.translations_size(); ++k) {
        const type::v1::Translation& translation = text.translations(k);
        document_->values.push_back({in, absl::StrCat(here, ".translations[", k, "].text"),
                                     translation.language_code(), translation.text()});
      }
    });
  }

  search::Document* const document_;
};

const EnumDescriptor* KindsOf(const google::protobuf::Descriptor& type) {
  const FieldDescriptor* kind = type.FindFieldByName("kind");
  return kind == nullptr ? nullptr : kind->enum_type();
}

}  // namespace

search::Document DocumentOf(const Entry& entry) {
  const Message& resource = *entry.message;
  search::Document document;
  document.name = std::string(entry.name);
  document.attributes.type = entry.type->type;
  if (const EnumDescriptor* kinds = KindsOf(*entry.type->descriptor); kinds != nullptr) {
    const auto* kind = kinds->FindValueByNumber(static_cast<int>(fields::GetInt(resource, "kind")));
    // A kind that a later version knows is none to this one.
    if (kind != nullptr && kind->number() != 0) document.attributes.kind = kind->name();
  }
  document.attributes.partnerships = fields::GetStrings(resource, "partnerships");
  document.values.push_back({Field::kIdentifier, "name", "", IdOf(entry.name)});
  Collector(&document).Take(resource, "");
  return document;
}

const LocalisedText& TitleOf(const Entry& entry) {
  const Message* title = fields::GetMessage(*entry.message, "title");
  return title == nullptr || title->GetDescriptor() != LocalisedText::descriptor()
             ? LocalisedText::default_instance()
             : static_cast<const LocalisedText&>(*title);
}

search::Labels LabelsOf(const Registry& registry) {
  search::Labels labels;
  for (const auto& type : registry.types()) {
    labels.types.push_back(search::LabelOfType(type->type));
    const EnumDescriptor* kinds = KindsOf(*type->descriptor);
    if (kinds == nullptr) continue;
    for (int i = 0; i < kinds->value_count(); ++i) {
      if (kinds->value(i)->number() == 0) continue;
      labels.kinds.push_back(search::LabelOfKind(kinds->value(i)->name()));
    }
  }
  return labels;
}

}  // namespace entente::resource
