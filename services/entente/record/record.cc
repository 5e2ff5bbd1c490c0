// SPDX-License-Identifier: Apache-2.0
#include "services/entente/record/record.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/resource/fields.h"
#include "common/status/errors.h"
#include "entente/record/v1/record.pb.h"

namespace entente {
namespace {

namespace fields = resource::fields;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

constexpr absl::string_view kExtension = ".textproto";

class FaultCollector final : public google::protobuf::io::ErrorCollector {
 public:
  FaultCollector(std::string file, std::vector<Fault>* faults)
      : file_(std::move(file)), faults_(faults) {}

  void AddError(int line, int column, const std::string& message) override {
    faults_->push_back({file_, line + 1, column + 1, message});
  }

 private:
  const std::string file_;
  std::vector<Fault>* const faults_;
};

// "parties[2]" as ("parties", 2); without brackets the index is -1.
std::pair<std::string, int> SplitIndex(absl::string_view segment) {
  const size_t bracket = segment.find('[');
  int index = -1;
  if (bracket == absl::string_view::npos ||
      !absl::SimpleAtoi(absl::StripSuffix(segment.substr(bracket + 1), "]"), &index)) {
    return {std::string(segment.substr(0, bracket)), -1};
  }
  return {std::string(segment.substr(0, bracket)), index};
}

// The place of `path` in `tree`, or of the innermost part of it that stands there.
TextFormat::ParseLocation Descend(const google::protobuf::Descriptor* descriptor,
                                  TextFormat::ParseInfoTree* tree, absl::string_view path,
                                  TextFormat::ParseLocation place) {
  for (const absl::string_view segment : absl::StrSplit(path, '.', absl::SkipEmpty())) {
    const auto [name, index] = SplitIndex(segment);
    const FieldDescriptor* field =
        descriptor == nullptr ? nullptr : descriptor->FindFieldByName(name);
    if (field == nullptr || tree == nullptr) break;
    const int at = field->is_repeated() ? std::max(index, 0) : -1;
    const auto found = tree->GetLocation(field, at);
    descriptor = field->message_type();
    tree = descriptor == nullptr ? nullptr : tree->GetTreeForNested(field, at);
    // What is written as a list, "citations: [ {...}, {...} ]", has one place, and a tree for each.
    if (found.line >= 0) place = found;
    if (found.line < 0 && tree == nullptr) break;
  }
  return place;
}

}  // namespace

struct RecordDirectory::File {
  std::string path;
  record::v1::Record record;
  std::unique_ptr<TextFormat::ParseInfoTree> places;
};

RecordDirectory::RecordDirectory() = default;
RecordDirectory::RecordDirectory(RecordDirectory&&) noexcept = default;
RecordDirectory& RecordDirectory::operator=(RecordDirectory&&) noexcept = default;
RecordDirectory::~RecordDirectory() = default;

const Message& RecordDirectory::Located::message() const {
  return file->record.GetReflection()->GetRepeatedMessage(file->record, list, index);
}

std::string Fault::ToString() const {
  if (file.empty()) return text;
  if (line == 0) return absl::StrCat(file, ": ", text);
  return absl::StrCat(file, ":", line, ":", column, ": ", text);
}

absl::StatusOr<RecordDirectory> RecordDirectory::Read(const std::string& directory,
                                                      std::vector<Fault>* faults) {
  std::error_code error;
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().extension() == std::string(kExtension)) paths.push_back(entry.path());
  }
  if (error) {
    return absl::NotFoundError(
        absl::StrCat("cannot read the directory ", directory, ": ", error.message()));
  }
  if (paths.empty()) {
    return absl::NotFoundError(absl::StrCat("there is no *", kExtension, " in ", directory));
  }
  std::sort(paths.begin(), paths.end());
  RecordDirectory result;
  for (const std::string& path : paths) {
    std::ifstream stream(path, std::ios::binary);
    std::stringstream text;
    text << stream.rdbuf();
    if (!stream) {
      faults->push_back({path, 0, 0, "cannot be read"});
      continue;
    }
    auto file = std::make_unique<File>();
    file->path = path;
    file->places = std::make_unique<TextFormat::ParseInfoTree>();
    FaultCollector collector(path, faults);
    TextFormat::Parser parser;
    parser.RecordErrorsTo(&collector);
    parser.WriteLocationsTo(file->places.get());
    if (parser.ParseFromString(text.str(), &file->record)) result.files_.push_back(std::move(file));
  }
  return result;
}

std::vector<RecordDirectory::Located> RecordDirectory::ResourcesFor(
    const google::protobuf::Descriptor* request) const {
  // The members of the oneof in the service's "put" are the types that it owns.
  const auto* kinds = request->FindFieldByName("changes")
                          ->message_type()
                          ->FindFieldByName("put")
                          ->message_type()
                          ->oneof_decl(0);
  std::vector<Located> resources;
  for (const Located& located : All()) {
    for (int k = 0; k < kinds->field_count(); ++k) {
      if (kinds->field(k)->message_type() != located.list->message_type()) continue;
      resources.push_back(located);
      break;
    }
  }
  return resources;
}

std::vector<RecordDirectory::Located> RecordDirectory::All() const {
  std::vector<Located> all;
  for (const auto& file : files_) {
    const auto* descriptor = file->record.GetDescriptor();
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const FieldDescriptor* list = descriptor->field(i);
      const int size = file->record.GetReflection()->FieldSize(file->record, list);
      for (int j = 0; j < size; ++j) all.push_back({file.get(), list, j});
    }
  }
  return all;
}

Fault RecordDirectory::FaultAt(const Located& located, const std::string& path,
                               const std::string& text) {
  auto* places = located.file->places.get();
  const auto place =
      Descend(located.list->message_type(), places->GetTreeForNested(located.list, located.index),
              path, places->GetLocation(located.list, located.index));
  std::string what = fields::GetString(located.message(), "name");
  if (what.empty()) what = std::string(located.list->name());
  return {located.file->path, place.line + 1, place.column + 1,
          absl::StrCat(what, ": ", path, path.empty() ? "" : ": ", text)};
}

void RecordDirectory::AddPuts(Message* request) const {
  for (const Located& located : ResourcesFor(request->GetDescriptor())) {
    Message* change = fields::AddMessage(request, "changes");
    fields::SetOneof(change->GetReflection()->MutableMessage(
                         change, change->GetDescriptor()->FindFieldByName("put")),
                     located.message());
  }
}

catalogue::v1::ApplyChangesRequest RecordDirectory::CatalogueChanges() const {
  catalogue::v1::ApplyChangesRequest request;
  AddPuts(&request);
  return request;
}

funding::v1::ApplyChangesRequest RecordDirectory::FundingChanges() const {
  funding::v1::ApplyChangesRequest request;
  AddPuts(&request);
  return request;
}

events::v1::ApplyChangesRequest RecordDirectory::EventsChanges() const {
  events::v1::ApplyChangesRequest request;
  AddPuts(&request);
  return request;
}

std::vector<Fault> RecordDirectory::FaultsOf(const absl::Status& error,
                                             const Message& request) const {
  const auto bad_request = errors::BadRequestOf(error);
  if (bad_request.field_violations().empty()) {
    return {{"", 0, 0, std::string(error.message())}};
  }
  const std::vector<Located> resources = ResourcesFor(request.GetDescriptor());
  std::vector<Fault> faults;
  for (const auto& violation : bad_request.field_violations()) {
    Fault fault{"", 0, 0, absl::StrCat(violation.field(), ": ", violation.description())};
    // "changes[17].put.claim.amount": the number of the resource, then the place in it.
    const std::vector<std::string> parts =
        absl::StrSplit(violation.field(), absl::MaxSplits('.', 3));
    const auto [list, number] = SplitIndex(parts[0]);
    if (list == "changes" && number >= 0 && number < static_cast<int>(resources.size())) {
      fault = FaultAt(resources[static_cast<size_t>(number)], parts.size() == 4 ? parts[3] : "",
                      violation.description());
    }
    faults.push_back(std::move(fault));
  }
  return faults;
}

}  // namespace entente
