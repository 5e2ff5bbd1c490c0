// SPDX-License-Identifier: Apache-2.0
#include "common/filter/ordering.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/filter/sort_key.h"

namespace entente::filter {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using internal::KeyType;
using internal::Moment;

constexpr absl::string_view kSpace = " \t\r\n";
constexpr size_t kFingerprintBytes = 4;

template <typename T>
int ThreeWay(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

int Sign(int order) { return ThreeWay(order, 0); }

// FNV-1a: not for security, but the same in every process and release, which std::hash is not.
std::string Fingerprint(absl::string_view text) {
  uint32_t hash = 2166136261u;
  for (char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 16777619u;
  std::string bytes;
  for (size_t i = 0; i < kFingerprintBytes; ++i) {
    bytes.push_back(static_cast<char>((hash >> (8 * i)) & 0xFF));
  }
  return bytes;
}

Moment ReadMoment(const FieldPath::Value& value) {
  const Message& message = value.GetMessage();
  const Descriptor* type = message.GetDescriptor();
  const auto* reflection = message.GetReflection();
  return {reflection->GetInt64(message, type->FindFieldByNumber(1)),
          reflection->GetInt32(message, type->FindFieldByNumber(2))};
}

struct Word {
  absl::string_view text;
  size_t offset;
};

// The words between white space in text[begin, end).
std::vector<Word> Words(absl::string_view text, size_t begin, size_t end) {
  std::vector<Word> words;
  while (true) {
    begin = std::min(text.find_first_not_of(kSpace, begin), end);
    if (begin == end) return words;
    const size_t stop = std::min(text.find_first_of(kSpace, begin), end);
    words.push_back({text.substr(begin, stop - begin), begin});
    begin = stop;
  }
}

}  // namespace

struct Ordering::Criterion {
  FieldPath path;
  KeyType type;
  bool descending = false;
  std::function<std::string(const Message&)> sort_key;  // if the type is kText and this is set

  int Compare(const Message& a, const Message& b) const {
    const std::optional<FieldPath::Value> left = path.Get(a);
    const std::optional<FieldPath::Value> right = path.Get(b);
    const int order = left.has_value() && right.has_value()
                          ? CompareValues(*left, *right)
                          : ThreeWay(left.has_value(), right.has_value());
    return descending ? -order : order;
  }

  int CompareValues(const FieldPath::Value& a, const FieldPath::Value& b) const {
    switch (type) {
      case KeyType::kSigned:
        return ThreeWay(a.GetSigned(), b.GetSigned());
      case KeyType::kUnsigned:
        return ThreeWay(a.GetUnsigned(), b.GetUnsigned());
      case KeyType::kBool:
        return ThreeWay(a.GetBool(), b.GetBool());
      case KeyType::kReal:
        return internal::CompareReals(a.GetReal(), b.GetReal());
      case KeyType::kMoment:
        return ThreeWay(ReadMoment(a), ReadMoment(b));
      case KeyType::kText:
        break;
    }
    if (sort_key != nullptr)
      return Sign(sort_key(a.GetMessage()).compare(sort_key(b.GetMessage())));
    std::string left, right;
    return Sign(a.GetString(&left).compare(b.GetString(&right)));
  }

  void Append(const Message& message, std::string* key) const {
    const size_t start = key->size();
    const std::optional<FieldPath::Value> value = path.Get(message);
    if (value.has_value()) {
      AppendValue(*value, key);
    } else {
      internal::AppendUnset(key);
    }
    if (descending) internal::Complement(start, key);
  }

  void AppendValue(const FieldPath::Value& value, std::string* key) const {
    switch (type) {
      case KeyType::kSigned:
        return internal::AppendSigned(value.GetSigned(), key);
      case KeyType::kUnsigned:
        return internal::AppendUnsigned(value.GetUnsigned(), key);
      case KeyType::kBool:
        return internal::AppendBool(value.GetBool(), key);
      case KeyType::kReal:
        return internal::AppendReal(value.GetReal(), key);
      case KeyType::kMoment:
        return internal::AppendMoment(ReadMoment(value), key);
      case KeyType::kText:
        break;
    }
    if (sort_key != nullptr) return internal::AppendText(sort_key(value.GetMessage()), key);
    std::string scratch;
    internal::AppendText(value.GetString(&scratch), key);
  }
};

struct Ordering::Compiled {
  std::vector<Criterion> criteria;
  std::string canonical;
  std::string fingerprint;
};

absl::StatusOr<Ordering::Criterion> Ordering::MakeCriterion(FieldPath path,
                                                            const OrderingOptions& options,
                                                            absl::string_view source,
                                                            size_t offset) {
  if (path.repeated() || path.through_map()) {
    return ErrorAt(source, offset,
                   absl::StrCat(Quoted(path.text()),
                                " is, or leads through, a repeated field or a map: it has no one "
                                "value to order by"));
  }
  const FieldDescriptor* field = path.leaf();
  Criterion criterion{std::move(path), KeyType::kText};
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_ENUM:
      criterion.type = KeyType::kSigned;
      return criterion;
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      criterion.type = KeyType::kUnsigned;
      return criterion;
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      criterion.type = KeyType::kReal;
      return criterion;
    case FieldDescriptor::CPPTYPE_BOOL:
      criterion.type = KeyType::kBool;
      return criterion;
    case FieldDescriptor::CPPTYPE_STRING:
      return criterion;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  const std::string type(field->message_type()->full_name());
  if (const auto found = options.sort_keys.find(type); found != options.sort_keys.end()) {
    criterion.sort_key = found->second;
    return criterion;
  }
  if (type == "google.protobuf.Timestamp" || type == "google.protobuf.Duration") {
    criterion.type = KeyType::kMoment;
    return criterion;
  }
  return ErrorAt(source, offset,
                 absl::StrCat(Quoted(criterion.path.text()), " is a message (", type,
                              "), which has no order; order by one of its fields;",
                              Alternatives("", "fields", FieldNames(field->message_type()))));
}

absl::StatusOr<Ordering> Ordering::Compile(absl::string_view order_by, const Descriptor* descriptor,
                                           const OrderingOptions& options) {
  const FieldDescriptor* unique = descriptor->FindFieldByName(options.tie_break);
  if (unique == nullptr || unique->type() != FieldDescriptor::TYPE_STRING ||
      unique->is_repeated()) {
    return absl::FailedPreconditionError(
        absl::StrCat(std::string(descriptor->full_name()), " has no singular string field ",
                     Quoted(options.tie_break), " to break ties with"));
  }
  if (order_by.size() > kMaxOrderingBytes) {
    return ErrorAt(order_by, kMaxOrderingBytes,
                   absl::StrCat("order_by has ", order_by.size(), " bytes; at most ",
                                kMaxOrderingBytes, " are allowed"));
  }
  if (const std::optional<size_t> offset = FindInvalidUtf8(order_by); offset.has_value()) {
    return ErrorAt(order_by, *offset, "order_by is not valid UTF-8 here");
  }
  auto compiled = std::make_shared<Compiled>();
  const auto add = [&compiled](Criterion criterion) {
    absl::StrAppend(&compiled->canonical, compiled->criteria.empty() ? "" : ",",
                    criterion.path.text(), criterion.descending ? " desc" : "");
    compiled->criteria.push_back(std::move(criterion));
  };
  const auto has = [&compiled](absl::string_view path) {
    return std::any_of(
        compiled->criteria.begin(), compiled->criteria.end(),
        [path](const Criterion& criterion) { return criterion.path.text() == path; });
  };
  const bool empty = order_by.find_first_not_of(kSpace) == absl::string_view::npos;
  for (size_t begin = 0; !empty && begin <= order_by.size();) {
    const size_t end = std::min(order_by.find(',', begin), order_by.size());
    const std::vector<Word> words = Words(order_by, begin, end);
    if (words.empty()) {
      return ErrorAt(
          order_by, end,
          absl::StrCat("expected a field before ", end == order_by.size() ? "the end" : "\",\""));
    }
    const auto [text, offset] = words[0];
    absl::StatusOr<FieldPath> path =
        FieldPath::Resolve(descriptor, FieldPath::Split(text, offset), order_by);
    if (!path.ok()) return path.status();
    if (has(path->text())) {
      return ErrorAt(order_by, offset, absl::StrCat("the field ", Quoted(text), " is given twice"));
    }
    if (compiled->criteria.size() == kMaxOrderingFields) {
      return ErrorAt(order_by, offset, absl::StrCat("more than ", kMaxOrderingFields, " fields"));
    }
    absl::StatusOr<Criterion> criterion =
        MakeCriterion(*std::move(path), options, order_by, offset);
    if (!criterion.ok()) return criterion.status();
    if (words.size() > 1) {
      if (words[1].text != "desc" && words[1].text != "asc") {
        return ErrorAt(order_by, words[1].offset,
                       absl::StrCat("expected asc, desc or \",\", found ", Quoted(words[1].text)));
      }
      criterion->descending = words[1].text == "desc";
    }
    if (words.size() > 2) {
      return ErrorAt(order_by, words[2].offset,
                     absl::StrCat("expected \",\", found ", Quoted(words[2].text)));
    }
    add(*std::move(criterion));
    begin = end + 1;
  }
  if (!has(options.tie_break)) {
    absl::StatusOr<FieldPath> path = FieldPath::Resolve(descriptor, options.tie_break);
    if (!path.ok()) return path.status();
    add({*std::move(path), KeyType::kText});
  }
  compiled->fingerprint =
      Fingerprint(absl::StrCat(std::string(descriptor->full_name()), " ", compiled->canonical));
  return Ordering(std::move(compiled));
}

int Ordering::Compare(const Message& a, const Message& b) const {
  for (const Criterion& criterion : compiled_->criteria) {
    if (const int order = criterion.Compare(a, b); order != 0) return order;
  }
  return 0;
}

std::string Ordering::KeyOf(const Message& message) const {
  std::string key = compiled_->fingerprint;
  for (const Criterion& criterion : compiled_->criteria) criterion.Append(message, &key);
  return key;
}

absl::Status Ordering::CheckKey(absl::string_view key) const {
  if (!absl::StartsWith(key, compiled_->fingerprint)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the key is not one of the order ", Quoted(compiled_->canonical)));
  }
  key.remove_prefix(kFingerprintBytes);
  for (const Criterion& criterion : compiled_->criteria) {
    if (!internal::ConsumeComponent(criterion.type, criterion.descending, &key)) {
      return absl::InvalidArgumentError(
          absl::StrCat("the key is malformed at ", Quoted(criterion.path.text())));
    }
  }
  if (!key.empty()) return absl::InvalidArgumentError("the key has bytes after its end");
  return absl::OkStatus();
}

absl::StatusOr<int> Ordering::CompareToKey(const Message& message, absl::string_view key) const {
  if (absl::Status status = CheckKey(key); !status.ok()) return status;
  return Sign(absl::string_view(KeyOf(message)).compare(key));
}

const std::string& Ordering::canonical() const { return compiled_->canonical; }

}  // namespace entente::filter
