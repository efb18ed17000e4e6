# Holdfast. `make demo` shows it, `make test` proves it; both install what is missing first.

GO       ?= go
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -X holdfast/app.version=$(VERSION)
TOOLS    := $(CURDIR)/.tools
LINT     := v2.15.0
VULN     := v1.8.0
# Test processes run one package at a time where a real PostgreSQL is started: two cores are enough.
TESTFLAGS ?= -timeout 20m

export PATH := $(PATH):/usr/local/go/bin:/usr/lib/go/bin

# Runs of backup/postgres: SERVER:TOOLS, by major.
MATRIX   := 13:15 13:18 14:15 15:15 15:18 16:17 17:17 18:18

.PHONY: all setup build demo test test-all torture fuzz soak race check lint cross vuln bench shots looks package package-test clean

all: build

setup: ## install what is missing, system packages included
	@bash .ci/setup

build: ## build the program: ./holdfast; installs what that wants
	@bash .ci/setup build
	$(GO) build -ldflags '$(LDFLAGS)' -o holdfast .

demo: build ## a private PostgreSQL, a backup, damage, a restore, the proof; then the window, where there is a display
	./holdfast demo
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then (./holdfast >/dev/null 2>&1 &); echo "Opened the window."; fi

test: setup ## every test, against real servers (OpenSSH's and versitygw too) and the stock kopia command; the server's own again on the newest PostgreSQL
	kopia=$$(GO=$(GO) bash .ci/kopia) && s3=$$(GO=$(GO) bash .ci/versitygw) && \
	sshd=$$(bash .ci/debian-tool openssh-server sshd) && pg=$$(bash .ci/postgres system 18) && \
	HOLDFAST_TEST_KOPIA=$$kopia HOLDFAST_TEST_VERSITYGW=$$s3 HOLDFAST_TEST_SSHD=$$sshd HOLDFAST_TEST_POSTGRES=$$pg $(GO) test $(TESTFLAGS) ./... && \
	HOLDFAST_TEST_SERVER=$$pg/18/bin HOLDFAST_TEST_TOOLS=$$pg/18/bin $(GO) test $(TESTFLAGS) ./backup/postgres

test-all: setup ## every version of PostgreSQL, 13 to 18, and from one to the other; takes long
	pg=$$(bash .ci/postgres 13 14 15 16 17 18) && for pair in $(MATRIX); do \
		server=$$pg/$${pair%:*}/bin tools=$$pg/$${pair#*:}/bin; echo "PostgreSQL $${pair%:*}, client tools $${pair#*:}"; \
		HOLDFAST_TEST_SERVER=$$server HOLDFAST_TEST_TOOLS=$$tools $(GO) test $(TESTFLAGS) ./backup/postgres || exit 1; \
	done && \
	HOLDFAST_TEST_POSTGRES=$$pg $(GO) test $(TESTFLAGS) -count=1 -run 'AcrossVersions|OlderServer' ./backup/postgres && \
	HOLDFAST_TEST_LONG=1 $(GO) test $(TESTFLAGS) -count=1 -run 'Thousand|LargeObjects|Huge|Partitions|Fire' ./backup/postgres && \
	for pair in 13:15 18:18; do \
		server=$$pg/$${pair%:*}/bin tools=$$pg/$${pair#*:}/bin; \
		PATH=$$tools:$$PATH HOLDFAST_TEST_SERVER=$$server HOLDFAST_TEST_TOOLS=$$tools $(GO) test $(TESTFLAGS) ./app/engine ./app/command || exit 1; \
	done

torture: setup ## kills, full disks, damage, attacks, for long; prints what was tried and what was lost (HOLDFAST_TORTURE_ROUNDS, _SECONDS)
	kopia=$$(GO=$(GO) bash .ci/kopia) && s3=$$(GO=$(GO) bash .ci/versitygw) && sshd=$$(bash .ci/debian-tool openssh-server sshd) && \
	HOLDFAST_TEST_KOPIA=$$kopia HOLDFAST_TEST_VERSITYGW=$$s3 HOLDFAST_TEST_SSHD=$$sshd GO=$(GO) bash .ci/torture

fuzz: ## every parser in turn, FUZZTIME each (1m)
	@GO=$(GO) bash .ci/fuzz

soak: setup ## one process, a backup a minute for HOLDFAST_SOAK (2h), every HOLDFAST_SOAK_EVERY (1m): memory and open files stay flat
	nice -n 10 $(GO) test -tags soak -count=1 -timeout 72h -run '^TestSoak$$' -v ./app/engine

race: setup ## every test with the race detector, and the program that they start; takes some times as long
	kopia=$$(GO=$(GO) bash .ci/kopia) && s3=$$(GO=$(GO) bash .ci/versitygw) && \
	sshd=$$(bash .ci/debian-tool openssh-server sshd) && pg=$$(bash .ci/postgres system 18) && \
	HOLDFAST_TEST_KOPIA=$$kopia HOLDFAST_TEST_VERSITYGW=$$s3 HOLDFAST_TEST_SSHD=$$sshd HOLDFAST_TEST_POSTGRES=$$pg GO=$(GO) bash .ci/race

check: setup lint cross vuln ## format, lint, import rules, other systems, known vulnerabilities

lint: $(TOOLS)/golangci-lint-$(LINT)
	@test -z "$$(gofmt -l .)" || { echo "not gofmt-ed:"; gofmt -l .; exit 1; }
	$(GO) mod tidy -diff
	$(GO) vet ./...
	$< run ./...
	$(GO) test -run '^TestImports' ./app

# Fyne's widgets need C on macOS: what draws is vetted for Windows only.
DRAWS := holdfast/views|holdfast/app/controller

cross: ## macOS and Windows: vet what needs no C, tests too, and build the commands
	@for os in darwin windows; do \
		skip='^none$$'; test $$os = windows || skip='^($(DRAWS))$$'; echo "cross: $$os"; \
		export GOOS=$$os CGO_ENABLED=0; \
		$(GO) vet -tags headless $$($(GO) list -tags headless ./... | grep -Ev "$$skip") && $(GO) build -tags headless -o /dev/null . || exit 1; \
	done

vuln: $(TOOLS)/govulncheck-$(VULN)
	@bash .ci/vuln $<

shots: setup ## take the screenshots anew, in light and dark
	@command -v import >/dev/null || { echo "shots: install imagemagick"; exit 1; }
	mkdir -p assets/screenshots
	for theme in light dark; do \
		HOLDFAST_SHOTS=$(CURDIR)/assets/screenshots HOLDFAST_SHOTS_THEME=$$theme $(GO) test -count=1 -run 'TestWindow$$|TestSettings|TestFolders|TestKeyring|TestPreferences|TestCannotStart' ./app/desktop || exit 1; \
	done

looks: ## take the pictures anew that the tests compare the screens with; look at them before you commit them
	HOLDFAST_LOOKS=new $(GO) test -count=1 -run TestLooks ./views

bench: setup ## times, sizes and memory beside what people use otherwise, in one table; SIZE=small (default), medium or full
	GO=$(GO) bash .ci/bench

package: ## what people install, into dist/: a .deb and a tarball
	@bash .ci/setup build
	@GO=$(GO) bash .ci/package '$(VERSION)'

package-test: package ## install it on a bare Debian, back up, restore, upgrade, uninstall; needs root and debootstrap
	@bash .ci/package-test

clean: ## remove what was built
	rm -rf holdfast .tools dist

$(TOOLS)/golangci-lint-$(LINT):
	GOBIN=$(TOOLS) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT)
	mv $(TOOLS)/golangci-lint $@

$(TOOLS)/govulncheck-$(VULN):
	GOBIN=$(TOOLS) $(GO) install golang.org/x/vuln/cmd/govulncheck@$(VULN)
	mv $(TOOLS)/govulncheck $@
