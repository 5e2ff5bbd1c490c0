// SPDX-License-Identifier: Apache-2.0
#include "common/resource/state_file.h"

#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "common/status/macros.h"

namespace entente::resource {
namespace {

using blockfile::Block;
using blockfile::Hash;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;

// The kinds of blocks, in the order in which they stand in a file.
enum Kind : uint32_t {
  // One: hashes of the types and of the first and the last revision of the log, the revision, its
  // commit time, the first revision that can be read.
  kMeta = 1,
  // The place of a type among those of the registry, then its resources, in the order of names.
  kEntries = 2,
  // Chunks of the set of references, each with its size.
  kReferrers = 3,
  // Revisions, how many things they changed that there were before, and how these read.
  kUndo = 4,
};

// How much is put into one block: enough for a thread to be busy with, little enough that no two of
// them take much memory.
constexpr size_t kBlockBytes = size_t{1} << 20;

// Of resources.
constexpr uint64_t kIsDeleted = 1;
constexpr uint64_t kIsFirst = 2;  // Nothing had its name before.

void PutNumber(std::string* bytes, uint64_t number) {
  for (; number >= 0x80; number >>= 7) bytes->push_back(static_cast<char>(number | 0x80));
  bytes->push_back(static_cast<char>(number));
}

void PutBytes(std::string* bytes, absl::string_view value) {
  PutNumber(bytes, value.size());
  bytes->append(value.data(), value.size());
}

// What Put... wrote, one after the other.
class Input {
 public:
  explicit Input(absl::string_view bytes) : left_(bytes) {}

  bool at_end() const { return left_.empty(); }

  bool Number(uint64_t* value) {
    *value = 0;
    for (int shift = 0; shift < 64 && !left_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      *value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  bool Bytes(absl::string_view* value) {
    uint64_t size = 0;
    if (!Number(&size) || size > left_.size()) return false;
    *value = left_.substr(0, size);
    left_.remove_prefix(size);
    return true;
  }

 private:
  absl::string_view left_;
};

absl::string_view BytesOf(const Hash::Value& hash) {
  return absl::string_view(reinterpret_cast<const char*>(hash.data()), hash.size());
}

void AddFile(const FileDescriptor* file, std::set<std::string>* seen, Hash* hash) {
  if (!seen->insert(std::string(file->name())).second) return;
  google::protobuf::FileDescriptorProto proto;
  file->CopyTo(&proto);
  hash->Add(proto.SerializeAsString());
  for (int i = 0; i < file->dependency_count(); ++i) AddFile(file->dependency(i), seen, hash);
}

// Another one whenever a type, or anything that a type is made of, changes.
Hash::Value HashOfTypes(const Registry& registry) {
  Hash hash;
  std::set<std::string> seen;
  for (const auto& type : registry.types()) {
    hash.Add(std::string(type->descriptor->full_name()));
    AddFile(type->descriptor->file(), &seen, &hash);
  }
  return hash.Get();
}

// Of all that the log says of one revision.
absl::StatusOr<Hash::Value> HashOfRevision(log::Log* log, int64_t number) {
  Hash hash;
  RETURN_IF_ERROR(log->Read(number - 1, 1, [&](const log::Revision& revision) {
    hash.Add(revision.number).Add(absl::ToUnixMicros(revision.commit_time));
    hash.Add(revision.request_id).Add(revision.request_fingerprint);
    for (const log::Change& change : revision.changes) {
      hash.Add(change.name).Add(static_cast<int64_t>(change.kind)).Add(change.body);
    }
    return absl::OkStatus();
  }));
  return hash.Get();
}

// Writes blocks of about the same size.
class Blocks {
 public:
  Blocks(blockfile::Writer* writer, const std::function<bool()>& cancelled)
      : writer_(writer), cancelled_(cancelled) {}

  // What is added next goes into a block of this kind that begins with `head`.
  absl::Status Begin(Kind kind, std::string head) {
    RETURN_IF_ERROR(Flush());
    kind_ = kind;
    head_ = std::move(head);
    return absl::OkStatus();
  }
  absl::Status Add(absl::string_view bytes) {
    if (bytes_.empty()) bytes_ = head_;
    bytes_.append(bytes.data(), bytes.size());
    return bytes_.size() < kBlockBytes ? absl::OkStatus() : Flush();
  }
  absl::Status Flush() {
    if (cancelled_()) return absl::CancelledError("the state file is not wanted any more");
    if (bytes_.empty()) return absl::OkStatus();
    RETURN_IF_ERROR(writer_->Add(kind_, bytes_));
    bytes_.clear();
    return absl::OkStatus();
  }

 private:
  blockfile::Writer* const writer_;
  const std::function<bool()>& cancelled_;
  Kind kind_ = kMeta;
  std::string head_;
  std::string bytes_;
};

using NameAndRevision = std::pair<absl::string_view, int64_t>;

// `first` has what nothing was before.
void PutEntry(std::string* bytes, const Entry& entry,
              const absl::flat_hash_set<NameAndRevision>& first) {
  uint64_t flags = 0;
  if (entry.deleted) flags |= kIsDeleted;
  if (first.contains({entry.name, entry.revision})) flags |= kIsFirst;
  PutNumber(bytes, flags);
  PutBytes(bytes, entry.stored->SerializeAsString());
}

absl::Status Unreadable() {
  return absl::DataLossError("one of its blocks does not hold what it should");
}

// The entries of one block on few arenas.
class EntryReader {
 public:
  explicit EntryReader(const Registry& registry) : registry_(registry) {}

  absl::StatusOr<Entry> Read(const ResourceType& type, Input* input, bool* first) {
    uint64_t flags = 0;
    absl::string_view body;
    if (!input->Number(&flags) || !input->Bytes(&body) ||
        body.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
      return Unreadable();
    }
    if (count_++ % kEntriesOnArena == 0) arena_ = NewArena();
    Message* message = type.NewOn(arena_.get());
    if (!message->ParseFromArray(body.data(), static_cast<int>(body.size()))) return Unreadable();
    Entry entry = EntryOn(arena_, type, message);
    if (entry.deleted != ((flags & kIsDeleted) != 0) || entry.name.empty()) return Unreadable();
    *first = (flags & kIsFirst) != 0;
    return entry;
  }

  absl::StatusOr<const ResourceType*> ReadType(Input* input) {
    uint64_t place = 0;
    if (!input->Number(&place) || place >= registry_.types().size()) return Unreadable();
    return registry_.types()[place].get();
  }

 private:
  const Registry& registry_;
  std::shared_ptr<google::protobuf::Arena> arena_;
  size_t count_ = 0;
};

// What one block came to.
struct Loaded {
  absl::Status status;
  const ResourceType* type = nullptr;
  std::vector<std::vector<EntryItem>> chunks;
  // What was the first of its name, after the first revision that can be read.
  std::vector<std::pair<int64_t, absl::string_view>> first;
  std::string referrers;
  std::vector<std::pair<int64_t, Undo>> undo;
  std::vector<std::pair<const ResourceType*, std::pair<int64_t, absl::string_view>>> first_of_undo;
};

struct Meta {
  int64_t revision = 0;
  absl::Time commit_time;
  int64_t floor = 0;
};

absl::Status LoadEntries(const Registry& registry, const Meta& meta, absl::string_view bytes,
                         Loaded* loaded) {
  constexpr size_t kFill = OrderedMap<Entry, absl::string_view>::kFill;
  Input input(bytes);
  EntryReader reader(registry);
  ASSIGN_OR_RETURN(loaded->type, reader.ReadType(&input));
  while (!input.at_end()) {
    bool first = false;
    ASSIGN_OR_RETURN(Entry entry, reader.Read(*loaded->type, &input, &first));
    if (entry.revision < 1 || entry.revision > meta.revision) return Unreadable();
    if (first && entry.revision > meta.floor)
      loaded->first.emplace_back(entry.revision, entry.name);
    if (loaded->chunks.empty() || loaded->chunks.back().size() == kFill) {
      loaded->chunks.emplace_back().reserve(kFill);
    }
    const absl::string_view name = entry.name;
    loaded->chunks.back().push_back({name, std::move(entry)});
  }
  return absl::OkStatus();
}

absl::Status LoadUndo(const Registry& registry, const Meta& meta, absl::string_view bytes,
                      Loaded* loaded) {
  Input input(bytes);
  EntryReader reader(registry);
  while (!input.at_end()) {
    uint64_t revision = 0;
    uint64_t micros = 0;
    uint64_t count = 0;
    if (!input.Number(&revision) || !input.Number(&micros) || !input.Number(&count)) {
      return Unreadable();
    }
    Undo undo{absl::FromUnixMicros(static_cast<int64_t>(micros)), {}, {}};
    for (uint64_t i = 0; i < count; ++i) {
      bool first = false;
      ASSIGN_OR_RETURN(const ResourceType* type, reader.ReadType(&input));
      ASSIGN_OR_RETURN(Entry entry, reader.Read(*type, &input, &first));
      if (first && entry.revision > meta.floor) {
        loaded->first_of_undo.push_back({type, {entry.revision, entry.name}});
      }
      undo.before.push_back(std::move(entry));
    }
    loaded->undo.emplace_back(static_cast<int64_t>(revision), std::move(undo));
  }
  return absl::OkStatus();
}

absl::StatusOr<Meta> LoadMeta(const blockfile::Reader& reader, const Registry& registry,
                              log::Log* log, size_t retained) {
  std::string bytes;
  if (reader.blocks().empty() || reader.blocks()[0].kind != kMeta) return Unreadable();
  RETURN_IF_ERROR(reader.Read(reader.blocks()[0], &bytes));
  Input input(bytes);
  absl::string_view types, first_revision, last_revision;
  uint64_t revision = 0;
  uint64_t micros = 0;
  uint64_t floor = 0;
  if (!input.Bytes(&types) || !input.Bytes(&first_revision) || !input.Bytes(&last_revision) ||
      !input.Number(&revision) || !input.Number(&micros) || !input.Number(&floor) ||
      !input.at_end() || floor < 1 || floor > revision ||
      revision > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return Unreadable();
  }
  if (types != BytesOf(HashOfTypes(registry))) {
    return absl::FailedPreconditionError("it is of other types of resources");
  }
  const auto number = static_cast<int64_t>(revision);
  ASSIGN_OR_RETURN(const int64_t head, log->Head());
  if (number > head) return absl::FailedPreconditionError("it is newer than the log");
  if (static_cast<int64_t>(floor) >
      std::max<int64_t>(1, head - static_cast<int64_t>(retained) + 1)) {
    return absl::FailedPreconditionError("it goes back less than is retained now");
  }
  ASSIGN_OR_RETURN(const Hash::Value first_of_log, HashOfRevision(log, 1));
  ASSIGN_OR_RETURN(const Hash::Value last_of_log, HashOfRevision(log, number));
  if (first_revision != BytesOf(first_of_log) || last_revision != BytesOf(last_of_log)) {
    return absl::FailedPreconditionError("it is of another log");
  }
  return Meta{number, absl::FromUnixMicros(static_cast<int64_t>(micros)),
              static_cast<int64_t>(floor)};
}

}  // namespace

absl::Status WriteStateFile(const StateImage& image, log::Log* log, blockfile::Writer* writer,
                            const std::function<bool()>& cancelled) {
  const State& state = *image.state;
  const Registry& registry = state.registry();
  const int64_t floor = state.revision() - static_cast<int64_t>(image.undo.size());
  Blocks blocks(writer, cancelled);
  std::string bytes;

  ASSIGN_OR_RETURN(const Hash::Value first_revision, HashOfRevision(log, 1));
  ASSIGN_OR_RETURN(const Hash::Value last_revision, HashOfRevision(log, state.revision()));
  PutBytes(&bytes, BytesOf(HashOfTypes(registry)));
  PutBytes(&bytes, BytesOf(first_revision));
  PutBytes(&bytes, BytesOf(last_revision));
  PutNumber(&bytes, static_cast<uint64_t>(state.revision()));
  PutNumber(&bytes, static_cast<uint64_t>(absl::ToUnixMicros(state.commit_time())));
  PutNumber(&bytes, static_cast<uint64_t>(floor));
  RETURN_IF_ERROR(blocks.Begin(kMeta, ""));
  RETURN_IF_ERROR(blocks.Add(bytes));

  absl::flat_hash_set<NameAndRevision> first;
  for (size_t i = 0; i < image.undo.size(); ++i) {
    const int64_t revision = floor + static_cast<int64_t>(i) + 1;
    for (const auto& [type, name] : image.undo[i].absent) first.insert({name, revision});
  }
  std::map<const ResourceType*, uint64_t> place_of;
  for (const auto& type : registry.types()) place_of.emplace(type.get(), place_of.size());
  for (const auto& type : registry.types()) {
    std::string head;
    PutNumber(&head, place_of[type.get()]);
    RETURN_IF_ERROR(blocks.Begin(kEntries, head));
    absl::Status status;
    state.Scan(*type, "", [&](const Entry& entry) {
      bytes.clear();
      PutEntry(&bytes, entry, first);
      status = blocks.Add(bytes);
      return status.ok();
    });
    RETURN_IF_ERROR(status);
  }
  RETURN_IF_ERROR(blocks.Begin(kReferrers, ""));
  absl::Status status;
  state.referrers().ForEachChunk([&](absl::string_view chunk) {
    bytes.clear();
    PutBytes(&bytes, chunk);
    if (status.ok()) status = blocks.Add(bytes);
  });
  RETURN_IF_ERROR(status);
  RETURN_IF_ERROR(blocks.Begin(kUndo, ""));
  for (size_t i = 0; i < image.undo.size(); ++i) {
    const Undo& undo = image.undo[i];
    bytes.clear();
    PutNumber(&bytes, static_cast<uint64_t>(floor) + i + 1);
    PutNumber(&bytes, static_cast<uint64_t>(absl::ToUnixMicros(undo.commit_time)));
    PutNumber(&bytes, undo.before.size());
    for (const Entry& entry : undo.before) {
      PutNumber(&bytes, place_of[entry.type]);
      PutEntry(&bytes, entry, first);
    }
    RETURN_IF_ERROR(blocks.Add(bytes));
  }
  return blocks.Flush();
}

absl::StatusOr<std::shared_ptr<const History>> ReadStateFile(const std::string& path,
                                                             const Registry* registry,
                                                             log::Log* log, size_t retained,
                                                             Parallel* parallel) {
  ASSIGN_OR_RETURN(const auto reader, blockfile::Reader::Open(path, kStateFileFormat));
  ASSIGN_OR_RETURN(const Meta meta, LoadMeta(*reader, *registry, log, retained));

  const std::vector<Block>& blocks = reader->blocks();
  std::vector<Loaded> loaded(blocks.size());
  std::vector<std::string> buffers(parallel->workers());
  std::atomic<bool> failed{false};
  parallel->ForEach(blocks.size(), [&](size_t worker, size_t i) {
    if (i == 0 || failed) return;
    Loaded& mine = loaded[i];
    std::string& bytes = blocks[i].kind == kReferrers ? mine.referrers : buffers[worker];
    mine.status = reader->Read(blocks[i], &bytes);
    if (mine.status.ok() && blocks[i].kind == kEntries) {
      mine.status = LoadEntries(*registry, meta, bytes, &mine);
    } else if (mine.status.ok() && blocks[i].kind == kUndo) {
      mine.status = LoadUndo(*registry, meta, bytes, &mine);
    } else if (mine.status.ok() && blocks[i].kind != kReferrers) {
      mine.status = Unreadable();
    }
    if (!mine.status.ok()) failed = true;
  });
  for (const Loaded& one : loaded) RETURN_IF_ERROR(one.status);

  SortedEntries sorted;
  KeySet::Builder referrers;
  std::vector<Undo> undo;
  for (Loaded& one : loaded) {
    if (one.type != nullptr) {
      auto& chunks = sorted[one.type];
      chunks.insert(chunks.end(), std::make_move_iterator(one.chunks.begin()),
                    std::make_move_iterator(one.chunks.end()));
    }
    for (Input input(one.referrers); !input.at_end();) {
      absl::string_view chunk;
      if (!input.Bytes(&chunk) || !referrers.AddChunk(chunk)) return Unreadable();
    }
    for (auto& [revision, of_revision] : one.undo) {
      if (revision != meta.floor + static_cast<int64_t>(undo.size()) + 1) return Unreadable();
      undo.push_back(std::move(of_revision));
    }
  }
  if (static_cast<int64_t>(undo.size()) != meta.revision - meta.floor) return Unreadable();
  for (const Loaded& one : loaded) {
    const auto add = [&](const ResourceType* type, int64_t revision, absl::string_view name) {
      if (revision > meta.revision) return false;
      undo[static_cast<size_t>(revision - meta.floor) - 1].absent.emplace_back(type, name);
      return true;
    };
    for (const auto& [revision, name] : one.first) {
      if (!add(one.type, revision, name)) return Unreadable();
    }
    for (const auto& [type, where] : one.first_of_undo) {
      if (!add(type, where.first, where.second)) return Unreadable();
    }
  }
  // More may be in it than is wanted now.
  if (undo.size() >= retained) {
    undo.erase(undo.begin(), undo.end() - static_cast<ptrdiff_t>(retained - 1));
  }
  return std::make_shared<const History>(
      State::Of(registry, meta.revision, meta.commit_time, std::move(sorted),
                std::move(referrers).Finish()),
      std::move(undo));
}

}  // namespace entente::resource
