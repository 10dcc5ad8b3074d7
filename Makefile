# Set-up is part of the targets: `make demo` and `make test` are all a newcomer types.
GO      ?= go
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -X main.version=$(VERSION)
BIN     := bin/ghostlight
# Pinned because a newer one may find more than this tree was read for.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.7.0

.PHONY: build demo test short lint fuzz golden bench hillstrom fixtures calibrate clean

build:
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/ghostlight

# True lift reports of a real trial and of a simulated one whose truth is known.
demo: build
	rm -rf demo/ad_psa
	$(GO) run ./fixtures/layout ad_psa demo/ad_psa
	$(BIN) -C demo/ad_psa run --as-of 2026-03-02
	rm -rf demo/ctv_known_effect && mkdir -p demo && cp -r fixtures/ctv_known_effect demo/ctv_known_effect
	$(BIN) -C demo/ctv_known_effect run --as-of 2026-11-02

test:
	@bash .ci/setup
	$(GO) test -race -timeout 20m ./...

# The same tests without the race detector and without the long ones.
short:
	$(GO) test -short ./...

lint:
	@test -z "$$(gofmt -l .)" || { echo "not gofmt-ed:"; gofmt -l .; exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

FUZZTIME ?= 60s
fuzz:
	@for package in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    echo "$$package $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s $$package || exit 1; \
	  done; \
	done

# Rewrite every golden file; read the diff like code.
golden:
	$(GO) test ./jobs ./jobs/source ./jobs/warehouse ./reports ./cmd/ghostlight -update

# 50 million exposures, once; then each stage against its floor, side by side.
bench: build
	$(GO) test -tags bench -run '^TestBench' -timeout 120m -v ./jobs

# Coverage of the intervals over simulated worlds; long, and not part of `make test`.
calibrate:
	$(GO) test -run Calibrat -timeout 120m -v ./analysis/lift ./jobs -calibrate

# The public e-mail trial: make hillstrom FILE=path/to/hillstrom.csv.gz
hillstrom: build
	@test -n "$(FILE)" || { echo "usage: make hillstrom FILE=path/to/the/public/file.csv[.gz]"; exit 2; }
	rm -rf demo/hillstrom
	$(GO) run ./fixtures/layout hillstrom "$(FILE)" demo/hillstrom
	$(BIN) -C demo/hillstrom run --as-of 2008-04-15

fixtures: build
	rm -rf fixtures/ctv_known_effect
	$(BIN) simulate --households 8000 --exposures 60000 --seed 15 --out fixtures/ctv_known_effect

clean:
	rm -rf bin demo
