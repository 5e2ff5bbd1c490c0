// SPDX-License-Identifier: Apache-2.0
//
// The XML form of the ECB's reference rates:
//
//   <gesmes:Envelope><gesmes:subject>Reference rates</gesmes:subject> ...
//     <Cube><Cube time="2023-09-05"><Cube currency="USD" rate="1.0731"/> ... </Cube> ... </Cube>
//   </gesmes:Envelope>
#include <expat.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/entente/rates/rate_collector.h"
#include "services/funding/rates/date.h"

namespace entente {
namespace {

class XmlReader {
 public:
  explicit XmlReader(RateCollector* collector)
      : collector_(collector), parser_(XML_ParserCreate("UTF-8"), &XML_ParserFree) {
    XML_SetUserData(parser_.get(), this);
    XML_SetStartElementHandler(parser_.get(), [](void* self, const char* name, const char** list) {
      static_cast<XmlReader*>(self)->Start(name, list);
    });
    XML_SetEndElementHandler(
        parser_.get(), [](void* self, const char*) { --static_cast<XmlReader*>(self)->depth_; });
    // No rate needs one, and all mischief with entities does.
    XML_SetStartDoctypeDeclHandler(
        parser_.get(), [](void* self, const char*, const char*, const char*, int) {
          static_cast<XmlReader*>(self)->Stop("a document type declaration is not accepted");
        });
  }

  void Read(absl::string_view text) {
    if (XML_Parse(parser_.get(), text.data(), static_cast<int>(text.size()), /*isFinal=*/1) ==
            XML_STATUS_OK ||
        stopped_) {
      return;
    }
    Fault(
        absl::StrCat("is not well-formed XML: ", XML_ErrorString(XML_GetErrorCode(parser_.get()))));
  }

 private:
  void Fault(const std::string& text) {
    collector_->AddFault(static_cast<int>(XML_GetCurrentLineNumber(parser_.get())),
                         static_cast<int>(XML_GetCurrentColumnNumber(parser_.get())) + 1, text);
  }
  void Stop(const std::string& text) {
    Fault(text);
    stopped_ = true;
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  void Start(absl::string_view name, const char** list) {
    if (depth_++ == 0 && name != "Envelope" && !absl::EndsWith(name, ":Envelope")) {
      return Stop(absl::StrCat("<", name, "> is not the ECB's <gesmes:Envelope>"));
    }
    if (name != "Cube" && !absl::EndsWith(name, ":Cube")) return;
    std::optional<std::string> time;
    std::optional<std::string> currency;
    std::optional<std::string> rate;
    for (; *list != nullptr; list += 2) {
      const absl::string_view attribute = list[0];
      if (attribute == "time") time = list[1];
      if (attribute == "currency") currency = list[1];
      if (attribute == "rate") rate = list[1];
    }
    if (time.has_value()) {
      day_ = funding::rates::DayOf(*time);
      if (!day_.has_value()) Fault(absl::StrCat("\"", *time, "\" is no day, YYYY-MM-DD"));
    }
    if (currency.has_value() != rate.has_value()) {
      return Fault("a rate needs a currency, and a currency a rate");
    }
    if (!rate.has_value() || IsNoRate(*rate)) return;
    if (!day_.has_value()) {
      return Fault(absl::StrCat("the rate of ", *currency, " is of no day"));
    }
    collector_->AddDaily(*currency, *day_, *rate,
                         static_cast<int>(XML_GetCurrentLineNumber(parser_.get())),
                         static_cast<int>(XML_GetCurrentColumnNumber(parser_.get())) + 1);
  }

  RateCollector* const collector_;
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser_;
  std::optional<absl::CivilDay> day_;
  int depth_ = 0;
  bool stopped_ = false;
};

}  // namespace

void ReadRateXml(absl::string_view text, RateCollector* collector) {
  XmlReader(collector).Read(text);
}

}  // namespace entente
