// SPDX-License-Identifier: Apache-2.0
//
// The servers that are measured, as processes of their own that end with the benchmark.
//
//   Scratch scratch;
//   Server catalogue(OwnDirectory() + "/entente-catalogue", {"--listen=" + address}, scratch);
//   catalogue.CpuTime();
#ifndef ENTENTE_BENCHMARKS_POINT_READS_PROCESSES_H_
#define ENTENTE_BENCHMARKS_POINT_READS_PROCESSES_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace entente::benchmarks {

// Says what could not be done and why, and ends the benchmark.
[[noreturn]] void Die(const std::string& what);

// The directory of this program, in which the servers of its build are too.
std::string OwnDirectory();

// A directory that is removed with everything in it.
class Scratch {
 public:
  Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// "127.0.0.1:PORT", with a port that is free now.
std::string FreeAddress();

// Not thread-safe. To be started on the main thread: the system ends a child together with the
// thread that started it.
class Server {
 public:
  // What it writes goes to a file in `scratch`.
  Server(const std::string& program, const std::vector<std::string>& arguments,
         const Scratch& scratch);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  pid_t pid() const { return pid_; }

  // What all of its threads have used of the processors, user and system.
  absl::Duration CpuTime() const;

 private:
  pid_t pid_;
};

// The same of this process.
absl::Duration OwnCpuTime();

// Runs a program to its end, which must be a success.
void Run(const std::string& program, const std::vector<std::string>& arguments,
         const Scratch& scratch);

}  // namespace entente::benchmarks

#endif  // ENTENTE_BENCHMARKS_POINT_READS_PROCESSES_H_
