package main

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/suiro/suiro/cmd/internal/ctl"
	"github.com/suiro/suiro/cmd/internal/demo/command"
	"github.com/suiro/suiro/cmd/internal/deploy"
	"github.com/suiro/suiro/cmd/internal/dlq"
	"github.com/suiro/suiro/cmd/internal/scaffold"
	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/connect/rest"
	"github.com/suiro/suiro/internal/flags"
)

func httpPage() *page {
	p := newPage("http.md", "HTTP", "Every path of the REST API of workers and of the HTTP server of stream apps.")
	p.say("%s", p.about)
	p.heading(2, "Of every server")
	p.say("The limits are the same everywhere. A header has 64 KiB at most and comes within 10 seconds, a body within a " +
		"minute; each 64 KiB of an answer are taken within 30 seconds, and all of it within 2 minutes; a connection " +
		"without a request is closed after 2 minutes. A server keeps 256 connections, or an eighth of the files that the process may open when that is fewer. " +
		"When one more comes, the connection is closed that has kept the server waiting for the longest; when there is " +
		"none, the new one is answered with 503.")
	p.say("A request names the server by an IP address, as `localhost`, by the name that it listens on, or by one of " +
		"`rest.allowed.hosts` of a worker and `http.allowed.hosts` of an app; another host is answered with 403, and so is " +
		"a request that a page of another site makes. There is no login: what listens on more than the machine itself " +
		"belongs behind a proxy that has one.")
	p.heading(2, "Of a worker")
	p.say("It listens where `listeners` says, and answers as Kafka Connect does. `{c}` is the name of a connector, `{t}` the " +
		"number of a task, `{p}` the class of a plugin or an alias of it, `{l}` the name of a logger. Errors are JSON, " +
		"`{\"error_code\":404,\"message\":\"…\"}`. Every path may also answer 406 and 415 to a request that is not about " +
		"JSON, 413 to a body of more than 1 MiB, and 500. `/openapi.json` is the same as an OpenAPI document.")
	p.say("Secrets are shown as `[hidden]`: values of keys of type PASSWORD, unless they are references such as " +
		"`${file:/run/secrets/kafka:password}`, the user information of URLs, parameters and JSON fields that are called " +
		"like secrets. What is sent back as `[hidden]` for the same connector stays what it was; anywhere else it is " +
		"refused.")
	writeRoutes(p)
	p.heading(3, "`GET /metrics`")
	p.say("[Metrics](metrics.md) for Prometheus.")
	p.say("status 200")
	p.heading(2, "Of a stream app")
	p.say("It listens where `http.listen` says, or nowhere. An app may add paths of its own.")
	for _, r := range []struct{ path, doc, codes string }{
		{"/health", "Whether a restart could help: 200 healthy, 503 starting, 500 unhealthy; with the state, the " +
			"partitions and what is being restored.", "200, 500, 503"},
		{"/ready", "Whether the app does its work now, and if not, why.", "200, 503"},
		{"/metrics", "[Metrics](metrics.md) for Prometheus.", "200"},
		{"/topology", "The topology, as Kafka Streams describes one.", "200"},
	} {
		p.heading(3, "`GET "+r.path+"`")
		p.say("%s", r.doc)
		p.say("status %s", r.codes)
	}
	return p
}

// writeRoutes adds every path of the REST API.
func writeRoutes(p *page) {
	for _, r := range rest.Routes() {
		p.heading(3, "`"+r.Method+" "+r.Path+"`")
		p.say("%s", r.Doc)
		for _, q := range r.Query {
			p.say("`%s=`: %s", q.Name, q.Doc)
		}
		var codes []string
		for _, code := range r.Statuses {
			codes = append(codes, strconv.Itoa(code))
		}
		p.say("status %s", strings.Join(codes, ", "))
	}
}

func commandsPage() *page {
	p := newPage("commands.md", "Commands", "What every command prints for its flag `--help`.")
	p.say("%s", p.about)
	root := cli.Command(builtin.Plugins())
	cli.Add(root, command.New(), ctl.New(), deploy.New(), dlq.New(), scaffold.New())
	flags.Install(root)
	writeCommand(p, root)
	for _, program := range programs() {
		c := program.Command()
		flags.Install(c)
		writeCommand(p, c)
	}
	return p
}

// writeCommand adds a command and all below it.
func writeCommand(p *page, c *cobra.Command) {
	c.InitDefaultHelpCmd()
	c.InitDefaultHelpFlag()
	c.InitDefaultVersionFlag()
	p.heading(2, c.CommandPath())
	var help strings.Builder
	c.SetOut(&help)
	if err := c.Help(); err != nil {
		panic(err) // a builder takes everything
	}
	p.block("text", help.String())
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() && sub.Name() != "help" && sub.Name() != "completion" {
			writeCommand(p, sub)
		}
	}
}
