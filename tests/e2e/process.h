// SPDX-License-Identifier: Apache-2.0
//
// A program as a child process of a test: started, signalled, waited for, and its output kept and
// shown if the test fails. It ends with the test whatever happens to either.
//
//   TempDir dir;
//   Process server(Binary("entente-catalogue"), {"--listen=127.0.0.1:0"}, dir);
//   server.Signal(SIGTERM);
//   EXPECT_EQ(server.Wait(absl::Seconds(5)), Exited(0));
#ifndef ENTENTE_TESTS_E2E_PROCESS_H_
#define ENTENTE_TESTS_E2E_PROCESS_H_

#include <sys/types.h>

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/testing/slowness.h"

namespace entente::e2e {

// The longest that something may take that normally takes far less than a second.
inline constexpr absl::Duration kPatience = kSanitized ? absl::Minutes(2) : absl::Seconds(20);

// The path of a program of the build, and of a file of the source tree.
std::string Binary(const std::string& name);
std::string Source(const std::string& path);

std::string ReadFile(const std::string& path);
void WriteFile(const std::string& path, const std::string& content);

// A directory that is removed with everything in it.
class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// A port of 127.0.0.1 that is kept from others, for servers that are started on it again and again.
class Port {
 public:
  Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  ~Port();

  int number() const { return number_; }
  std::string address() const;  // "127.0.0.1:PORT"

 private:
  int fd_ = -1;
  int number_ = 0;
};

// How a process ended: by an exit code or by a signal.
struct Ending {
  std::optional<int> code;
  std::optional<int> signal;

  bool operator==(const Ending&) const = default;
};

inline Ending Exited(int code) { return {code, std::nullopt}; }
inline Ending KilledBy(int signal) { return {std::nullopt, signal}; }
std::ostream& operator<<(std::ostream& stream, const Ending& ending);

// Not thread-safe. To be started on the main thread: the system ends a child together with the
// thread that started it.
class Process {
 public:
  // `environment`: "NAME=VALUE", besides what the test has itself, without its ENTENTE_*. The
  // output is kept in files in `dir`.
  Process(const std::string& program, const std::vector<std::string>& arguments, const TempDir& dir,
          const std::vector<std::string>& environment = {});
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  // Kills it if it still runs. If the test has failed, shows the end of what it wrote.
  ~Process();

  pid_t pid() const { return pid_; }
  void Signal(int signal) const;

  // How it ended; nothing if it still runs after `patience`.
  std::optional<Ending> Wait(absl::Duration patience = kPatience);

  // What it has written so far.
  std::string Output() const { return ReadFile(out_path_); }
  std::string Errors() const { return ReadFile(err_path_); }

 private:
  const std::string command_;
  std::string out_path_;
  std::string err_path_;
  pid_t pid_ = -1;
  int pidfd_ = -1;
  std::optional<Ending> ending_;
};

// What a program that ends by itself did.
struct Finished {
  std::optional<Ending> ending;
  std::string out;
  std::string err;
};

Finished RunToEnd(const std::string& program, const std::vector<std::string>& arguments,
                  const TempDir& dir, const std::vector<std::string>& environment = {});

}  // namespace entente::e2e

#endif  // ENTENTE_TESTS_E2E_PROCESS_H_
