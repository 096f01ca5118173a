# Everything that people and CI do here. Each target is a line or two; `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
SWIFT_BUILD_FLAGS ?=
BIN = $(shell swift build --show-bin-path $(SWIFT_BUILD_FLAGS))

.PHONY: help setup build test test-integrations ui-test soak install lint fuzz demo dev simulate bench tsan
.PHONY: generate manifests tools image sbom closure static clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  %-17s %s\n", $$1, $$2 }'

setup: ## Install the Debian packages that are missing
	@scripts/setup.sh

build: setup ## Build everything
	swift build --build-tests $(SWIFT_BUILD_FLAGS)

# Suites that wait for sockets and processes run beside each other, but not beside the ones that keep
# every core busy: a time limit that is met on an idle machine must be met here too.
EDGE = LockingTests|CurlTransportTests|KubernetesClientTests|KubernetesRuntimeTests|AgentGatewayTests|AgentRunnerTests|LocalClusterTests

# A step that fails ends with the tests that failed in it, and what they recorded.
TESTS = scripts/test.sh swift test --skip-build

test: setup ## Run all tests that need nothing but the sources
	swift build --build-tests $(SWIFT_BUILD_FLAGS)
	$(TESTS) --skip '$(EDGE)|EndToEndTests' $(SWIFT_BUILD_FLAGS)
	$(TESTS) --filter '$(EDGE)' $(SWIFT_BUILD_FLAGS)
	$(TESTS) --filter EndToEndTests --no-parallel $(SWIFT_BUILD_FLAGS)

# The clients come from PyPI, with the versions that Tests/Integrations/requirements-*.txt name.
test-integrations: setup ## Run real MCP clients (mcp, fastmcp, LangGraph) against a local cluster
	swift build --product swiftlet $(SWIFT_BUILD_FLAGS)
	swift build --product swiftlet-operator $(SWIFT_BUILD_FLAGS)
	swift build --product swiftlet-agent $(SWIFT_BUILD_FLAGS)
	scripts/integrations.sh $(BIN)

# How long agents are killed, and in which order.
SOAK_SECONDS ?= 600
SOAK_SEED ?= 20261121

soak: setup ## Kill agents at random for SOAK_SECONDS, and count what is lost or done twice
	swift build --build-tests $(SWIFT_BUILD_FLAGS)
	SWIFTLET_SOAK_SECONDS=$(SOAK_SECONDS) SWIFTLET_SOAK_SEED=$(SOAK_SEED) \
	  $(TESTS) --filter SoakTests $(SWIFT_BUILD_FLAGS)

# Installs a browser where there is none. Pictures of what it saw are in .build/ui; with SCREENSHOT=1
# the one in the README is replaced.
ui-test: ## Look at the status page with a headless Chromium
	@scripts/setup.sh browser
	swift build --build-tests $(SWIFT_BUILD_FLAGS)
	SWIFTLET_UI_PICTURES=$(CURDIR)/.build/ui \
	  $(TESTS) --filter StatusPageBrowserTests --no-parallel $(SWIFT_BUILD_FLAGS)
	@[ -z "$(SCREENSHOT)" ] || cp .build/ui/overview.png docs/images/status-page.png

# A build of its own beside the usual one. What the sanitizer must not look at, and why, is in the file.
# Two tests at a time: everything is ten times slower, and a time limit that is met on an idle machine
# must be met here too.
TSAN_BUILD = --sanitize=thread --scratch-path .build/tsan $(SWIFT_BUILD_FLAGS)

tsan: setup ## Run the tests of sockets, threads and processes under the thread sanitizer
	swift build --build-tests $(TSAN_BUILD)
	TSAN_OPTIONS="suppressions=$(CURDIR)/scripts/tsan.supp halt_on_error=0" \
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=2 \
	  $(TESTS) --filter '$(EDGE)' $(TSAN_BUILD)

bench: setup ## Measure, and print a line of figures for each measurement
	swift build -c release --product swiftlet $(SWIFT_BUILD_FLAGS)
	$(shell swift build -c release --show-bin-path $(SWIFT_BUILD_FLAGS))/swiftlet bench watch

lint: setup ## Check the layout of the sources and the YAML that is generated
	swift format lint --strict --recursive --parallel Package.swift Sources Tests \
		Fuzz/Package.swift $(wildcard Fuzz/Sources/Fuzz*)

# Seconds for each of the four fuzzers.
FUZZ_SECONDS ?= 60

fuzz: setup ## Throw broken expressions, policies and TOML at their readers for FUZZ_SECONDS each
	scripts/fuzz.sh $(FUZZ_SECONDS)

demo: setup ## Start a cluster in this terminal, run the samples on it, and show the result
	swift build --product swiftlet $(SWIFT_BUILD_FLAGS)
	swift build --product swiftlet-operator $(SWIFT_BUILD_FLAGS)
	swift build --product swiftlet-agent $(SWIFT_BUILD_FLAGS)
	$(BIN)/swiftlet demo

dev: setup ## Keep a cluster running until Ctrl-C
	swift build --product swiftlet $(SWIFT_BUILD_FLAGS)
	swift build --product swiftlet-operator $(SWIFT_BUILD_FLAGS)
	swift build --product swiftlet-agent $(SWIFT_BUILD_FLAGS)
	$(BIN)/swiftlet dev --kubeconfig .build/dev.kubeconfig

simulate: setup ## Run 2000 simulated clusters in which things go wrong
	swift build -c release --product swiftlet $(SWIFT_BUILD_FLAGS)
	$$(swift build -c release --show-bin-path $(SWIFT_BUILD_FLAGS))/swiftlet simulate --seeds $(or $(SEEDS),2000)

generate: setup ## Write crds/, manifests/, the chart and reference pages from the sources
	swift build --product swiftlet $(SWIFT_BUILD_FLAGS)
	swift build --product swiftlet-operator $(SWIFT_BUILD_FLAGS)
	$(BIN)/swiftlet generate

tools: ## Bring the programs that check manifests into .build/tools
	@scripts/tools.sh

manifests: ## Check manifests, chart and alerts with the programs that are there
	@scripts/check-manifests.sh $(BIN)

# Where the image is built from, and what it is called.
IMAGE ?= swiftlet:0.1.0

image: ## Build the image with operator and runner (needs podman, docker or buildah)
	$$(command -v podman || command -v docker || command -v buildah) build --tag $(IMAGE) \
	  --build-arg REVISION=$$(git rev-parse HEAD) .

# With IMAGE_BUILT=1 the Debian packages are asked of the image $(IMAGE), else of this machine.
sbom: setup ## Write what the image is made of to .build/sbom.cdx.json (CycloneDX)
	swift build --product swiftlet-operator $(SWIFT_BUILD_FLAGS)
	swift build --product swiftlet-agent $(SWIFT_BUILD_FLAGS)
	scripts/sbom.py $(if $(IMAGE_BUILT),--image $(IMAGE)) --program $(BIN)/swiftlet-operator \
	  --program $(BIN)/swiftlet-agent >.build/sbom.cdx.json
	@echo "sbom: .build/sbom.cdx.json"

closure: setup ## Show that both programs start with nothing but their libraries
	swift build --product swiftlet-operator $(SWIFT_BUILD_FLAGS)
	swift build --product swiftlet-agent $(SWIFT_BUILD_FLAGS)
	scripts/closure.sh $(BIN)/swiftlet-operator $(BIN)/swiftlet-agent

# The runner is copied into images of all kinds: nothing of theirs may be needed.
STATIC_BUILD = -c release --product swiftlet-agent -Xswiftc -static-executable --scratch-path .build/static

static: setup ## Build the runner as one static file, and show that it starts in an empty folder
	swift build $(STATIC_BUILD) $(SWIFT_BUILD_FLAGS)
	scripts/closure.sh "$$(swift build $(STATIC_BUILD) $(SWIFT_BUILD_FLAGS) --show-bin-path)/swiftlet-agent"

# Where `make install` puts programs and completions.
PREFIX ?= /usr/local

install: setup ## Install swiftlet, also as `kubectl swiftlet`, with completion of its words
	swift build -c release --product swiftlet $(SWIFT_BUILD_FLAGS)
	swift build -c release --product swiftlet-operator $(SWIFT_BUILD_FLAGS)
	swift build -c release --product swiftlet-agent $(SWIFT_BUILD_FLAGS)
	scripts/install.sh "$$(swift build -c release --show-bin-path $(SWIFT_BUILD_FLAGS))" "$(PREFIX)"

clean: ## Remove what was built
	swift package clean
