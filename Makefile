# What can be done here: `make` lists it. Nothing in the product needs make; each
# target is a line that can be typed as well.

.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

GO       ?= go
PACKAGES ?= ./...
TOOL     := $(GO) tool -modfile=tools/go.mod
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# Packages in which goroutines meet.
CONCURRENT := ./batch/engine/... ./ledger/... ./provider/...

SEEDS    ?= 20000
SEED     ?=
FUZZTIME ?= 30s
BENCH    ?= .

.PHONY: help
help: ## List what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build bin/payrun, static and stamped with VERSION
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/payrun ./cmd/payrun

.PHONY: cross
cross: ## Build and vet for Linux, macOS and Windows, amd64 and arm64
	script/cross

.PHONY: release
release: ## Make archives, checksums, SBOM and manual pages of VERSION in dist
	script/release $(VERSION)

.PHONY: test
test: ## Run the tests
	$(GO) test $(PACKAGES)

.PHONY: race
race: ## Run the concurrent packages' tests under the race detector
	$(GO) test -race -short $(CONCURRENT)

.PHONY: sim
sim: ## Simulate bad days: SEEDS=20000, or SEED=… to replay one
	$(GO) test ./batch/engine -run '^TestSimulation$$|^TestMachinesTogether$$' -count=1 -timeout 0 -v \
		$(if $(SEED),-sim.seed=$(SEED),-sim.seeds=$(SEEDS))

.PHONY: broken
broken: ## Simulate worlds that break assumptions: SEEDS=20000, or SEED=… to replay one
	$(GO) test ./batch/engine -run '^TestBrokenWorldsAreStoppedOrShown$$' -count=1 -timeout 0 -v \
		$(if $(SEED),-sim.seed=$(SEED),-sim.seeds=$(SEEDS))

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME=30s
	script/fuzz $(FUZZTIME)

.PHONY: mutants
mutants: ## Mutate the code that decides over money, and show what no test notices
	script/mutants

.PHONY: long
long: ## Everything that takes longer than a change can wait for
	.ci/long

.PHONY: bench
bench: ## Compare with a bare client, then run the benchmarks matching BENCH=.
	$(GO) run ./bench pairs
	$(GO) run ./bench throttled
	$(GO) run ./bench rate
	$(GO) run ./bench million
	$(GO) run ./bench grown
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem $(PACKAGES)

.PHONY: golden
golden: ## Write the golden files anew; read the difference before committing it
	grep -rl --include='*_test.go' 'flag.Bool("update"' . | xargs -n 1 dirname | sort -u | \
		xargs -I '{}' $(GO) test '{}' -count=1 -update

.PHONY: cover
cover: ## Measure which code the tests reach, across packages
	$(GO) test -coverpkg=./... -coverprofile=coverage.out $(PACKAGES)
	$(GO) tool cover -func=coverage.out | tail -n 1

.PHONY: fmt
fmt: ## Format the code
	$(TOOL) golangci-lint fmt

.PHONY: lint
lint: ## Check the linter's configuration, then the code
	$(TOOL) golangci-lint config verify
	$(TOOL) golangci-lint run

.PHONY: vuln
vuln: ## Look for known holes in what is imported (asks the Go vulnerability database)
	$(TOOL) govulncheck ./...

.PHONY: docs
docs: ## Check the documents by running their commands; write manual pages and completions into bin
	$(GO) test ./cmd/payrun ./internal/repolint -run 'Guide|Document|Documented|Example|Template|Link' -count=1
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(GO) run -ldflags "-X main.version=$(VERSION)" ./cmd/payrun man bin/man
	mkdir -p bin/completion
	for shell in bash zsh fish powershell; do $(GO) run ./cmd/payrun completion $$shell >bin/completion/payrun.$$shell; done

.PHONY: tidy
tidy: ## Bring go.mod and go.sum in line with the imports
	$(GO) mod tidy
	cd tools && $(GO) mod tidy
	cd tools/mutants && $(GO) mod tidy

.PHONY: image-check
image-check: ## Examine the Dockerfile and build its binary, without an engine
	script/dockerfile-check

.PHONY: check
check: ## Everything that CI runs
	.ci/run

.PHONY: clean
clean: ## Remove what builds, runs and tests leave behind
	rm -rf bin dist payrun-report coverage.out payrun-sandbox.db payrun-sandbox.db.*
