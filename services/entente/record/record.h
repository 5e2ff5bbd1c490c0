// SPDX-License-Identifier: Apache-2.0
//
// A record as a directory of files in protobuf text format (entente.record.v1.Record), and where
// in them everything stands.
//
//   ASSIGN_OR_RETURN(RecordDirectory record, RecordDirectory::Read("data/us-asean-csp"));
//   v1::ApplyChangesRequest changes = record.CatalogueChanges();
//   record.FaultsOf(error, changes);   // "initiatives.textproto:12:3: initiatives/x: title: ..."
#ifndef ENTENTE_SERVICES_ENTENTE_RECORD_RECORD_H_
#define ENTENTE_SERVICES_ENTENTE_RECORD_RECORD_H_

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"
#include "entente/events/v1/events_service.pb.h"
#include "entente/funding/v1/funding_service.pb.h"

namespace entente {

// A fault of a record, for people: "claims.textproto:12:3: claims/x: amount: is required".
struct Fault {
  std::string file;
  int line = 0;  // From 1; 0 if it is the file's as a whole.
  int column = 0;
  std::string text;

  std::string ToString() const;
};

class RecordDirectory {
 public:
  RecordDirectory();
  RecordDirectory(RecordDirectory&&) noexcept;
  RecordDirectory& operator=(RecordDirectory&&) noexcept;
  ~RecordDirectory();

  // Reads every *.textproto directly in `directory`. NOT_FOUND if there is no such directory or
  // nothing in it. What is not in the format is noted in `faults`, file by file, and left out.
  static absl::StatusOr<RecordDirectory> Read(const std::string& directory,
                                              std::vector<Fault>* faults);

  // All resources of a service as one change set, in the order of files and of resources in them.
  catalogue::v1::ApplyChangesRequest CatalogueChanges() const;
  funding::v1::ApplyChangesRequest FundingChanges() const;
  events::v1::ApplyChangesRequest EventsChanges() const;

  struct File;  // record.cc

  // A message in a list of a record: a resource, or a reason why something is not cited.
  struct Located {
    const File* file;
    const google::protobuf::FieldDescriptor* list;
    int index;

    const google::protobuf::Message& message() const;
  };

  // All of them, in the order of files and of lists in them; valid as long as the directory.
  std::vector<Located> All() const;

  // A fault at the place of `path` ("citations[2].span") in `located`, or at that of the innermost
  // part of it that is there. The text begins with the name of the resource and the path.
  static Fault FaultAt(const Located& located, const std::string& path, const std::string& text);

  // What an error of ApplyChanges says is wrong, at its places in the files. `request` is the
  // change set that the record made. An error that is not about a field is one fault without a
  // file.
  std::vector<Fault> FaultsOf(const absl::Status& error,
                              const google::protobuf::Message& request) const;

 private:
  // The resources of the service whose ApplyChangesRequest this is, in the order of its puts.
  std::vector<Located> ResourcesFor(const google::protobuf::Descriptor* request) const;
  void AddPuts(google::protobuf::Message* request) const;

  std::vector<std::unique_ptr<const File>> files_;
};

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_RECORD_RECORD_H_
