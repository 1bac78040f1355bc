# Everything is in `cargo xtask`; these are its short names. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run test tidy fmt chaos bench pictures clean cargo

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: cargo ## Build console and program, start the demo on http://localhost:3000
	@cargo xtask run

test: cargo ## Everything: format, lints, plan, tests on both databases, console, journeys, fuzzing, tutorial
	@cargo xtask test

tidy: cargo ## Check the plan of the house: tiers, rooms, SQL, routes, error codes, licences, lengths, links
	@cargo xtask tidy

fmt: cargo ## Format Rust and console
	@cargo xtask fmt

chaos: cargo ## Kill servers at random moments, check that nothing is lost or done twice
	@cargo xtask chaos deals

bench: cargo ## Measure speed and memory beside a baseline (docs/benchmarks.md)
	@cargo xtask bench

pictures: cargo ## Take the pictures in docs/pictures from a running demo
	@cargo xtask pictures

clean: cargo ## Remove what was built and the demo's data
	@cargo xtask clean

cargo:
	@command -v cargo >/dev/null || { echo "Rust is missing; get it from https://rustup.rs (the version is in rust-toolchain.toml)"; exit 1; }
