# Few targets, and CI runs the same: .ci/run calls lint and test.
GO ?= go
SERVICES = scripts/services/services
export CGO_ENABLED ?= 0

.PHONY: help build test race integration attack bench bench-connect bench-streams fuzz oracle formats monitoring lint vuln deps generate demo demo-full services-up services-down clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 16

build: ## the binaries, static, into bin/
	$(GO) build -trimpath -o bin/ ./cmd/... ./examples/...

test: ## all tests; on real services too where Java 17 and Maven are found
	@scripts/test all

race: ## unit tests under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -p 2 -timeout 20m ./...

integration: ## only the tests on real services
	@scripts/test integration

attack: ## hostile input for a worker and apps, a minute, with SUIRO_LONG=1 an hour; TIME=, SEED=, ARGS="--only KIND"
	@TIME="$(TIME)" SEED="$(SEED)" scripts/test attack $(ARGS)

bench: ## the benchmarks; on real Kafka, beside a bare loop and Kafka Streams, where Java 17 and Maven are found
	@scripts/bench

bench-connect: ## a worker beside Kafka Connect's own on real Kafka; RECORDS=, ROUNDS= (Java 17 and Maven)
	@scripts/bench connect

bench-streams: ## stream apps beside Kafka Streams on real Kafka; RECORDS=, WARMUP=, ROUNDS=, ONLY= (Java 17 and Maven)
	@scripts/bench streams

fuzz: ## every fuzz target for some time; TIME=30s, JOBS=, ONLY=, MEMORY=
	@scripts/fuzz

oracle: ## converters, transforms and predicates beside Kafka Connect's own classes; SEED=, SIZE=, ONLY= (Java 17 and Maven)
	@scripts/oracle/run

formats: ## the bytes of Kafka Streams' and MirrorMaker 2's own classes, for the tests of this project (Java 17 and Maven)
	@scripts/formats/run

oracle-streams: ## random topologies beside Kafka Streams itself; SEED=, SIZE=, ONLY=, SHRINK=1 (Java 17 and Maven)
	@scripts/oracle-streams/run

monitoring: ## dashboards and alert rules against a running worker, app and Prometheus (Debian's package prometheus)
	cd scripts/monitoring && $(GO) test -count=1 -timeout 20m ./...

lint: ## gofmt, go mod tidy, go vet, staticcheck, house rules, shellcheck
	@scripts/lint

vuln: ## known vulnerabilities in what is compiled in; says so where the database cannot be reached
	@scripts/vuln

deps: ## every dependency with its licence and releases, into THIRD-PARTY.md
	cd scripts/monitoring && $(GO) run ./deps

generate: ## refresh generated files, docs/reference among them
	$(GO) generate ./...
	cd scripts/monitoring && $(GO) run .

demo: ## the whole picture in one process, no service needed; ARGS="--file PATH" for another log
	@echo "Building first; from nothing this takes a minute or two."
	@$(GO) run ./cmd/suiro demo $(ARGS)

demo-full: services-up ## the same on real Kafka, Elasticsearch, HDFS and Hive (Java 17 and Maven)
	eval "$$($(SERVICES) env)" && $(GO) run ./cmd/suiro demo --full $(ARGS)
	@echo "The services are still up; 'make services-down' stops them."

services-up: ## start the real services
	$(SERVICES) up

services-down: ## stop them
	$(SERVICES) down

clean: ## remove what build made
	rm -rf bin
