// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/factsheet/render.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "services/gateway/factsheet/charts.h"
#include "services/gateway/factsheet/templates.h"
#include "services/gateway/factsheet/words.h"

namespace entente::gateway::factsheet {
namespace {

using Statements = google::protobuf::RepeatedPtrField<v1::FactSheetStatement>;

// Of headings: the title of the sheet is 1, sections are 2.
constexpr int kEntryLevel = 3;
constexpr int kMaxLevel = 6;

// Labels in drawings do not wrap: what is longer than fits ends with an ellipsis.
constexpr size_t kLabelLength = 112;

constexpr int kMoneyRow = 50;
constexpr int kTimelineRow = 32;
constexpr int kScaleHeight = 24;

Data Number(int64_t number) { return Data(absl::StrCat(number)); }

// At most `length` code points.
std::string Clipped(const std::string& text, size_t length) {
  size_t count = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (begins && count++ == length) return absl::StrCat(text.substr(0, i), "…");
  }
  return text;
}

// "initiatives-us-asean-center": names have no other characters than these.
std::string IdOf(const std::string& resource) {
  return absl::StrJoin(std::vector<std::string>(absl::StrSplit(resource, '/')), "-");
}

// Of several empty lines one: a section that is left out leaves its line break.
std::string WithoutGaps(const std::string& text) {
  std::string closed;
  closed.reserve(text.size());
  for (const char c : text) {
    if (c == '\n' && absl::EndsWith(closed, "\n\n")) continue;
    if (c == '\n' && absl::EndsWith(closed, " ")) closed.pop_back();
    closed.push_back(c);
  }
  return closed;
}

// The templates of a form of text. What comes by the thousand is rendered by itself, into text that
// the page takes as it is: a tree of data for all of it would cost more than the rest together.
struct Forms {
  const Template& page;
  const Template& statement;
  const Template& footnote;
  const Template& ref;   // from a statement to a footnote
  const Template& back;  // from a footnote to a statement
};

// A template with one set of data that is filled in again and again.
class Fragment {
 public:
  explicit Fragment(const Template& form) : form_(form) {}

  Data& operator[](const char* name) { return data_[name]; }

  std::string Render() const {
    std::string text = form_.Render(data_);
    if (absl::EndsWith(text, "\n")) text.pop_back();  // that of the file
    return text;
  }

 private:
  const Template& form_;
  Data data_;
};

// What a number is drawn as wherever it stands, rendered once.
class Numbers {
 public:
  explicit Numbers(const Template& form) : fragment_(form) {}

  // For a number from 1.
  const std::string& Of(int number) {
    if (static_cast<size_t>(number) >= drawn_.size()) drawn_.resize(number + 1);
    std::string& drawn = drawn_[number];
    if (drawn.empty()) {
      fragment_["number"] = Number(number);
      drawn = fragment_.Render();
    }
    return drawn;
  }

 private:
  Fragment fragment_;
  std::vector<std::string> drawn_;
};

class Rendering {
 public:
  Rendering(const v1::FactSheet& sheet, const Forms& forms)
      : sheet_(sheet),
        statement_(forms.statement),
        footnote_(forms.footnote),
        refs_(forms.ref),
        backs_(forms.back) {
    for (const auto& section : sheet.sections()) {
      if (!section.pillar().empty()) headings_[section.pillar()] = section.heading();
    }
  }

  Data Root() {
    Data root;
    root["title"] = Data(sheet_.title());
    root["as_of"] = Data(sheet_.as_of());
    root["catalogue_revision"] = Number(sheet_.revisions().catalogue());
    root["funding_revision"] = Revision(sheet_.revisions().funding());
    root["events_revision"] = Revision(sheet_.revisions().events());
    root["has_unreachable"] = Data(!sheet_.unreachable().empty());
    root["unreachable"] = Strings(sheet_.unreachable());
    root["has_unresolved"] = Data(!sheet_.unresolved().empty());
    root["unresolved"] = Strings(sheet_.unresolved());
    SetSections(&root);
    root["has_money"] = Data(!sheet_.money().empty());
    root["money"] = Rows(sheet_.money());
    root["has_money_by_pillar"] = Data(!sheet_.money_by_pillar().empty());
    root["money_by_pillar"] = Rows(sheet_.money_by_pillar());
    root["past_events"] =
        Events("past-events", "Events before the day of this sheet", sheet_.past_events());
    root["coming_events"] =
        Events("coming-events", "Events on that day or later", sheet_.coming_events());
    root["undetermined_events"] =
        Events("undetermined-events",
               "Events that are undated, or whose dates leave open on which side they lie",
               sheet_.undetermined_events());
    SetNotStated(&root);
    SetFootnotes(&root);
    return root;
  }

  // For HTML.
  void AddCharts(Data* root) const {
    std::vector<Data> money;
    for (const Chart& chart : MoneyCharts(sheet_)) {
      money.push_back(ChartData(chart, absl::StrCat("chart-", money.size() + 1), kMoneyRow));
    }
    (*root)["money_charts"] = ListOf(std::move(money));
    std::vector<Data> timeline;
    if (const auto chart = Timeline(sheet_); chart.has_value()) {
      timeline.push_back(ChartData(*chart, "chart-timeline", kTimelineRow));
    }
    (*root)["timeline"] = ListOf(std::move(timeline));
  }

 private:
  template <typename List>
  static Data Strings(const List& list) {
    std::vector<Data> items;
    for (const std::string& text : list) items.emplace_back(text);
    return ListOf(std::move(items));
  }

  static Data Revision(int64_t revision) {
    return Data(revision == 0 ? std::string("none") : absl::StrCat(revision));
  }

  std::string Said(const v1::FactSheetStatement& statement) {
    statement_["number"] = Number(statement.number());
    statement_["text"] = Data(statement.text());
    std::string refs;
    for (const int footnote : statement.footnotes()) refs.append(refs_.Of(footnote));
    statement_["refs"] = Data(refs);
    return statement_.Render();
  }

  // Statements of a resource as a paragraph, and those of others as items, one for each resource.
  void SetStatements(const Statements& statements, const std::string& resource, Data* data) {
    std::string about;
    std::vector<Data> items;
    std::string item;
    std::string of_item;
    const auto end_item = [&] {
      if (!item.empty()) items.emplace_back(std::exchange(item, ""));
    };
    for (const auto& statement : statements) {
      const std::string& said_of = statement.sources(0).resource();
      if (said_of == resource) {
        absl::StrAppend(&about, about.empty() ? "" : " ", Said(statement));
        continue;
      }
      if (said_of != of_item) end_item();
      of_item = said_of;
      absl::StrAppend(&item, item.empty() ? "" : " ", Said(statement));
    }
    end_item();
    (*data)["about"] = TextOrNone(about);
    (*data)["has_items"] = Data(!items.empty());
    (*data)["items"] = ListOf(std::move(items));
  }

  Data EntryData(const v1::FactSheetEntry& entry, const std::string& id) {
    Data data;
    data["id"] = Data(id);
    data["resource"] = Data(entry.resource());
    data["heading"] = Data(entry.heading());
    const int level = std::min(kEntryLevel + entry.depth(), kMaxLevel);
    data["level"] = Number(level);
    data["marks"] = Data(std::string(level, '#'));
    data["depth"] = Number(entry.depth());
    const auto told_under = headings_.find(entry.told_under());
    data["told_under"] = TextOrNone(told_under == headings_.end() ? "" : told_under->second);
    data["told_id"] = Data(IdOf(entry.resource()));
    SetStatements(entry.statements(), entry.resource(), &data);
    return data;
  }

  Data SectionData(const v1::FactSheetSection& section) {
    Data data;
    data["id"] = Data(SectionId(section));
    data["heading"] = Data(section.heading());
    SetStatements(section.statements(), section.pillar().empty() ? sheet_.name() : section.pillar(),
                  &data);
    std::vector<Data> entries;
    for (const auto& entry : section.entries()) {
      // What is told elsewhere has its own address there.
      const std::string id = entry.told_under().empty()
                                 ? IdOf(entry.resource())
                                 : absl::StrCat(SectionId(section), "-", IdOf(entry.resource()));
      entries.push_back(EntryData(entry, id));
    }
    data["entries"] = ListOf(std::move(entries));
    return data;
  }

  static std::string SectionId(const v1::FactSheetSection& section) {
    if (!section.pillar().empty()) return IdOf(section.pillar());
    return absl::StrReplaceAll(
        EnumWords(v1::FactSheetSectionKind_Name(section.kind()), "FACT_SHEET_SECTION_KIND_"),
        {{" ", "-"}});
  }

  // What the partnership does before its money and events; who and what takes part after them.
  void SetSections(Data* root) {
    std::vector<Data> first;
    std::vector<Data> last;
    for (const auto& section : sheet_.sections()) {
      const bool is_first = section.kind() <= v1::FACT_SHEET_SECTION_KIND_OTHER_INITIATIVES;
      (is_first ? first : last).push_back(SectionData(section));
    }
    (*root)["sections"] = ListOf(std::move(first));
    (*root)["registers"] = ListOf(std::move(last));
  }

  Data Rows(const google::protobuf::RepeatedPtrField<v1::FactSheetMoneyRow>& rows) {
    std::vector<Data> items;
    for (const auto& row : rows) {
      Data data;
      data["said"] = Data(Said(row.statement()));
      data["label"] = Data(row.label());
      std::vector<std::string> pillars;
      for (const std::string& pillar : row.pillars()) {
        const auto found = headings_.find(pillar);
        pillars.push_back(found == headings_.end() ? pillar : found->second);
      }
      data["pillars"] = Data(pillars.empty() ? "under no pillar" : absl::StrJoin(pillars, " + "));
      const auto words = [&](absl::string_view hedge, const std::string& decimal) {
        return absl::StrCat(hedge, MoneyWords(decimal, row.currency_code()));
      };
      const auto& bounds = row.bounds();
      const bool is_exact = bounds.low() == bounds.high();
      data["currency"] = Data(row.currency_code());
      data["stated"] = Data(row.stated().empty() ? "not stated" : words("", row.stated()));
      data["low"] =
          Data(!row.has_bounds() ? "not stated"
               : is_exact        ? words("", bounds.low())
                          : words(bounds.low_open() ? "more than " : "at least ", bounds.low()));
      data["high"] =
          Data(!row.has_bounds() ? "not stated"
               : is_exact        ? words("", bounds.high())
               : bounds.high().empty()
                   ? "not bounded"
                   : words(bounds.high_open() ? "less than " : "at most ", bounds.high()));
      items.push_back(std::move(data));
    }
    return ListOf(std::move(items));
  }

  Data Events(const std::string& id, const std::string& heading,
              const google::protobuf::RepeatedPtrField<v1::FactSheetEntry>& events) {
    if (events.empty()) return Data(false);
    Data data;
    data["id"] = Data(id);
    data["heading"] = Data(heading);
    std::vector<Data> entries;
    for (const auto& event : events) entries.push_back(EntryData(event, IdOf(event.resource())));
    data["entries"] = ListOf(std::move(entries));
    return data;
  }

  void SetNotStated(Data* root) {
    std::vector<Data> missing;
    std::vector<Data> notes;
    for (const auto& statement : sheet_.not_stated()) {
      const bool is_note = statement.kind() == v1::FACT_SHEET_STATEMENT_KIND_NOTE;
      (is_note ? notes : missing).emplace_back(Said(statement));
    }
    (*root)["has_not_stated"] = Data(!missing.empty());
    (*root)["not_stated"] = ListOf(std::move(missing));
    (*root)["has_notes"] = Data(!notes.empty());
    (*root)["notes"] = ListOf(std::move(notes));
  }

  void SetFootnotes(Data* root) {
    std::vector<std::string> supported(sheet_.footnotes_size() + 1);  // by footnote
    const auto add = [&](const v1::FactSheetStatement& statement) {
      for (const int footnote : statement.footnotes()) {
        supported[footnote].append(backs_.Of(statement.number()));
      }
    };
    const auto add_entries = [&](const auto& entries) {
      for (const auto& entry : entries) {
        for (const auto& statement : entry.statements()) add(statement);
      }
    };
    for (const auto& section : sheet_.sections()) {
      for (const auto& statement : section.statements()) add(statement);
      add_entries(section.entries());
    }
    for (const auto& row : sheet_.money()) add(row.statement());
    for (const auto& row : sheet_.money_by_pillar()) add(row.statement());
    add_entries(sheet_.past_events());
    add_entries(sheet_.coming_events());
    add_entries(sheet_.undetermined_events());
    for (const auto& statement : sheet_.not_stated()) add(statement);

    std::string footnotes;
    for (const auto& footnote : sheet_.footnotes()) {
      const auto& citation = footnote.citation();
      footnote_["number"] = Number(footnote.number());
      footnote_["document"] = Data(footnote.document_title());
      const bool is_address = absl::StartsWith(footnote.document_uri(), "https://") ||
                              absl::StartsWith(footnote.document_uri(), "http://");
      footnote_["uri"] = TextOrNone(is_address ? footnote.document_uri() : "");
      footnote_["span"] = TextOrNone(
          citation.has_span() ? absl::StrCat(citation.span().begin(), " to ", citation.span().end())
                              : "");
      footnote_["basis"] = Data(EnumWords(type::v1::Basis_Name(citation.basis()), "BASIS_"));
      footnote_["reason"] = TextOrNone(OneLine(citation.reason()));
      footnote_["outcome"] = Data(
          footnote.outcome() == type::v1::CITATION_OUTCOME_UNSPECIFIED
              ? "not looked up"
              : EnumWords(type::v1::CitationOutcome_Name(footnote.outcome()), "CITATION_OUTCOME_"));
      footnote_["words"] = TextOrNone(OneLine(footnote.words()));
      footnote_["back"] = Data(supported[footnote.number()]);
      absl::StrAppend(&footnotes, footnote_.Render(), "\n");
    }
    (*root)["footnotes"] = Data(footnotes);
  }

  static Data ChartData(const Chart& chart, const std::string& id, int row_height) {
    Data data;
    data["id"] = Data(id);
    data["chart_title"] = Data(chart.title);
    data["width"] = Number(kWidth);
    const int bottom = static_cast<int>(chart.bars.size()) * row_height;
    data["height"] = Number(bottom + kScaleHeight);
    data["bottom"] = Number(bottom);
    data["scale_y"] = Number(bottom + kScaleHeight - 8);
    std::vector<Data> ticks;
    for (const Tick& tick : chart.ticks) {
      Data item;
      item["x"] = Number(tick.x);
      item["label"] = Data(tick.label);
      ticks.push_back(std::move(item));
    }
    data["ticks"] = ListOf(std::move(ticks));
    data["line"] = chart.line.has_value() ? Number(*chart.line) : Data(false);
    std::vector<Data> bars;
    for (const Bar& bar : chart.bars) bars.push_back(BarData(bar, row_height));
    data["bars"] = ListOf(std::move(bars));
    return data;
  }

  static Data BarData(const Bar& bar, int row_height) {
    constexpr int kThickness = 10;
    Data data;
    const int top = bar.row * row_height;
    const int y = top + row_height - kThickness - 6;
    const bool two_lines = row_height == kMoneyRow;
    data["label"] =
        Data(Clipped(bar.label, two_lines ? kLabelLength
                                          : kLabelLength - std::min(bar.words.size(), size_t{64})));
    data["words"] = Data(bar.words);
    data["two_lines"] = Data(two_lines);
    data["label_y"] = Number(top + 13);
    data["words_y"] = Number(top + 28);
    data["y"] = Number(y);
    data["middle"] = Number(y + kThickness / 2);
    data["thickness"] = Number(kThickness);
    data["is_solid"] = Data(bar.solid_end > bar.begin);
    data["solid_x"] = Number(bar.begin);
    data["solid_width"] = Number(std::max(bar.solid_end - bar.begin, 2));
    data["is_range"] = Data(bar.end > bar.solid_end);
    data["range_x"] = Number(bar.solid_end);
    data["range_width"] = Number(std::max(bar.end - bar.solid_end, 2));
    data["mark"] = bar.mark.has_value() ? Number(*bar.mark) : Data(false);
    data["mark_top"] = Number(y - 2);
    data["mark_bottom"] = Number(y + kThickness + 2);
    // The tips of what runs on beyond the drawing.
    const auto tip = [&](int base, int point) {
      return absl::StrCat(base, ",", y - 3, " ", point, ",", y + kThickness / 2, " ", base, ",",
                          y + kThickness + 3);
    };
    data["open_end"] = TextOrNone(bar.open_end ? tip(kWidth - 9, kWidth) : "");
    data["open_begin"] = TextOrNone(bar.open_begin ? tip(9, 0) : "");
    return data;
  }

  const v1::FactSheet& sheet_;
  Fragment statement_;
  Fragment footnote_;
  Numbers refs_;
  Numbers backs_;
  std::map<std::string, std::string> headings_;  // of pillars
};

}  // namespace

std::string EscapeHtml(absl::string_view text) {
  std::string escaped;
  escaped.reserve(text.size() + text.size() / 8);
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped.append("&amp;");
        break;
      case '<':
        escaped.append("&lt;");
        break;
      case '>':
        escaped.append("&gt;");
        break;
      case '"':
        escaped.append("&quot;");
        break;
      case '\'':
        escaped.append("&#39;");
        break;
      default:
        // XML allows no other control characters, not even as references.
        if (!absl::ascii_iscntrl(static_cast<unsigned char>(c)) || c == '\n' || c == '\t') {
          escaped.push_back(c);
        }
    }
  }
  return escaped;
}

std::string EscapeMarkdown(absl::string_view text) {
  // Emphasis, code, links, images, HTML, tables, strike-through, entities; "@" and "://" would make
  // links of addresses.
  constexpr absl::string_view kAnywhere = "\\`*_[]<>|~&@#";
  std::string escaped;
  escaped.reserve(text.size() + text.size() / 8);
  // What begins a list, a heading or a rule does so at the start of a line.
  const size_t digits = text.find_first_not_of("0123456789");
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      escaped.push_back(' ');
      continue;
    }
    const bool begins_block = (i == 0 && (c == '-' || c == '+' || c == '=')) ||
                              (i > 0 && i == digits && (c == '.' || c == ')'));
    const bool begins_address =
        (c == ':' && absl::StartsWith(text.substr(i), "://")) ||
        (c == '.' && i >= 3 && absl::EqualsIgnoreCase(text.substr(i - 3, 3), "www"));
    if (absl::StrContains(kAnywhere, c) || begins_block || begins_address) escaped.push_back('\\');
    escaped.push_back(c);
  }
  return escaped;
}

std::string RenderMarkdown(const v1::FactSheet& sheet) {
  static const auto& page = *new Template("fact_sheet.md.mustache", EscapeMarkdown);
  static const auto& statement = *new Template("statement.md.mustache", EscapeMarkdown);
  static const auto& footnote = *new Template("footnote.md.mustache", EscapeMarkdown);
  static const auto& ref = *new Template("ref.md.mustache", EscapeMarkdown);
  // What leads back is made by whoever shows Markdown.
  return WithoutGaps(page.Render(Rendering(sheet, {page, statement, footnote, ref, ref}).Root()));
}

std::string RenderHtml(const v1::FactSheet& sheet) {
  static const auto& page = *new Template("fact_sheet.html.mustache", EscapeHtml);
  static const auto& statement = *new Template("statement.html.mustache", EscapeHtml);
  static const auto& footnote = *new Template("footnote.html.mustache", EscapeHtml);
  static const auto& ref = *new Template("ref.html.mustache", EscapeHtml);
  static const auto& back = *new Template("back.html.mustache", EscapeHtml);
  Rendering rendering(sheet, {page, statement, footnote, ref, back});
  Data root = rendering.Root();
  rendering.AddCharts(&root);
  return page.Render(root);
}

}  // namespace entente::gateway::factsheet
