// SPDX-License-Identifier: Apache-2.0
#include "services/entente/record/source_check.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/passage/dates.h"
#include "common/passage/figures.h"
#include "common/passage/text.h"
#include "common/passage/verify.h"
#include "common/resource/fields.h"
#include "common/resource/walk.h"
#include "common/status/macros.h"
#include "entente/record/v1/record.pb.h"
#include "services/entente/record/load.h"
#include "services/entente/record/text_file.h"

namespace entente {
namespace {

namespace fields = resource::fields;
using google::protobuf::Message;
using passage::FoundDate;
using passage::FoundFigure;
using passage::Span;
using passage::Text;
using type::v1::Citation;
using Located = RecordDirectory::Located;

// The message itself if it is a T.
template <typename T>
const T* As(const Message& message) {
  return message.GetDescriptor() == T::descriptor() ? static_cast<const T*>(&message) : nullptr;
}

std::vector<const Citation*> CitationsOf(const Message& resource) {
  std::vector<const Citation*> citations;
  const auto* field = resource.GetDescriptor()->FindFieldByName("citations");
  if (field == nullptr || field->message_type() != Citation::descriptor()) return citations;
  const auto* reflection = resource.GetReflection();
  for (int i = 0; i < reflection->FieldSize(resource, field); ++i) {
    citations.push_back(As<Citation>(reflection->GetRepeatedMessage(resource, field, i)));
  }
  return citations;
}

// Whether `path` is `outer` or lies in it.
bool IsWithin(absl::string_view path, absl::string_view outer) {
  return absl::StartsWith(path, outer) &&
         (path.size() == outer.size() || path[outer.size()] == '.' || path[outer.size()] == '[');
}

// The words of a name or a text, in small letters, without possessives.
std::set<std::string> WordsOf(absl::string_view value) {
  std::set<std::string> words;
  const std::string plain = absl::StrReplaceAll(absl::AsciiStrToLower(value), {{"’", "'"}});
  for (absl::string_view word :
       absl::StrSplit(plain, absl::ByAnyChar(" \t\n-/,;:()[]\"&"), absl::SkipEmpty())) {
    for (const absl::string_view mark : {"“", "‘"}) absl::ConsumePrefix(&word, mark);
    for (const absl::string_view mark : {"”", "'s", "'", "?", "!"})
      absl::ConsumeSuffix(&word, mark);
    // "U.S." keeps its full stops; a sentence loses its last one.
    if (word.find('.') == word.size() - 1) word.remove_suffix(1);
    if (!word.empty()) words.insert(std::string(word));
  }
  return words;
}

// Where a figure or a date stands.
struct Place {
  const Located& located;
  std::string path;
};

class Checker {
 public:
  Checker(const RecordDirectory& record, const Text& text, SourceReport* report)
      : text_(text), report_(report), all_(record.All()) {}

  void Run() {
    if (!FindDocument()) return;
    for (const Located& located : all_) CheckCitations(located);
    for (const Located& located : all_) CheckStatements(located);
    CheckUse();
    FindUnaccounted();
  }

 private:
  void AddFault(const Located& located, const std::string& path, const std::string& text) {
    report_->faults.push_back(RecordDirectory::FaultAt(located, path, text));
  }

  // The document of which this is the text. If none is, but only one has a text, it is that one:
  // its citations show what has changed.
  bool FindDocument() {
    std::vector<const Located*> with_text;
    for (const Located& located : all_) {
      const auto* document = As<catalogue::v1::Document>(located.message());
      if (document == nullptr || document->text_sha256().empty()) continue;
      with_text.push_back(&located);
      if (document->text_sha256() == text_.sha256()) document_ = document->name();
    }
    const bool found = !document_.empty();
    for (const Located* located : with_text) {
      const auto& document = *As<catalogue::v1::Document>(located->message());
      if (!found) {
        AddFault(*located, "text_sha256",
                 absl::StrCat("the source is not its text: that has the SHA-256 ", text_.sha256()));
        if (with_text.size() == 1) document_ = document.name();
      }
      if (document.name() == document_ && document.text_length() != text_.length()) {
        AddFault(*located, "text_length",
                 absl::StrCat("the source has ", text_.length(), " code points"));
      }
    }
    if (with_text.empty()) {
      report_->faults.push_back({"", 0, 0, "no document of the record has a text_sha256"});
    }
    return !document_.empty();
  }

  bool IsOfText(const Citation& citation) const { return citation.document() == document_; }

  static std::optional<Span> SpanOf(const Citation& citation, const Text& text) {
    const Span span{citation.span().begin(), citation.span().end()};
    return citation.has_span() && text.Holds(span) ? std::optional<Span>(span) : std::nullopt;
  }

  void CheckCitations(const Located& located) {
    int index = -1;
    for (const Citation* citation : CitationsOf(located.message())) {
      ++index;
      if (!IsOfText(*citation)) {
        ++report_->other_citations;
        continue;
      }
      ++report_->citations;
      const passage::Verdict verdict = VerdictOf(*citation);
      if (verdict.outcome != passage::Outcome::kVerified) {
        AddFault(located, absl::StrCat("citations[", index, "].span"),
                 passage::ToString(verdict, text_));
      } else {
        cited_.push_back(*SpanOf(*citation, text_));
      }
    }
  }

  passage::Verdict VerdictOf(const Citation& citation) {
    const auto key = std::make_tuple(citation.has_span(), citation.span().begin(),
                                     citation.span().end(), citation.span_sha256());
    const auto known = verdicts_.find(key);
    if (known != verdicts_.end()) return known->second;
    return verdicts_[key] = passage::Verify(text_, citation);
  }

  // The citations for a field; of the resource as a whole if none names it.
  static std::vector<const Citation*> CitationsFor(const Message& resource,
                                                   const std::string& path) {
    std::vector<const Citation*> whole;
    std::vector<const Citation*> named;
    for (const Citation* citation : CitationsOf(resource)) {
      if (citation->fields().empty()) whole.push_back(citation);
      for (const std::string& field : citation->fields()) {
        if (!IsWithin(path, field) && !IsWithin(field, path)) continue;
        named.push_back(citation);
        break;
      }
    }
    return named.empty() ? whole : named;
  }

  void CheckStatements(const Located& located) {
    std::unique_ptr<Message> resource(located.message().New());
    resource->CopyFrom(located.message());
    resource::WalkMessages(resource.get(), [&](Message* message, const std::string& path) {
      if (const auto* amount = As<type::v1::Amount>(*message)) {
        CheckFigure({located, absl::StrCat(path, ".figure")}, amount->figure(),
                    amount->currency_code());
      } else if (const auto* figure = As<type::v1::Figure>(*message)) {
        const bool in_amount = path == "amount.figure" || absl::EndsWith(path, ".amount.figure");
        if (!in_amount) CheckFigure({located, path}, *figure, "");
      } else if (const auto* date = As<type::v1::ImpreciseDate>(*message)) {
        CheckDate({located, path}, *date);
      }
    });
  }

  // What the passages cited for a place say, and on what ground.
  struct Evidence {
    std::vector<Span> stated;
    std::vector<Span> other;
    bool elsewhere = false;  // In other documents.
    std::string reason;      // Of the first that is not stated.
  };

  Evidence EvidenceFor(const Place& place) const {
    Evidence evidence;
    for (const Citation* citation : CitationsFor(place.located.message(), place.path)) {
      const auto span = SpanOf(*citation, text_);
      if (!IsOfText(*citation)) {
        evidence.elsewhere = true;
      } else if (span && citation->basis() == type::v1::BASIS_STATED) {
        evidence.stated.push_back(*span);
      } else if (span) {
        evidence.other.push_back(*span);
        if (evidence.reason.empty()) evidence.reason = citation->reason();
      }
    }
    return evidence;
  }

  // Whether there is any; if not, that is a fault.
  bool IsCited(const Place& place, const Evidence& evidence) {
    if (!evidence.stated.empty() || !evidence.other.empty()) return true;
    if (!evidence.elsewhere) AddFault(place.located, place.path, "no passage is cited for it");
    return false;
  }

  void Infer(const Place& place, const std::string& what, const Evidence& evidence) {
    report_->inferred.push_back(RecordDirectory::FaultAt(
        place.located, place.path, absl::StrCat(what, ": ", evidence.reason)));
  }

  void CheckFigure(const Place& place, const type::v1::Figure& figure,
                   const std::string& currency) {
    const Evidence evidence = EvidenceFor(place);
    if (!IsCited(place, evidence)) return;
    carried_.push_back({figure.value(), evidence});
    const std::string what =
        figure.value().empty() ? type::v1::Qualifier_Name(figure.qualifier())
                               : absl::StrCat(figure.value(), " ", currency.empty() ? "" : currency,
                                              currency.empty() ? "" : " ",
                                              type::v1::Qualifier_Name(figure.qualifier()));
    std::vector<std::string> found;
    for (const Span& span : evidence.stated) {
      const std::vector<FoundFigure> figures = passage::FindFigures(text_, span);
      if (passage::States(figures, figure, currency)) return;
      for (const FoundFigure& each : figures) found.push_back(passage::ToString(each));
    }
    if (!evidence.other.empty()) {
      Infer(place, what, evidence);
    } else {
      AddFault(place.located, place.path,
               absl::StrCat(what, " is not what the cited words state: ",
                            found.empty() ? "no figure" : absl::StrJoin(found, "; ")));
    }
  }

  void CheckDate(const Place& place, const type::v1::ImpreciseDate& date) {
    const auto parts = passage::PartsOf(date.edtf());
    if (!parts.ok()) return;  // A fault by the rules of the services.
    const Evidence evidence = EvidenceFor(place);
    if (!IsCited(place, evidence)) return;
    std::vector<FoundDate> found;
    const auto add = [&](const std::vector<Span>& spans) {
      for (const Span& span : spans) {
        for (const FoundDate& each : passage::FindDates(text_, span)) found.push_back(each);
      }
    };
    add(evidence.stated);
    passage::DateSupport support = passage::Supports(found, *parts);
    if (support.all() && evidence.other.empty()) return;
    if (!evidence.other.empty()) {
      add(evidence.other);
      support = passage::Supports(found, *parts);
      if (!support.contradicted) return Infer(place, date.edtf(), evidence);
    }
    std::vector<absl::string_view> lacks;
    if (!support.years) lacks.push_back("year");
    if (!support.months) lacks.push_back("month");
    if (!support.days) lacks.push_back("day");
    AddFault(place.located, place.path,
             absl::StrCat(date.edtf(), ": the cited words ",
                          support.contradicted ? "name another month or day; they " : "",
                          "do not hold its ", absl::StrJoin(lacks, ", "),
                          support.dated ? "" : ", nor any date"));
  }

  // Organisations, people and places serve what the record is about, directly or through another
  // of them.
  void CheckUse() {
    std::map<std::string, const Located*> supporting;
    for (const Located& located : all_) {
      const std::string kind(located.list->name());
      if (kind == "organisations" || kind == "people" || kind == "places") {
        supporting[fields::GetString(located.message(), "name")] = &located;
      }
    }
    std::set<std::string> used;
    std::vector<const Located*> queue;
    const auto add_references = [&](const Located& from) {
      resource::WalkStrings(from.message(),
                            [&](const auto*, const std::string&, const std::string& value) {
                              const auto target = supporting.find(value);
                              if (target == supporting.end() || target->second == &from) return;
                              if (used.insert(value).second) queue.push_back(target->second);
                            });
    };
    for (const Located& located : all_) {
      if (supporting.count(fields::GetString(located.message(), "name")) == 0) {
        add_references(located);
      }
    }
    while (!queue.empty()) {
      const Located* next = queue.back();
      queue.pop_back();
      add_references(*next);
    }
    for (const auto& [name, located] : supporting) {
      if (used.count(name) == 0) AddFault(*located, "", "nothing of the record refers to it");
    }
  }

  // The reasons of the record that hold, with what is wrong with the others.
  std::vector<std::pair<const Located*, Span>> Reasons() {
    std::vector<std::pair<const Located*, Span>> reasons;
    for (const Located& located : all_) {
      const auto* uncited = As<record::v1::UncitedReason>(located.message());
      if (uncited == nullptr || uncited->document() != document_) continue;
      Citation citation;
      if (uncited->has_span()) *citation.mutable_span() = uncited->span();
      citation.set_span_sha256(uncited->span_sha256());
      const passage::Verdict verdict = VerdictOf(citation);
      if (uncited->reason().empty()) AddFault(located, "reason", "is required");
      if (verdict.outcome != passage::Outcome::kVerified) {
        AddFault(located, "span", passage::ToString(verdict, text_));
      } else {
        reasons.push_back({&located, *SpanOf(citation, text_)});
      }
    }
    return reasons;
  }

  // Figures in cited words that no claim or quantity carries.
  std::vector<passage::Item> FindUncarried() const {
    std::vector<passage::Item> uncarried;
    for (const Span& sentence : text_.Sentences()) {
      std::vector<Span> days;
      for (const FoundDate& date : passage::FindDates(text_, sentence)) {
        if (date.kind == passage::DateKind::kDay) days.push_back(date.span);
      }
      for (const FoundFigure& figure : passage::FindFigures(text_, sentence)) {
        const bool counts = figure.kind == passage::FigureKind::kNumber ||
                            figure.kind == passage::FigureKind::kPercentage ||
                            figure.kind == passage::FigureKind::kRange ||
                            figure.kind == passage::FigureKind::kVague;
        const bool is_day = std::any_of(
            days.begin(), days.end(), [&](const Span& day) { return figure.number.Overlaps(day); });
        if (counts && !is_day && !IsCarried(figure)) {
          uncarried.push_back({passage::ItemKind::kFigure, figure.span});
        }
      }
    }
    return uncarried;
  }

  bool IsCarried(const FoundFigure& figure) const {
    const auto holds = [&](const std::vector<Span>& spans) {
      return std::any_of(spans.begin(), spans.end(),
                         [&](const Span& span) { return span.Contains(figure.number); });
    };
    return std::any_of(carried_.begin(), carried_.end(), [&](const Carried& carried) {
      if (!figure.value || figure.upper) return holds(carried.evidence.other);
      const auto value = figure::Decimal::Parse(carried.value);
      return value.ok() && *value == *figure.value &&
             (holds(carried.evidence.stated) || holds(carried.evidence.other));
    });
  }

  // Names of which no resource has all the words.
  void AddUnnamed(std::vector<passage::Item>* items) const {
    std::vector<std::set<std::string>> resources;
    for (const Located& located : all_) {
      if (As<record::v1::UncitedReason>(located.message()) != nullptr) continue;
      auto& words = resources.emplace_back();
      resource::WalkStrings(located.message(), [&](const auto*, const std::string& path,
                                                   const std::string& value) {
        const bool is_reference = absl::StrContains(value, '/') && !absl::StrContains(value, ' ');
        if (is_reference || absl::StartsWith(path, "citations")) return;
        const std::set<std::string> more = WordsOf(value);
        words.insert(more.begin(), more.end());
      });
    }
    for (const Span& name : passage::FindNames(text_)) {
      const std::set<std::string> words = WordsOf(text_.Slice(name));
      const bool known = std::any_of(resources.begin(), resources.end(), [&](const auto& held) {
        return std::all_of(words.begin(), words.end(), [&](const std::string& word) {
          // "SMEs" is the plural of "SME".
          return held.count(word) > 0 ||
                 (absl::EndsWith(word, "s") && held.count(word.substr(0, word.size() - 1)) > 0);
        });
      });
      if (!known) items->push_back({passage::ItemKind::kName, name});
    }
  }

  void FindUnaccounted() {
    const auto reasons = Reasons();
    std::vector<passage::Item> before = passage::FindUncited(text_, cited_);
    std::vector<passage::Item> uncarried = FindUncarried();
    AddUnnamed(&uncarried);
    std::vector<Span> accounted = cited_;
    for (const auto& [located, span] : reasons) {
      const bool uncites =
          std::any_of(before.begin(), before.end(),
                      [&, span = span](const auto& item) { return item.span.Overlaps(span); });
      const bool uncarries = std::any_of(
          uncarried.begin(), uncarried.end(),
          [&, span = span](const passage::Item& item) { return span.Contains(item.span); });
      if (!uncites && !uncarries) AddFault(*located, "span", "excuses nothing");
      report_->reasons += uncites || uncarries;
      accounted.push_back(span);
    }
    for (const passage::Item& item : passage::FindUncited(text_, accounted)) {
      Add(item.kind, item.span, /*cited=*/false);
    }
    for (const passage::Item& item : uncarried) {
      const auto excuses = [&](const auto& reason) { return reason.second.Contains(item.span); };
      const auto listed = [&](const Unaccounted& other) {
        return other.kind == item.kind && other.span == item.span;
      };
      if (std::any_of(reasons.begin(), reasons.end(), excuses)) continue;
      if (std::any_of(report_->unaccounted.begin(), report_->unaccounted.end(), listed)) continue;
      Add(item.kind, item.span, /*cited=*/true);
    }
    auto& all = report_->unaccounted;
    std::stable_sort(all.begin(), all.end(), [](const Unaccounted& a, const Unaccounted& b) {
      return a.span.begin < b.span.begin;
    });
    Span outer;
    for (Unaccounted& each : all) {
      each.inner = outer.Contains(each.span);
      if (!each.inner) outer = each.span;
    }
  }

  void Add(passage::ItemKind kind, const Span& span, bool cited) {
    const Text::Position position = text_.PositionOf(span.begin);
    report_->unaccounted.push_back(
        {kind, span, cited, false, position.line, position.column, std::string(text_.Slice(span))});
  }

  struct Carried {
    std::string value;
    Evidence evidence;
  };

  const Text& text_;
  SourceReport* const report_;
  const std::vector<Located> all_;
  std::string document_;
  std::vector<Span> cited_;
  std::vector<Carried> carried_;
  std::map<std::tuple<bool, int, int, std::string>, passage::Verdict> verdicts_;
};

}  // namespace

absl::StatusOr<SourceReport> CheckSource(const std::string& directory, const std::string& source) {
  ASSIGN_OR_RETURN(const Text text, ReadTextFile(source));
  SourceReport report;
  std::vector<Fault> unreadable;
  ASSIGN_OR_RETURN(const RecordDirectory record, RecordDirectory::Read(directory, &unreadable));
  report.faults = ValidateRecord(directory);
  if (unreadable.empty()) Checker(record, text, &report).Run();
  return report;
}

}  // namespace entente
