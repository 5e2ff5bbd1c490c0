# SPDX-License-Identifier: Apache-2.0
# Verbs. Each is one script (or one CMake command) that can also be called by itself.

.DEFAULT_GOAL := help
.PHONY: help run test build check lint format tidy soak fuzz bench image clean

PRESET ?= release

help: ## This list
	@echo "Verbs (make VERB):"
	@sed -n 's/^\([a-z]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 12
	@echo "PRESET=debug|asan|tsan with build and test; ports of run: ENTENTE_GATEWAY_PORT=..., see scripts/run.sh"

run: ## Build, start the four services with the record loaded, serve until Ctrl-C
	@scripts/run.sh

test: ## Build and run all tests
	@scripts/test.sh $(PRESET)

build: ## Build everything
	@scripts/build.sh $(PRESET)

check: ## All that CI checks
	@.ci/run

lint: ## Formatting, shellcheck, buf lint
	@scripts/lint.sh

format: ## Format the C++ and the protos in place
	@scripts/lint.sh --fix

tidy: ## clang-tidy
	@scripts/tidy.sh

soak: ## The crash tests at length: 200 rounds of kill -9 for each service
	@scripts/soak.sh

fuzz: ## Each fuzzer for ten minutes (or FUZZ_SECONDS=...)
	@scripts/fuzz.sh $(FUZZ_SECONDS)

bench: ## The benchmarks, or the one that BENCH=NAME names
	@scripts/bench.sh $(BENCH)

image: ## The container image, built and tried out
	@scripts/image.sh

clean: ## Remove what was built (not the databases of make run, in run/)
	rm -rf build
