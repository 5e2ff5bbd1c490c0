// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/macros.h"
#include "entente/catalogue/v1/document.pb.h"
#include "entente/record/v1/record.pb.h"
#include "entente/type/v1/citation.pb.h"
#include "services/entente/record/edition.h"
#include "services/entente/record/text_proto_editor.h"

namespace entente {
namespace {

using catalogue::v1::Document;
using google::protobuf::Message;
using google::protobuf::TextFormat;
using google::protobuf::util::MessageDifferencer;
using passage::ImageKind;
using passage::Span;
using passage::Text;
using Located = RecordDirectory::Located;

absl::Status SystemError(const std::string& what, const std::string& path) {
  return absl::UnavailableError(absl::StrCat(what, " ", path, ": ", std::strerror(errno)));
}

// In quotes, a line of the text in each literal, all at the same column.
std::string Quote(const Text& text, int column) {
  std::vector<std::string> lines = absl::StrSplit(std::string(text.bytes()), absl::ByChar('\n'));
  std::string quoted;
  for (size_t i = 0; i < lines.size(); ++i) {
    const bool is_last = i + 1 == lines.size();
    if (is_last && i > 0 && lines[i].empty()) break;
    if (i > 0) absl::StrAppend(&quoted, "\n", std::string(static_cast<size_t>(column - 1), ' '));
    absl::StrAppend(&quoted, "\"", absl::Utf8SafeCEscape(lines[i]), is_last ? "\"" : "\\n\"");
  }
  return quoted;
}

// One file of the record, as it was, as it is to be, and as what it says is to be.
class FileChange {
 public:
  static absl::StatusOr<std::unique_ptr<FileChange>> Open(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::stringstream text;
    text << stream.rdbuf();
    if (!stream) return absl::UnavailableError(absl::StrCat("cannot read ", path));
    auto change = std::unique_ptr<FileChange>(new FileChange(path, text.str()));
    if (!TextFormat::ParseFromString(text.str(), &change->read_)) return change->HasChanged();
    change->meant_ = change->read_;
    return change;
  }

  absl::Status Move(const MappedCitation& each) {
    ASSIGN_OR_RETURN(Message * resource, Meant(each.resource));
    const Span& image = *each.image.span;
    type::v1::Span* span;
    std::string path = "span";
    if (each.index < 0) {
      span = static_cast<record::v1::UncitedReason*>(resource)->mutable_span();
    } else {
      path = absl::StrCat("citations[", each.index, "].span");
      const auto* field = resource->GetDescriptor()->FindFieldByName("citations");
      Message* citation =
          resource->GetReflection()->MutableRepeatedMessage(resource, field, each.index);
      span = static_cast<type::v1::Citation*>(citation)->mutable_span();
    }
    span->set_begin(image.begin);
    span->set_end(image.end);
    RETURN_IF_ERROR(Set(each.resource, path, "begin", absl::StrCat(image.begin), "end"));
    RETURN_IF_ERROR(Set(each.resource, path, "end", absl::StrCat(image.end), "begin"));
    ++written_.spans;
    return absl::OkStatus();
  }

  absl::Status SetText(const Located& located, const Text& text) {
    ASSIGN_OR_RETURN(Message * resource, Meant(located));
    auto* document = static_cast<Document*>(resource);
    if (!document->text().empty()) {
      document->set_text(std::string(text.bytes()));
      const int column = PlaceOf(located, "", "text").column;
      RETURN_IF_ERROR(Set(located, "", "text", Quote(text, column), ""));
    }
    if (!document->text_sha256().empty()) {
      document->set_text_sha256(text.sha256());
      document->set_text_length(text.length());
      RETURN_IF_ERROR(Set(located, "", "text_sha256", absl::StrCat("\"", text.sha256(), "\""), ""));
      RETURN_IF_ERROR(Set(located, "", "text_length", absl::StrCat(text.length()), "text_sha256"));
    }
    written_.has_document = true;
    return absl::OkStatus();
  }

  // Writes what is to be beside the file. INTERNAL if it does not say what is meant.
  absl::Status Prepare() {
    const std::string text = editor_.Result();
    record::v1::Record made;
    if (!TextFormat::ParseFromString(text, &made) || !MessageDifferencer::Equals(made, meant_)) {
      return absl::InternalError(
          absl::StrCat(written_.path, " cannot be rewritten safely; nothing was written"));
    }
    std::error_code error;
    target_ = std::filesystem::canonical(written_.path, error);
    struct stat status;
    if (error || stat(target_.c_str(), &status) != 0) {
      return absl::UnavailableError(absl::StrCat("cannot read ", written_.path));
    }
    // The name does not end like that of a file of a record.
    std::string name = target_ + ".new-XXXXXX";
    const int file = mkstemp(name.data());
    if (file < 0) return SystemError("cannot write beside", target_);
    prepared_ = name;
    size_t done = 0;
    while (done < text.size()) {
      const ssize_t size = write(file, text.data() + done, text.size() - done);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) break;
      done += static_cast<size_t>(size);
    }
    const bool is_safe =
        done == text.size() && fchmod(file, status.st_mode & 07777) == 0 && fsync(file) == 0;
    const absl::Status failed = SystemError("cannot write", prepared_);
    if (close(file) != 0 || !is_safe) return failed;
    return absl::OkStatus();
  }

  absl::Status Commit() {
    if (std::rename(prepared_.c_str(), target_.c_str()) != 0) {
      return SystemError("cannot replace", target_);
    }
    prepared_.clear();
    return absl::OkStatus();
  }

  FileChange(const FileChange&) = delete;
  FileChange& operator=(const FileChange&) = delete;
  ~FileChange() {
    if (!prepared_.empty()) unlink(prepared_.c_str());
  }

  const WrittenFile& written() const { return written_; }

 private:
  FileChange(const std::string& path, const std::string& text)
      : editor_(text), written_{path, 0, false} {}

  absl::Status HasChanged() const {
    return absl::AbortedError(
        absl::StrCat(written_.path, " has changed meanwhile: run this again"));
  }

  // The resource in what the file is to say.
  absl::StatusOr<Message*> Meant(const Located& located) {
    const auto* reflection = read_.GetReflection();
    if (located.index >= reflection->FieldSize(read_, located.list) ||
        !MessageDifferencer::Equals(
            reflection->GetRepeatedMessage(read_, located.list, located.index),
            located.message())) {
      return HasChanged();
    }
    return reflection->MutableRepeatedMessage(&meant_, located.list, located.index);
  }

  static Fault PlaceOf(const Located& located, const std::string& path, const std::string& field) {
    return RecordDirectory::FaultAt(located, absl::StrCat(path, path.empty() ? "" : ".", field),
                                    "");
  }

  // Gives a field in the text another value; where it does not stand there, because it was 0, it is
  // put before `neighbour`.
  absl::Status Set(const Located& located, const std::string& path, const std::string& field,
                   const std::string& value, const std::string& neighbour) {
    Fault place = PlaceOf(located, path, field);
    absl::Status status;
    if (neighbour.empty() || editor_.StandsAt(place.line, place.column, field)) {
      status = editor_.Replace(place.line, place.column, field, value);
    } else {
      place = PlaceOf(located, path, neighbour);
      status = editor_.InsertBefore(place.line, place.column, neighbour,
                                    absl::StrCat(field, ": ", value));
    }
    if (status.ok()) return status;
    return absl::Status(status.code(), absl::StrCat(place.file, ":", status.message()));
  }

  record::v1::Record read_;
  record::v1::Record meant_;
  TextProtoEditor editor_;
  WrittenFile written_;
  std::string target_;
  std::string prepared_;
};

}  // namespace

absl::StatusOr<std::vector<WrittenFile>> WriteEdition(const EditionReport& report) {
  std::map<std::string, std::unique_ptr<FileChange>> changes;
  const auto change_of = [&](const Located& located) -> absl::StatusOr<FileChange*> {
    const std::string path = RecordDirectory::FaultAt(located, "", "").file;
    std::unique_ptr<FileChange>& change = changes[path];
    if (change == nullptr) {
      ASSIGN_OR_RETURN(change, FileChange::Open(path));
    }
    return change.get();
  };
  for (const MappedCitation& each : report.citations) {
    if (each.image.kind != ImageKind::kMoved) continue;
    ASSIGN_OR_RETURN(FileChange * change, change_of(each.resource));
    RETURN_IF_ERROR(change->Move(each));
  }
  if (report.edition.from().sha256() != report.edition.to().sha256()) {
    ASSIGN_OR_RETURN(FileChange * change, change_of(report.document));
    RETURN_IF_ERROR(change->SetText(report.document, report.edition.to()));
  }
  std::vector<FileChange*> ordered;
  for (const auto& [path, change] : changes) {
    if (!change->written().has_document) ordered.push_back(change.get());
  }
  for (const auto& [path, change] : changes) {
    if (change->written().has_document) ordered.push_back(change.get());
  }
  for (FileChange* change : ordered) RETURN_IF_ERROR(change->Prepare());
  std::vector<WrittenFile> written;
  for (FileChange* change : ordered) {
    const absl::Status status = change->Commit();
    if (!status.ok()) {
      return absl::Status(status.code(),
                          absl::StrCat(status.message(), "; ", written.size(), " of ",
                                       ordered.size(), " files are written: run this again"));
    }
    written.push_back(change->written());
  }
  return written;
}

}  // namespace entente
