// SPDX-License-Identifier: Apache-2.0
//
// Completion of `entente` by real shells, which drive the very functions that the scripts define.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/e2e/cluster.h"

namespace entente::e2e {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

// Calls the function with the words as bash has them, and prints what it answers.
constexpr char kDriveBash[] = R"(
  source <("$1" completion bash) || exit 3
  complete -p entente >/dev/null || exit 4
  COMP_WORDS=("$@")
  COMP_CWORD=$(($# - 1))
  word=${COMP_WORDS[COMP_CWORD]}
  [[ $word == [=:] ]] && word=
  shift
  _entente entente "$word" "" 2>/dev/null
  printf '%s\n' "${COMPREPLY[@]}"
)";

// The same in zsh, with its own ways of adding words put out of the way.
constexpr char kDriveZsh[] = R"(
  source <("$1" completion zsh) || exit 3
  compadd() {
    while [[ $1 != -- ]]; do shift; done
    shift
    print -rl -- "$@"
  }
  _files() { print -r -- "files $*" }
  words=("$@")
  CURRENT=$#
  _entente
  exit 0  # It says whether there was anything.
)";

std::string PathOf(const char* shell) {
  for (const char* directory : {"/bin/", "/usr/bin/", "/usr/local/bin/"}) {
    const std::string path = absl::StrCat(directory, shell);
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return "";
}

class CompletionTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    cluster_ = new Cluster;
    cluster_->StartAll();
    ASSERT_EQ(cluster_->Command({"load", Source("data/us-asean-csp")}).ending, Exited(0));
  }
  static void TearDownTestSuite() {
    delete cluster_;
    cluster_ = nullptr;
  }

  // What the shell offers for the last of the words.
  static std::vector<std::string> Offers(const std::string& shell, const char* drive,
                                         const std::vector<std::string>& words,
                                         std::vector<std::string> environment = {}) {
    if (environment.empty()) {
      for (const Service service : kServices) {
        environment.push_back(absl::StrCat("ENTENTE_", absl::AsciiStrToUpper(ShortName(service)),
                                           "=", cluster_->server(service).address()));
      }
    }
    std::vector<std::string> arguments = {"-c", drive, shell, Binary("entente")};
    if (shell == "zsh") arguments.insert(arguments.begin(), "-f");
    if (shell == "bash") arguments.insert(arguments.begin(), {"--norc", "--noprofile"});
    arguments.insert(arguments.end(), words.begin(), words.end());
    const Finished finished =
        RunToEnd(PathOf(shell.c_str()), arguments, cluster_->dir(), environment);
    EXPECT_EQ(finished.ending, Exited(0)) << finished.err;
    EXPECT_EQ(finished.err, "");
    return absl::StrSplit(finished.out, '\n', absl::SkipEmpty());
  }
  static std::vector<std::string> Bash(const std::vector<std::string>& words,
                                       const std::vector<std::string>& environment = {}) {
    return Offers("bash", kDriveBash, words, environment);
  }
  static std::vector<std::string> Zsh(const std::vector<std::string>& words,
                                      const std::vector<std::string>& environment = {}) {
    return Offers("zsh", kDriveZsh, words, environment);
  }

  static Cluster* cluster_;
};

Cluster* CompletionTest::cluster_ = nullptr;

// Words that nothing takes apart: the same in both shells.
void ExpectOffers(const std::function<std::vector<std::string>(std::vector<std::string>)>& shell) {
  EXPECT_THAT(shell({"mo"}), ElementsAre("money"));
  EXPECT_THAT(shell({""}), AllOf(Contains("get"), Contains("rates"), Not(Contains("__complete"))));
  EXPECT_THAT(shell({"rates", ""}), ElementsAre("load"));
  EXPECT_THAT(shell({"help", "ev"}), ElementsAre("events"));
  EXPECT_THAT(shell({"list", "event"}), ElementsAre("events", "eventSeries"));
  EXPECT_THAT(shell({"list", "events", ""}), IsEmpty());
  EXPECT_THAT(shell({"completion", ""}), ElementsAre("bash", "zsh"));
  EXPECT_THAT(shell({"list", "claims", "--or"}), ElementsAre("--order_by="));
  EXPECT_THAT(shell({"list", "claims", "--order-"}), ElementsAre("--order-by="));
  EXPECT_THAT(shell({"list", "claims", "--al"}), ElementsAre("--all"));
  EXPECT_THAT(shell({"money", "--data"}), IsEmpty());
  EXPECT_THAT(shell({"list", "claims", "-o", ""}), ElementsAre("table", "json", "names", "csv"));
  EXPECT_THAT(shell({"money", "--format", "c"}), ElementsAre("csv"));
  EXPECT_THAT(shell({"money", "--mix", "stage,n"}), ElementsAre("stage,nature"));
  EXPECT_THAT(shell({"money", "--by", "pil"}), ElementsAre("pillars"));
  EXPECT_THAT(shell({"search", "--type", "ini"}), ElementsAre("initiatives"));
  // Of the running services.
  EXPECT_THAT(shell({"get", "init"}), ElementsAre("initiatives/"));
  EXPECT_THAT(shell({"get", "claims/dfc-c"}), ElementsAre("claims/dfc-climate-tech-equity"));
  EXPECT_THAT(shell({"get", "claims/dfc-climate-tech-equity", "claims/dfc-m"}),
              ElementsAre("claims/dfc-msme-guarantee-indonesia"));
  EXPECT_THAT(shell({"get", "--timeout_s", "5", "partnerships/us-asean-csp/pil"}),
              ElementsAre("partnerships/us-asean-csp/pillars/"));
  EXPECT_THAT(shell({"get", "partnerships/us-asean-csp/pillars/def"}),
              ElementsAre("partnerships/us-asean-csp/pillars/defence-maritime"));
  EXPECT_THAT(shell({"overview", "partnerships/"}), ElementsAre("partnerships/us-asean-csp"));
  EXPECT_THAT(shell({"dossier", "claims/dfc"}), IsEmpty());
  EXPECT_THAT(shell({"get", "claims/\"dfc"}), IsEmpty());
  EXPECT_THAT(shell({"get", "claims/none-"}), IsEmpty());
}

TEST_F(CompletionTest, Bash) {
  ASSERT_NE(PathOf("bash"), "");
  ExpectOffers([](const std::vector<std::string>& words) { return Bash(words); });
  // bash takes words apart at "=" and ":", and wants the last part only.
  EXPECT_THAT(Bash({"money", "--format", "=", "c"}), ElementsAre("csv"));
  EXPECT_THAT(Bash({"money", "--format", "="}), ElementsAre("table", "json", "csv"));
  EXPECT_THAT(Bash({"money", "--by", "=", "stage,pil"}), ElementsAre("stage,pillars"));
  EXPECT_THAT(Bash({"list", "claims", "--filter", "=", "a"}), IsEmpty());
  EXPECT_THAT(Bash({"load", Source("data/us-as")}), ElementsAre(Source("data/us-asean-csp")));
  EXPECT_THAT(Bash({"check", "x", "--source", "=", Source("README")}),
              ElementsAre(Source("README.md")));
  EXPECT_THAT(Bash({"rates", "load", Source("data/rates/ecb")}),
              Contains(Source("data/rates/ecb-2023.csv")));
}

TEST_F(CompletionTest, Zsh) {
  if (PathOf("zsh").empty()) {
    ASSERT_EQ(std::getenv("ENTENTE_REQUIRE_ZSH"), nullptr) << "there is no zsh here";
    GTEST_SKIP() << "there is no zsh here";
  }
  ExpectOffers([](const std::vector<std::string>& words) { return Zsh(words); });
  EXPECT_THAT(Zsh({"money", "--format=c"}), ElementsAre("--format=csv"));
  EXPECT_THAT(Zsh({"money", "--by=stage,pil"}), ElementsAre("--by=stage,pillars"));
  EXPECT_THAT(Zsh({"load", "da"}), ElementsAre("files -/"));
  EXPECT_THAT(Zsh({"rates", "load", "da"}), ElementsAre("files "));
}

TEST_F(CompletionTest, WhereTheServicesAreAwayThereAreNoNamesAndNoNoise) {
  Port nobody;
  const std::vector<std::string> away = {absl::StrCat("ENTENTE_CATALOGUE=", nobody.address()),
                                         absl::StrCat("ENTENTE_FUNDING=", nobody.address())};
  EXPECT_THAT(Bash({"get", "claims/dfc"}, away), IsEmpty());
  EXPECT_THAT(Bash({"get", "init"}, away), ElementsAre("initiatives/"));
  // Flags of the line say where they are.
  EXPECT_THAT(
      Bash({"get", "--funding", "=", cluster_->server(Service::kFunding).address(), "claims/dfc-c"},
           away),
      ElementsAre("claims/dfc-climate-tech-equity"));
}

TEST_F(CompletionTest, OtherShellsAreRefused) {
  const Finished fish = cluster_->Command({"completion", "fish"});
  EXPECT_EQ(fish.ending, Exited(2));
  EXPECT_THAT(fish.err, testing::HasSubstr("bash and zsh, not for \"fish\""));
}

}  // namespace
}  // namespace entente::e2e
