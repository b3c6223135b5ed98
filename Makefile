# The front door. Each word does its own set-up (scripts/setup installs the Debian packages that are missing), then works
# through the presets of CMakePresets.json. JOBS=N limits how many processes a build or the tests use.
PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?=
export JOBS

parallel = $(if $(JOBS),--parallel $(JOBS))
sources = find src include tools tests bench fuzz examples cmake -name '*.[ch]'

.PHONY: help build run test calibration sbc sbc-chains validate accuracy bench bench-million fuzz asan million lint format install clean

help:
	@echo 'make run       build, then ask about the course in examples/'
	@echo 'make build     the program at build/ferrule, the libraries beside it'
	@echo 'make test      every test, and the acceptance cases'
	@echo 'make asan      the unit tests under address and undefined behaviour sanitizers'
	@echo 'make fuzz      every fuzz target for FUZZ_SECONDS (60)'
	@echo 'make million   a million random patients planned and verified'
	@echo 'make validate  the model against published studies: docs/validation.md, and a page in build/'
	@echo 'make accuracy  the batch solver against CVODE, error by observable (ACCURACY_PATIENTS, 1000)'
	@echo 'make sbc       the fit against its own prior: a thousand patients, ranks and intervals'
	@echo 'make sbc-chains   the draws of twenty patients against long Markov chains'
	@echo 'make calibration   the calibration table of docs/model.md, reproduced'
	@echo 'make bench     how fast it is, beside CVODE built for this machine; build/bench.json'
	@echo 'make bench-million   endpoints of a million virtual patients, two threads; build/bench-million.json'
	@echo 'make lint      clang-tidy and what else can be read without running'
	@echo 'make format    clang-format over the sources'
	@echo 'make install   into PREFIX (/usr/local), under DESTDIR if given'
	@echo 'make clean     removes build/'

build:
	@scripts/setup build
	@cmake --preset release >/dev/null
	@cmake --build --preset release $(parallel)

run: build
	@scripts/run-example

# The release build, with its tests.
.PHONY: build-tests
build-tests:
	@scripts/setup build test
	@cmake --preset release -DFERRULE_TESTS=ON >/dev/null
	@cmake --build --preset release $(parallel)

test: build-tests
	@scripts/test

million: build-tests
	build/tests/plan_property 1000000

calibration: build-tests
	@python3 tests/calibration/calibrate.py --jobs $(or $(JOBS),2) --out build/calibration.json

sbc: build-tests
	@python3 tests/sbc/ranks.py --jobs $(or $(JOBS),2) --out build/sbc.csv

validate: build
	@scripts/validation
	@build/ferrule validate --observations data/evidence/observations.csv --report build/validation.html
	@echo 'docs/validation.md and build/validation.html'

sbc-chains: build-tests
	@python3 tests/sbc/ranks.py --chains 20 --jobs $(or $(JOBS),2)

accuracy: build-tests
	@build/tests/accuracy $(or $(ACCURACY_PATIENTS),1000)

# The natively built peer is there after bench/native, or that said why not and the packaged one stands alone.
.PHONY: build-bench
build-bench:
	@scripts/setup build bench
	@bench/native || true
	@cmake --preset release -DFERRULE_BENCH=ON >/dev/null
	@cmake --build --preset release $(parallel)

bench: build-bench
	@scripts/bench

bench-million: build-bench
	@build/bench/solver-bench --endpoints 1000000 1e-6 2 build/bench-million.json

asan:
	@scripts/setup build test
	@cmake --preset dev >/dev/null
	@cmake --build --preset dev $(parallel)
	@ctest --preset dev --label-regex unit $(parallel)

fuzz:
	@scripts/setup build fuzz
	@cmake --preset fuzz >/dev/null
	@cmake --build --preset fuzz $(parallel)
	@scripts/fuzz

lint:
	@scripts/setup build lint format
	@cmake --preset release >/dev/null
	@scripts/lint

format:
	@scripts/setup format
	@$(sources) | xargs clang-format -i

install: build
	@DESTDIR='$(DESTDIR)' cmake --install build --prefix '$(PREFIX)'
	@test -n '$(DESTDIR)' || ldconfig 2>/dev/null || true

clean:
	@rm -rf build
