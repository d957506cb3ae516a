# What there is to do here: `make help`. Tools are built once into .tools, each
# from a module file of its own, so that their requirements stay out of ours.

MODULES := $(shell sed -n 's|^[[:space:]]*\./||p' go.work)
BUF     := cd proto && GOWORK=off go tool -modfile=tools.mod buf

# The linter's version is written once, in its module file.
LINT_VERSION := $(shell sed -n 's|.*golangci-lint/v2 v\([^ ]*\).*|\1|p' tools/lint/go.mod)
LINT         := $(CURDIR)/.tools/golangci-lint-$(LINT_VERSION)

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: test
test: ## everything, with a Redis, a PostgreSQL and a browser of its own (installs them on Debian and Ubuntu)
	tools/need
	tools/with-stores go test -race -tags e2e -count=1 -timeout 15m work
	tools/fuzz 1s

.PHONY: drill
drill: ## processes, stores and the network between them fail under load, ROUNDS times (default 5)
	tools/need
	STRONGROOM_DRILL_ROUNDS=$(or $(ROUNDS),5) tools/with-stores go test -race -tags e2e -count=1 -timeout 30m -v ./e2e/faults

.PHONY: fuzz
fuzz: ## every fuzz target for TIME each (default 1m)
	tools/fuzz $(or $(TIME),1m)

.PHONY: test-core
test-core: house ## what needs Go alone
	go test -race work

# The house rules read every module, which go test's cache does not notice.
.PHONY: house
house: ## who may import whom
	go test -count=1 -run '^TestHouse' ./e2e

.PHONY: bench
bench: ## measure a flow under load
	go run ./e2e/bench

.PHONY: run
run: ## a whole ecosystem in one process
	go run ./sandbox

.PHONY: compose-up
compose-up: ## a whole ecosystem, a container for each part (deploy/README.md)
	deploy/up.sh

.PHONY: test-compose
test-compose: ## the same from nothing, with a flow through it (installs Docker on Debian and Ubuntu)
	deploy/test.sh

.PHONY: build
build: ## every binary, into bin
	go build -trimpath -o bin/ work

.PHONY: generate
generate: ## Go and OpenAPI from the contracts, docs/configuration.md from the code
	$(BUF) lint
	$(BUF) generate
	go run ./platform/cmd/configref
	go run ./platform/cmd/ruleref

.PHONY: fmt
fmt: ## gofmt
	gofmt -w $(MODULES)

.PHONY: lint
lint: $(LINT) ## golangci-lint in every module
	@failed=; for module in $(MODULES); do \
		if [ -z "$$(find $$module -name '*.go' -print -quit)" ]; then continue; fi; \
		echo "lint $$module"; \
		(cd $$module && $(LINT) run ./...) || failed="$$failed $$module"; \
	done; if [ -n "$$failed" ]; then echo "findings in:$$failed" >&2; exit 1; fi

$(LINT): tools/lint/go.mod
	@echo "Building golangci-lint $(LINT_VERSION), once: this takes some minutes"
	cd tools/lint && GOWORK=off go build -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@

.PHONY: tidy
tidy: ## go mod tidy in every module, alone
	@for module in $(MODULES); do echo "tidy $$module"; (cd $$module && GOWORK=off go mod tidy) || exit 1; done
