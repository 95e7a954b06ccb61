# Stepwell's errands. The first two install what a bare Debian 12 with build-essential and rustup's Rust lacks.
.DEFAULT_GOAL := help
SHELL := /bin/sh

CARGO_TARGET_DIR ?= $(CURDIR)/target
export CARGO_TARGET_DIR
override CARGO_TARGET_DIR := $(abspath $(CARGO_TARGET_DIR))

STEPWELL := $(CARGO_TARGET_DIR)/release/stepwell
# A program that runs cannot be written to: a copy of it adds the code.
CARRY = cp $(STEPWELL) $(STEPWELL).copy && $(STEPWELL).copy __carry $(STEPWELL) && rm $(STEPWELL).copy
# One set of features and one profile for everything: wasmtime is compiled once to check and once to build.
BUILD := --release --locked
DENY_VERSION := 0.20.2
FUZZ_VERSION := 0.13.2
FUZZ_SECONDS ?= 60
FUZZ_TOOLCHAIN ?= nightly

.PHONY: help demo test bench fuzz guests build lint advisories install-tools
.NOTPARALLEL:

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

demo: ## build, then make a small web site with a pipeline and show it
	@.ci/guests builtin site
	cargo build $(BUILD) --bins
	@$(CARRY)
	@rm -rf examples/site/out && mkdir -p examples/site/out
	cd examples/site && $(STEPWELL) run -f pipeline.yaml site -w source=content:ro -w output=out
	@echo; echo "The pipeline made:"; find examples/site/out -type f | sort | sed 's/^/  /'
	@echo; echo "Look at $(CURDIR)/examples/site/out/index.html"

guests: ## build the WASI modules: those in the binary, those of the tests, those of the examples
	@.ci/guests builtin tests examples

build: guests ## build the release binary with its modules, and their compiled code, in it
	cargo build $(BUILD) --bins
	@$(CARRY)

lint: guests install-tools ## format, clippy, docs, licences, bans, sources, advisories
	cargo fmt --all --check
	cargo fmt --all --check --manifest-path steps/Cargo.toml
	cargo fmt --all --check --manifest-path tests/guests/Cargo.toml
	cargo clippy $(BUILD) --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc $(BUILD) --no-deps --document-private-items
	cargo deny --all-features --locked check licenses bans sources
	@$(MAKE) --no-print-directory advisories

advisories:
	@echo "cargo deny check advisories"; \
	if ! timeout 120 cargo deny --all-features --locked fetch db >/dev/null 2>&1; then \
		echo "The advisory database cannot be reached from here: advisories are NOT checked."; \
	else \
		cargo deny --all-features --locked check --disable-fetch advisories; \
	fi

test: lint build ## everything that must hold: lint, the modules' own tests, unit and integration tests, examples
	@.ci/reference-tools
	CARGO_TARGET_DIR=$(CARGO_TARGET_DIR)/steps cargo test --locked --manifest-path steps/Cargo.toml
	STEPWELL_SLOW_TESTS=1 cargo test $(BUILD) --no-fail-fast

bench: build ## measure, and write the tables of docs/benchmarks.md
	cargo bench --locked

fuzz: ## run every fuzz target for FUZZ_SECONDS (60); needs a nightly toolchain
	@.ci/fuzz $(FUZZ_TOOLCHAIN) $(FUZZ_VERSION) $(FUZZ_SECONDS)

install-tools: ## install rustfmt, clippy and cargo-deny (pinned) where they are missing
	@cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt
	@cargo clippy --version >/dev/null 2>&1 || rustup component add clippy
	@cargo deny --version 2>/dev/null | grep -qF " $(DENY_VERSION)" || \
		cargo install --locked --version $(DENY_VERSION) --target-dir $(CARGO_TARGET_DIR)/tools cargo-deny
