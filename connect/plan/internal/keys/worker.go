// Package keys declares the keys of the runtime: a worker's, and those that every
// connector, transform and predicate has.
package keys

import (
	"slices"

	"github.com/suiro/suiro/connect/access"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/overrides"
	"github.com/suiro/suiro/connect/plan/internal/providers"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/tlsconfig"
	"github.com/suiro/suiro/internal/memory"
)

// The values of exactly.once.source.support.
const (
	exactlyOnceDisabled  = "disabled"
	exactlyOncePreparing = "preparing"
	// ExactlyOnceEnabled writes records and offsets in one transaction.
	ExactlyOnceEnabled = "enabled"
)

var workerDef = kafka.Admin.Def().With(converterKeys(true)...).With(offsetKeys()...).With(distributedKeys()...).
	With(restKeys()...).With(advertisedKeys()...).With(httpsKeys()...).With(tapKeys()...).
	With(memory.Key()).With(access.Keys()...).With(overrides.Keys()...)

// Worker returns the keys of a worker, standalone or distributed.
func Worker() *config.Def { return workerDef }

// offsetKeys say how offsets are kept and committed.
func offsetKeys() []config.Key {
	medium, low := config.Medium, config.Low
	return []config.Key{
		{Name: "group.id", Type: config.String, Default: "", Importance: medium,
			Doc: "Name of the group of workers that share connectors; a worker that has it together with " +
				"config.storage.topic, and no connector files, is one of them. Never the name of a consumer group. It begins " +
				"the transactional ids of source tasks. A standalone worker needs it for " +
				"exactly.once.source.support=enabled alone, and never shares it."},
		{Name: "offset.flush.interval.ms", Type: config.Long, Default: 60000, Valid: config.AtLeast(1), Importance: low,
			Doc: "How often source and sink tasks commit their offsets, in milliseconds. After a crash, what was " +
				"done since the last commit is done again, at most."},
		{Name: "offset.flush.timeout.ms", Type: config.Long, Default: 5000, Valid: config.AtLeast(1), Importance: low,
			Doc: "How long a commit of offsets may take, in milliseconds, before it is given up and tried again at " +
				"the next interval."},
		{Name: "task.shutdown.graceful.timeout.ms", Type: config.Long, Default: 5000, Valid: config.AtLeast(0),
			Importance: low,
			Doc: "How long a task that is stopped may take to finish what it began, in milliseconds. What is unfinished " +
				"then is done again by the next life of the task."},
		{Name: "offset.storage.file.filename", Type: config.String, Default: "",
			Doc: "File that keeps how far each source has been read. It belongs to one worker at a time and is " +
				"created when missing. A standalone worker needs this key or offset.storage.topic."},
		{Name: "offset.storage.topic", Type: config.String, Default: "",
			Doc: "Compacted Kafka topic that keeps how far each source has been read; it is created when missing. " +
				"A standalone worker needs this key or offset.storage.file.filename; exactly-once sources and distributed " +
				"workers need this one."},
		{Name: "offset.storage.partitions", Type: config.Int, Default: 25, Valid: config.AtLeast(1), Importance: low,
			Doc: "Number of partitions of offset.storage.topic when it is created."},
		{Name: "offset.storage.replication.factor", Type: config.Short, Default: 3, Valid: config.AtLeast(-1),
			Importance: low,
			Doc: "Number of replicas of offset.storage.topic when it is created; -1 takes the broker's default. Other " +
				"keys that begin with offset.storage. are settings of the topic when it is created."},
		{Name: "config.storage.file.filename", Type: config.String, Default: "", Importance: low,
			Doc: "File in which a standalone worker keeps the connectors that it was given over the REST API, with their " +
				"states, so that it starts them again; when empty it forgets them. It is created when missing, belongs to " +
				"one worker at a time and holds secrets as they were sent: a JSON object whose list connectors has what " +
				"POST /connectors takes. Connectors of files on the command line are not in it, whatever is changed over " +
				"REST, and one of these takes the place of one in it with the same name."},
		{Name: "exactly.once.source.support", Type: config.String, Default: exactlyOnceDisabled, Importance: config.High,
			Valid: config.OneOf(true, exactlyOnceDisabled, exactlyOncePreparing, ExactlyOnceEnabled),
			Doc: "enabled writes the records of sources and their offsets in one transaction, so that a crash " +
				"repeats none of them for read_committed readers; it needs group.id and offset.storage.topic. " +
				"disabled repeats after a crash what arrived since the last commit. preparing, a step of Kafka " +
				"Connect's clusters, is the same as disabled."},
	}
}

// restKeys are those of topics, the REST API and plugins.
func restKeys() []config.Key {
	low := config.Low
	return []config.Key{
		{Name: "topic.creation.enable", Type: config.Boolean, Default: true, Importance: low,
			Doc: "Whether source connectors may create topics, where their topic.creation. keys say how."},
		{Name: "topic.tracking.enable", Type: config.Boolean, Default: true, Importance: low,
			Doc: "Whether GET /connectors/{c}/topics of the REST API shows which topics a connector has used."},
		{Name: "topic.tracking.allow.reset", Type: config.Boolean, Default: true, Importance: low,
			Doc: "Whether PUT /connectors/{c}/topics/reset of the REST API forgets the topics that a connector has " +
				"used."},
		{Name: "listeners", Type: config.List, Default: "http://127.0.0.1:8083", Importance: low,
			Doc: "Addresses of the REST API, each http://host:port or https://host:port, with commas between. The default " +
				"is reachable from this machine alone. Who may ask is in rest.authentication. The certificate of https is in " +
				"the keys that begin with listeners.https.ssl. or, when there are none of them, in the ssl. keys that clients of " +
				"Kafka have too."},
		{Name: "rest.allowed.hosts", Type: config.List, Default: "", Importance: low,
			Doc: "Host names under which the REST API is reached, besides IP addresses, localhost, " +
				"rest.advertised.host.name and the names in listeners; * is every name. A request for another host is " +
				"answered with 403, as a page of another site may have made its own name point at this worker."},
		{Name: "admin.listeners", Type: config.List, Importance: low,
			Doc: "Addresses of the paths below /admin of the REST API, which then are not at listeners. When empty there " +
				"are none; without this key they are at listeners. The keys of https begin with admin.listeners.https.ssl."},
		{Name: "access.control.allow.origin", Type: config.List, Default: "", Importance: low,
			Doc: "Sites whose pages may use the REST API, such as https://console.example.com or https://*.example.com, " +
				"with commas between; * is every site. Without rest.authentication every page of these sites can do " +
				"what the browser's user could."},
		{Name: "access.control.allow.methods", Type: config.List, Default: "", Importance: low,
			Doc: "Methods that pages of other sites may use, such as GET,PUT; GET, POST and HEAD when empty. It has no " +
				"effect without access.control.allow.origin."},
		{Name: "response.http.headers.config", Type: config.String, Default: "", Importance: low,
			Doc: "Headers of every answer of the REST API: rules with commas between, each an action and a header, such " +
				"as set X-Frame-Options: DENY. The actions are set, add, setDate and addDate, whose value is a number of " +
				"milliseconds from now. A rule that has a comma is in double quotes."},
		{Name: providers.Key, Type: config.List, Default: "", Importance: low,
			Doc: "Names of config providers, with commas between, which replace ${NAME:path:key} in the values of this file " +
				"and of connectors, so that secrets need not be written there. The class of each is " +
				"config.providers.NAME.class: FileConfigProvider (a key of a properties file), DirectoryConfigProvider (the " +
				"content of a file, as it is) or EnvVarConfigProvider (${NAME:VARIABLE}). What they may read can be limited: " +
				"config.providers.NAME.param.allowed.paths for files, config.providers.NAME.param.allowlist.pattern for " +
				"variables. With config.providers.NAME.param.ttl.ms the values of connectors are read from files again at that " +
				"interval, see config.action.reload; those of this file are read once."},
		{Name: "plugin.path", Type: config.List, Default: "", Importance: low,
			NoEffect: "plugins are part of the binary, not Java classes that are loaded",
			Doc:      "Accepted for Kafka Connect's sake, without effect: plugins are part of the binary."},
	}
}

// advertisedKeys say where others reach the REST API.
func advertisedKeys() []config.Key {
	low := config.Low
	return []config.Key{
		{Name: "rest.advertised.host.name", Type: config.String, Default: "", Importance: low,
			Doc: "Host name under which others reach the REST API, shown as worker_id. When empty it is the host of the " +
				"first of listeners, or the name of this host when that listens on all addresses."},
		{Name: "rest.advertised.port", Type: config.Int, Default: 0, Valid: config.Between(0, 65535), Importance: low,
			Doc: "Port under which others reach the REST API; 0 is the port of the first of listeners."},
		{Name: "rest.advertised.listener", Type: config.String, Default: "", Importance: low,
			Valid: config.OneOf(true, "http", "https", ""),
			Doc: "Whether others reach the REST API by the first http or the first https address in listeners; the first " +
				"http address when empty, and the first of all when there is none."},
	}
}

// The prefixes of the keys of HTTPS.
const (
	HTTPS      = "listeners.https."
	AdminHTTPS = "admin.listeners.https."
)

// httpsKeys say how the REST API speaks HTTPS. Those without a prefix are of clients
// of Kafka too, but for one.
func httpsKeys() []config.Key {
	return slices.Concat(tlsconfig.ServerKeys(HTTPS), tlsconfig.ServerKeys(AdminHTTPS),
		[]config.Key{tlsconfig.ClientAuthKey("")})
}
