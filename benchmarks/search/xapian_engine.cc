// SPDX-License-Identifier: Apache-2.0
#include <xapian.h>

#include <filesystem>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmarks/search/engine.h"
#include "common/search/analysis.h"

namespace entente::benchmarks {
namespace {

// Counts what matches by its attributes.
class Counter : public Xapian::MatchSpy {
 public:
  explicit Counter(const std::vector<uint32_t>* attributes) : attributes_(attributes) {}

  void operator()(const Xapian::Document& document, double /*weight*/) override {
    ++total_;
    ++counts_[(*attributes_)[document.get_docid()]];
  }
  int64_t total() const { return total_; }

 private:
  const std::vector<uint32_t>* const attributes_;
  int64_t total_ = 0;
  std::vector<int64_t> counts_ = std::vector<int64_t>(1024);
};

class XapianEngine final : public Engine {
 public:
  explicit XapianEngine(const std::string& directory)
      : directory_(directory),
        writer_(directory, directory.empty()
                               ? Xapian::DB_BACKEND_INMEMORY
                               : Xapian::DB_CREATE_OR_OVERWRITE | Xapian::DB_BACKEND_GLASS |
                                     Xapian::DB_NO_SYNC | Xapian::DB_DANGEROUS) {}

  void Add(const search::Document& document) override {
    Put(++last_, document);
    ids_[document.name] = last_;
  }
  void Commit() override {
    writer_.commit();
    reader_ = directory_.empty() ? Xapian::Database(writer_) : Xapian::Database(directory_);
  }
  void Replace(const search::Document& before, const search::Document& document) override {
    Put(ids_.at(before.name), document);
    Commit();
  }

  int64_t Find(const std::string& a, const std::string& b, bool both) override {
    Xapian::Enquire enquire(reader_);
    enquire.set_weighting_scheme(Xapian::BM25Weight());
    enquire.set_query(Xapian::Query(both ? Xapian::Query::OP_AND : Xapian::Query::OP_OR,
                                    Xapian::Query(a), Xapian::Query(b)));
    Counter counter(&attributes_);
    enquire.add_matchspy(&counter);
    const Xapian::MSet best = enquire.get_mset(0, 50, reader_.get_doccount());
    double sum = 0;
    for (auto hit = best.begin(); hit != best.end(); ++hit) sum += hit.get_weight();
    return counter.total() + (sum < 0 ? 1 : 0);
  }

  int64_t FileBytes() const override {
    int64_t bytes = 0;
    if (directory_.empty()) return bytes;
    for (const auto& file : std::filesystem::directory_iterator(directory_)) {
      bytes += static_cast<int64_t>(file.file_size());
    }
    return bytes;
  }

 private:
  void Put(Xapian::docid id, const search::Document& document) {
    Xapian::Document made;
    Xapian::termpos position = 0;
    for (const search::Value& value : document.values) {
      const auto field = static_cast<size_t>(value.field);
      const auto weight = static_cast<Xapian::termcount>(search::kFieldWeights[field]);
      for (const search::Token& token : search::Analyse(value.text)) {
        // Once for searches everywhere, and once for those in the field.
        made.add_posting(token.word, position, weight);
        made.add_posting(absl::StrCat("X", field, token.word), position, 1);
        ++position;
      }
      position += 100;
    }
    const std::string key = absl::StrCat(document.attributes.type, document.attributes.kind,
                                         document.attributes.partnerships[0]);
    attributes_.resize(std::max<size_t>(attributes_.size(), id + 1));
    attributes_[id] = known_.emplace(key, static_cast<uint32_t>(known_.size())).first->second;
    writer_.replace_document(id, made);
  }

  const std::string directory_;
  Xapian::WritableDatabase writer_;
  Xapian::Database reader_;
  Xapian::docid last_ = 0;
  std::map<std::string, Xapian::docid> ids_;
  std::map<std::string, uint32_t> known_;
  std::vector<uint32_t> attributes_;
};

}  // namespace

std::unique_ptr<Engine> MakeXapian(const std::string& directory) {
  return std::make_unique<XapianEngine>(directory);
}

}  // namespace entente::benchmarks
