package main

import (
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
	anomalyscore "github.com/suiro/suiro/examples/anomaly-score/app"
	clickimpressions "github.com/suiro/suiro/examples/click-impressions/app"
	jsonavro "github.com/suiro/suiro/examples/json-avro/app"
	ltsvjson "github.com/suiro/suiro/examples/ltsv-json/app"
	pageviews "github.com/suiro/suiro/examples/page-views/app"
	serverstats "github.com/suiro/suiro/examples/server-stats/app"
	usersessions "github.com/suiro/suiro/examples/user-sessions/app"
	wordcount "github.com/suiro/suiro/examples/word-count/app"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/cli"
)

// pages are all the pages, the index first.
func pages() []*page {
	examples, err := readExamples()
	if err != nil {
		panic(err) // the cases are part of the module
	}
	plugins := builtin.Plugins()
	c := newCatalog(plugins)
	all := []*page{workerPage(), connectorsPage(), clientsPage(), streamsPage(), appsPage(), commandsPage(), lintPage(),
		metricsPage(), httpPage()}
	for _, p := range plugins.Sources {
		all = append(all, sourcePage(find(c.sources, p.Class), p))
	}
	for _, p := range plugins.Sinks {
		all = append(all, sinkPage(find(c.sinks, p.Class), p))
	}
	all = append(all,
		kindPage("converters.md", "Converters",
			"Converters turn the bytes of Kafka's keys and values into data, and back.",
			"value.converter.", "`key.converter` or `value.converter` is", c.converters, nil),
		kindPage("header-converters.md", "Header converters",
			"Header converters turn the bytes of headers into data, and back.",
			"header.converter.", "`header.converter` is", c.headerConverters, nil),
		kindPage("transforms.md", "Transforms", "Transforms change or drop single records between connector and Kafka.",
			"transforms.<alias>.", "`transforms.<alias>.type` is", c.transforms, examples),
		kindPage("predicates.md", "Predicates", "Predicates say which records a transform is applied to.",
			"predicates.<alias>.", "`predicates.<alias>.type` is", c.predicates, nil))
	return append([]*page{indexPage(c, all)}, all...)
}

func find(list []*entry, class string) *entry {
	return list[slices.IndexFunc(list, func(e *entry) bool { return slices.Contains(e.classes, class) })]
}

// without returns the keys that none of the others is named like.
func without(keys []config.Key, others ...config.Key) []config.Key {
	return slices.DeleteFunc(slices.Clone(keys), func(k config.Key) bool {
		return slices.ContainsFunc(others, func(o config.Key) bool { return o.Name == k.Name })
	})
}

// both returns the keys that are in the two lists.
func both(keys, others []config.Key) []config.Key {
	return without(keys, without(keys, others...)...)
}

func workerPage() *page {
	p := newPage("worker.md", "Worker", "The keys of a worker, in the properties file that `suiro connect --config` reads.")
	p.say("%s", p.about)
	p.say("The file also takes the [keys of Kafka clients](clients.md) for all clients of the worker, and with " +
		"`producer.`, `consumer.` or `admin.` before them those for one kind of client.")
	writeKeys(p, 1, "", without(plan.WorkerDef().Keys(), kafka.Admin.Def().Keys()...))
	return p
}

func connectorsPage() *page {
	source, sink := plan.ConnectorDef(plan.Source).Keys(), plan.ConnectorDef(plan.Sink).Keys()
	p := newPage("connectors.md", "Connectors", "The keys that every connector has, whatever its class.")
	p.say("%s", p.about)
	p.say("Those of each class have a page of their own; [the index](README.md#connectors) lists them. " +
		"[Keys of Kafka clients](clients.md) for one connector begin with `producer.override.`, `consumer.override.` or " +
		"`admin.override.`.")
	writeKeys(p, 2, "", both(source, sink))
	p.heading(2, "Of sources")
	writeKeys(p, 3, "", without(source, sink...))
	p.heading(2, "Of sinks")
	writeKeys(p, 3, "", without(sink, source...))
	p.heading(2, "Of each alias")
	p.say("`transforms` and `predicates` name aliases; each has keys of its own, and those of its class in " +
		"[Transforms](transforms.md) or [Predicates](predicates.md).")
	writeKeys(p, 2, "", aliasKeys())
	p.say("Each group that `topic.creation.groups` names has `topic.creation.<group>.include` and " +
		"`topic.creation.<group>.exclude`, lists of regular expressions for whole topics; " +
		"`topic.creation.<group>.partitions` and `topic.creation.<group>.replication.factor`, by default those of the " +
		"group default; and any setting of a topic, such as `topic.creation.<group>.cleanup.policy`.")
	return p
}

// aliasKeys are the keys of the runtime whose names have an alias in them.
func aliasKeys() (keys []config.Key) {
	plugins := builtin.Plugins()
	worker, err := plan.ParseConfig(map[string]string{"offset.storage.file.filename": "offsets",
		"key.converter": "StringConverter", "value.converter": "StringConverter"})
	if err != nil {
		panic(err) // these keys are fixed
	}
	results, err := plan.Validate(worker, plugins, map[string]string{"connector.class": "FileStreamSource",
		"transforms": "<alias>", "transforms.<alias>.type": "Filter", "predicates": "<alias>",
		"predicates.<alias>.type": "RecordIsTombstone"})
	if err != nil {
		panic(err)
	}
	for _, r := range results {
		if strings.ContainsRune(r.Key.Name, '<') {
			r.Key.Group = ""
			keys = append(keys, r.Key)
		}
	}
	return keys
}

func clientsPage() *page {
	common := kafka.Admin.Def().Keys()
	p := newPage("clients.md", "Kafka clients",
		"The keys of Kafka clients: brokers, security, time-outs, reading and writing.")
	p.say("%s", p.about)
	p.item("In a worker's file a key without a prefix is for all its clients; `producer.`, `consumer.` and `admin.` " +
		"begin the keys of one kind of client.")
	p.item("In a connector's configuration they begin with `producer.override.`, `consumer.override.` and " +
		"`admin.override.`.")
	p.item("A [stream app](streams.md) takes the keys of all kinds without a prefix.")
	p.end()
	p.heading(2, "Of every client")
	writeKeys(p, 2, "", common)
	p.heading(2, "Of producers")
	writeKeys(p, 2, "", without(kafka.Producer.Def().Keys(), common...))
	p.heading(2, "Of consumers")
	writeKeys(p, 2, "", without(kafka.Consumer.Def().Keys(), common...))
	return p
}

func streamsPage() *page {
	p := newPage("streams.md", "Stream apps", "The keys of every stream app, by Kafka Streams' names.")
	p.say("%s", p.about)
	p.say("`app.New` takes them as a map. A program made with `streams/cli` reads them from the file that its " +
		"`--config` names, and has a flag for each but passwords: dashes for dots, so `--application-id` sets `application.id`.")
	keys := app.Config().Keys()
	clients := kafka.Stream.Def().Keys()
	p.heading(2, "Of the app")
	writeKeys(p, 2, "", without(keys, clients...))
	p.heading(2, "Of programs made with streams/cli")
	writeKeys(p, 2, "", without(cli.Program{Name: "app"}.Def().Keys(), keys...))
	p.heading(2, "Of its Kafka clients")
	p.say("[Kafka clients](clients.md) says how they are used elsewhere.")
	writeKeys(p, 2, "", both(keys, clients))
	p.heading(2, "Kafka Streams' keys")
	p.say("Every key of Kafka Streams 4.3.1 and what it is here. A key without an effect is a warning in the log, and a " +
		"misspelt one an error. The keys of producers and consumers are those of [Kafka clients](#of-its-kafka-clients).")
	for _, k := range app.KafkaStreamsKeys() {
		p.item("`%s`: %s", k.Name, k.Here)
	}
	return p
}

// programs are the stream apps in examples.
func programs() []cli.Program {
	return []cli.Program{anomalyscore.Program(), clickimpressions.Program(), jsonavro.Program(), ltsvjson.Program(),
		pageviews.Program(), serverstats.Program(), usersessions.Program(), wordcount.Program()}
}

func appsPage() *page {
	p := newPage("apps.md", "Example apps", "The keys that each app in examples has of its own.")
	p.say("%s", p.about)
	p.say("All of them also have the [keys of every stream app](streams.md). [Commands](commands.md) shows their help.")
	common := cli.Program{Name: "app"}.Def().Keys()
	for _, program := range programs() {
		p.heading(2, program.Name)
		p.say("%s [Its page](../../examples/%s/README.md) has commands to try.", program.Short, program.Name)
		for _, name := range sorted(program.Defaults) {
			p.item("`%s` is `%s` by default.", name, program.Defaults[name])
		}
		p.end()
		writeKeys(p, 2, "", without(program.Def().Keys(), common...))
	}
	return p
}

func sorted(m map[string]string) (names []string) {
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// indexPage is the first page.
func indexPage(c catalog, all []*page) *page {
	p := newPage("README.md", "Reference", "")
	p.say("Every key, plugin, metric, path and command. These pages are generated from the definitions in the code; " +
		"[the guides](../guides/README.md) say how to use them.")
	for _, part := range []struct {
		title string
		paths []string
	}{{"Configuration", []string{"worker.md", "connectors.md", "clients.md", "streams.md", "apps.md"}},
		{"Operation", []string{"commands.md", "lint.md", "http.md", "metrics.md"}}} {
		p.heading(2, part.title)
		for _, path := range part.paths {
			i := slices.IndexFunc(all, func(each *page) bool { return each.path == path })
			p.item("[%s](%s): %s", all[i].title, path, all[i].about)
		}
		p.end()
	}
	for _, part := range []struct {
		title string
		list  []*entry
	}{{"Connectors", slices.Concat(c.sources, c.sinks)}, {"Converters", c.converters},
		{"Transforms", c.transforms}, {"Predicates", c.predicates}} {
		p.heading(2, part.title)
		for _, e := range part.list {
			p.item("[%s](%s): %s", e.name, e.page, e.about)
		}
		p.end()
		if part.title == "Converters" {
			p.say("[Header converters](header-converters.md) are %s and all of these but %s.",
				strings.Join(only(c.headerConverters, c.converters), ", "),
				strings.Join(only(c.converters, c.headerConverters), " and "))
		}
	}
	return p
}

// only are the names of the plugins in list that are not among others.
func only(list, others []*entry) (names []string) {
	for _, e := range list {
		if !slices.ContainsFunc(others, func(o *entry) bool { return o.name == e.name }) {
			names = append(names, e.name)
		}
	}
	return names
}
