// SPDX-License-Identifier: Apache-2.0
#include "services/entente/text/print.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

namespace entente {
namespace {

template <typename T>
T Parse(const std::string& text) {
  T message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

TEST(OverviewTextTest, IsATable) {
  const auto overview = Parse<gateway::v1::Overview>(R"pb(
    name: "partnerships/p"
    partnership { title { text: "The Partnership" } }
    as_of: "2023-09-05"
    revisions { catalogue: 7 events: 30 }
    unreachable: "entente.funding.v1.FundingService"
    pillars {
      pillar { title { text: "Health" } }
      initiatives {
        name: "initiatives/a"
        title { text: "A" }
        status: INITIATIVE_STATUS_ACTIVE
      }
      initiatives {
        name: "initiatives/b"
        parent: "initiatives/a"
        title { text: "B" }
        status: INITIATIVE_STATUS_PLANNED
      }
      event_count: 3
      quantity_count: 1
    }
    other_initiatives {
      name: "initiatives/c"
      title { text: "C" }
      status: INITIATIVE_STATUS_ACTIVE
    }
    claim_groups {
      nature: CLAIM_NATURE_OWN_FUNDING
      stage: CLAIM_STAGE_PLEDGED
      totals {
        name: "claims/whole"
        title { text: "clean energy" }
        amount {
          currency_code: "USD"
          figure { value: "600" qualifier: QUALIFIER_EXACT }
        }
        instrument: CLAIM_INSTRUMENT_LOAN
        period { edtf: "2022/2024" }
      }
      totals {
        name: "claims/part"
        part_of: "claims/whole"
        title { text: "grids" }
        amount {
          currency_code: "USD"
          figure { value: "100" qualifier: QUALIFIER_UP_TO }
        }
        instrument: CLAIM_INSTRUMENT_NOT_STATED
      }
      rates {
        name: "claims/rate"
        title { text: "scholarships" }
        amount {
          currency_code: "USD"
          figure { value: "5" qualifier: QUALIFIER_EXACT }
        }
        instrument: CLAIM_INSTRUMENT_NOT_STATED
        recurrence { every: 1 unit: RECURRENCE_UNIT_YEAR }
      }
      rates {
        name: "claims/rate-2"
        title { text: "visits" }
        amount {
          currency_code: "USD"
          figure { qualifier: QUALIFIER_NOT_STATED }
        }
        instrument: CLAIM_INSTRUMENT_NOT_STATED
        recurrence { every: 6 unit: RECURRENCE_UNIT_MONTH }
      }
    }
    claim_groups {
      nature: CLAIM_NATURE_STATISTIC
      stage: CLAIM_STAGE_NOT_APPLICABLE
      totals {
        name: "claims/trade"
        title { text: "trade" }
        amount {
          currency_code: "USD"
          figure { value: "9" qualifier: QUALIFIER_EXACT }
        }
        instrument: CLAIM_INSTRUMENT_NOT_STATED
      }
    }
    quantities {
      title { text: "doses" }
      figure { value: "10" qualifier: QUALIFIER_MORE_THAN }
      status: QUANTITY_STATUS_TARGET
    }
    past_events {
      title { text: "Summit" }
      status: EVENT_STATUS_HELD
      date { edtf: "2022" }
    }
    undetermined_events {
      title { text: "Forum" }
      status: EVENT_STATUS_PLANNED
    }
  )pb");
  EXPECT_EQ(OverviewText(overview),
            "The Partnership\n"
            "partnerships/p as of 2023-09-05; revisions: catalogue 7, funding none, events 30\n"
            "MISSING, because it cannot be reached: entente.funding.v1.FundingService\n"
            "\n"
            "HEALTH\n"
            "  2 initiatives, ? claims, 3 events, 1 quantity\n"
            "    A (active)\n"
            "      B (planned)\n"
            "\n"
            "UNDER NO PILLAR\n"
            "    C (active)\n"
            "\n"
            "MONEY (kinds of money never add up together)\n"
            "  own funding, pledged\n"
            "    USD 600  clean energy (loan) [2022/2024]\n"
            "      of which up to USD 100  grids\n"
            "    USD 5 each year  scholarships\n"
            "    USD, amount not stated every 6 months  visits\n"
            "  statistic\n"
            "    USD 9  trade\n"
            "\n"
            "OTHER FIGURES\n"
            "  more than 10  doses (target)\n"
            "\n"
            "EVENTS UNTIL THEN\n"
            "  2022                     Summit (held)\n"
            "EVENTS THAT COULD BE EITHER\n"
            "  undated                  Forum (planned)\n");
}

TEST(DossierTextTest, NamesPartiesByTheirTitlesWhereTheyAreKnown) {
  const auto dossier = Parse<gateway::v1::Dossier>(R"pb(
    name: "initiatives/i"
    initiative {
      title { text: "The Initiative" }
      description { text: "What it does." }
      parties { role: PARTY_ROLE_LEAD organisation: "organisations/o" }
      parties { role: PARTY_ROLE_CO_CHAIR person: "people/p" }
      parties {
        role: PARTY_ROLE_LEAD
        organisation: "organisations/o"
        person: "people/p"
        note { text: "On one side." }
      }
      parties { role: PARTY_ROLE_PARTNER organisation: "organisations/gone" }
    }
    ancestors {
      name: "initiatives/root"
      title { text: "Root" }
      status: INITIATIVE_STATUS_ACTIVE
    }
    organisations {
      name: "organisations/o"
      title { text: "The Office" }
    }
    people {
      name: "people/p"
      title { text: "The Person" }
    }
    documents { title { text: "The Plan" } }
    citations {}
    citations {}
    revisions { catalogue: 1 funding: 2 events: 3 }
    unresolved: "organisations/gone"
  )pb");
  EXPECT_EQ(DossierText(dossier),
            "The Initiative\n"
            "initiatives/i; revisions: catalogue 1, funding 2, events 3\n"
            "\n"
            "What it does.\n"
            "\n"
            "PART OF\n"
            "  Root (active)\n"
            "\n"
            "PARTIES\n"
            "  lead: The Office\n"
            "  co chair: The Person\n"
            "  lead: The Person, The Office (On one side)\n"
            "  partner: organisations/gone\n"
            "\n"
            "DOCUMENTS\n"
            "  The Plan\n"
            "\n"
            "2 citations; nothing answers to organisations/gone\n");
}

TEST(DossierTextTest, AnEmptyOneIsStillReadable) {
  EXPECT_EQ(DossierText(gateway::v1::Dossier()),
            "\n; revisions: catalogue none, funding none, events none\n\n0 citations\n");
}

}  // namespace
}  // namespace entente
