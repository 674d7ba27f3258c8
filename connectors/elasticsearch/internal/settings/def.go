package settings

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/sinkkit"
)

// The groups of keys, as the reference page shows them.
const (
	groupConnector  = "Connector"
	groupConversion = "Data conversion"
	groupIndex      = "Index"
	groupStream     = "Data stream"
	groupProxy      = "Proxy"
	groupSecurity   = "Security"
)

// The words of the keys.
const (
	// What write.method may say.
	WriteInsert = "insert"
	WriteUpsert = "upsert"

	// What behavior.on.null.values may say.
	NullIgnore = "ignore"
	NullDelete = "delete"
	NullFail   = "fail"

	// What behavior.on.malformed.documents and behavior.on.version.conflicts
	// may say.
	RefusedIgnore = "ignore"
	RefusedWarn   = "warn"
	RefusedFail   = "fail"

	// What index.dynamic.mapping may say.
	DynamicSafe          = "safe"
	DynamicElasticsearch = "elasticsearch"

	// StreamNone is data.stream.type when data streams are not named by it.
	StreamNone = "none"

	// What external.resource.usage may say.
	ResourceDisabled        = "disabled"
	ResourceIndex           = "index"
	ResourceDataStream      = "datastream"
	ResourceAliasIndex      = "alias_index"
	ResourceAliasDataStream = "alias_datastream"
)

const (
	// TopicPlaceholder stands for the record's topic in a name.
	TopicPlaceholder = "${topic}"
	// TimestampPlaceholder stands for the record's time in an index's name.
	TimestampPlaceholder = "${timestamp}"
	// ForbiddenInNames are the characters Elasticsearch refuses in the names
	// of indices and data streams.
	ForbiddenInNames = `\/*?"<>| ,#:`
)

// Def declares every key of the sink, group by group.
var Def = config.New(grouped(groupConnector, append(batchKeys(), deliveryKeys()...)...)...).
	With(conversionKeys()...).
	With(indexKeys()...).
	With(streamKeys()...).
	With(proxyKeys()...).
	With(securityKeys()...)

// batchKeys say where the cluster is and how much is sent to it at a time.
func batchKeys() []config.Key {
	return []config.Key{
		{Name: "connection.url", Type: config.List, Required: true, Valid: urls(),
			Doc: "Addresses of the cluster's nodes, for instance `http://es1:9200,http://es2:9200`; " +
				"when one is https, all are."},
		{Name: "connection.username", Type: config.String, Importance: config.Medium,
			Doc: "User name for basic authentication; used together with `connection.password`."},
		{Name: "connection.password", Type: config.Password, Importance: config.Medium,
			Doc: "Password for basic authentication."},
		{Name: "connection.api.key", Type: config.Password, Importance: config.Medium, Valid: apiKey(),
			Doc: "Encoded API key, as Elasticsearch hands it out; instead of user name and password. " +
				"Not known to the Java sink."},
		{Name: "batch.size", Type: config.Int, Default: 2000, Valid: config.Between(1, 1000000),
			Importance: config.Medium, Doc: "Most records in one bulk request."},
		{Name: "bulk.size.bytes", Type: config.Long, Default: 5 << 20, Valid: config.AtLeast(-1),
			Importance: config.Low, Doc: "Most bytes in one bulk request, unless a single record is larger; 0 " +
				"and -1 are without limit. A 413 answer lowers it by itself."},
		{Name: "max.in.flight.requests", Type: config.Int, Default: 5, Valid: config.Between(1, 1000),
			Importance: config.Medium, Doc: "Bulk requests a task keeps under way at a time."},
		{Name: "max.buffered.records", Type: config.Int, Default: 20000, Valid: config.AtLeast(1),
			Importance: config.Low, Doc: "Records a task holds that are not written yet; above it the partitions " +
				"are paused until half is written."},
		{Name: "max.buffered.bytes", Type: config.Long, Default: 0, Valid: config.AtLeast(0),
			Importance: config.Low, Doc: "Bytes a task holds that are not written yet: bulk bodies, the records they came " +
				"from with their headers, and records whose dead letter is not acknowledged; above it the partitions are paused " +
				"until half is written. 0 is the share that the process has for it: an eighth of its memory, at most 64 MiB. " +
				"Not known to the Java sink."},
		{Name: "linger.ms", Type: config.Long, Default: 1, Valid: config.Between(0, 604800000),
			Importance: config.Low, Doc: "How long a batch that is not full waits for more records. While a request is " +
				"under way it waits for the answer too, at most 100 ms longer."},
	}
}

// deliveryKeys say how long is waited for the cluster.
func deliveryKeys() []config.Key {
	return []config.Key{
		{Name: "flush.timeout.ms", Type: config.Long, Default: 180000, Valid: config.AtLeast(1),
			Importance: config.Low, Doc: "Bounds how far the read timeout grows. The Java sink fails its task when a batch " +
				"is not written in this time; here the task goes on, and warns once a minute."},
		{Name: "flush.synchronously", Type: config.Boolean, Default: false, Importance: config.Low,
			NoEffect: "transforms may change the topic in any case",
			Doc: "Accepted and without effect: offsets are those of the original topic, so transforms that change " +
				"the topic need no other mode."},
		{Name: "max.retries", Type: config.Int, Default: -1, Valid: config.Between(-1, 2147483647),
			Importance: config.Low, Doc: "Retries of a batch before the task fails; -1 is without end. The Java " +
				"sink's default is 5."},
		{Name: "retry.backoff.ms", Type: config.Long, Default: 100, Valid: config.Between(0, 86400000),
			Importance: config.Low, Doc: "Wait before the first retry; it doubles with each, up to ten seconds or this " +
				"if that is longer, and is drawn at random from its upper third."},
		{Name: "connection.compression", Type: config.Boolean, Default: false, Importance: config.Low,
			Doc: "Compress request bodies with gzip."},
		{Name: "max.connection.idle.time.ms", Type: config.Int, Default: 60000, Valid: config.AtLeast(0),
			Importance: config.Low, Doc: "How long an unused connection is kept; 0 is without end."},
		{Name: "connection.timeout.ms", Type: config.Int, Default: 1000, Valid: config.Between(1, 43200000),
			Importance: config.Low, Doc: "How long opening a connection may take."},
		{Name: "read.timeout.ms", Type: config.Int, Default: 3000, Valid: config.Between(1, 604800000),
			Importance: config.Low, Doc: "How long the answer to a request may take. A request that times out is " +
				"tried again with twice the time, up to `flush.timeout.ms`."},
		refused("kerberos.user.principal", "use connection.username, connection.api.key or a client certificate"),
		refused("kerberos.keytab.path", "use connection.username, connection.api.key or a client certificate"),
	}
}

func conversionKeys() []config.Key {
	return grouped(groupConversion,
		config.Key{Name: "key.ignore", Type: config.Boolean, Default: false,
			Doc: "Make document ids of topic, partition and offset instead of the record's key."},
		config.Key{Name: "topic.key.ignore", Type: config.List, Default: "", Importance: config.Low,
			Doc: "Topics for which `key.ignore` is true."},
		config.Key{Name: "schema.ignore", Type: config.Boolean, Default: false, Importance: config.Low,
			Doc: "Leave the mapping of a new index to Elasticsearch instead of making it from the record's " +
				"schema. Records without schema never make one."},
		config.Key{Name: "topic.schema.ignore", Type: config.List, Default: "", Importance: config.Low,
			Doc: "Topics for which `schema.ignore` is true."},
		config.Key{Name: "compact.map.entries", Type: config.Boolean, Default: true, Importance: config.Low,
			Doc: "Write maps with string keys as objects instead of lists of `key` and `value`."},
		config.Key{Name: "drop.invalid.message", Type: config.Boolean, Default: false, Importance: config.Low,
			Doc: "Drop a record that cannot be made a document, instead of failing the task, when " +
				"`errors.tolerance` is none. The first of a kind is logged, the others are counted."},
		config.Key{Name: "use.autogenerated.ids", Type: config.Boolean, Default: false, Importance: config.Medium,
			Doc: "Let Elasticsearch make the ids: quicker, and a retry may write a document twice."},
		config.Key{Name: "behavior.on.null.values", Type: config.String, Default: NullFail, Importance: config.Low,
			Valid: config.OneOf(true, NullIgnore, NullDelete, NullFail),
			Doc:   "What a record with a null value means: nothing, delete the document of its key, or a bad record."},
		config.Key{Name: "behavior.on.malformed.documents", Type: config.String, Default: RefusedFail,
			Valid: config.OneOf(true, RefusedIgnore, RefusedWarn, RefusedFail), Importance: config.Low,
			Doc: "What to do with a document that Elasticsearch refuses as malformed: drop it, drop it and " +
				"warn of the first of each kind and then with counts, or treat it as a bad record under `errors.tolerance`."},
		config.Key{Name: "behavior.on.version.conflicts", Type: config.String, Default: RefusedWarn,
			Valid: config.OneOf(true, RefusedIgnore, RefusedWarn, RefusedFail), Importance: config.Low,
			Doc: "What to do with a record that Elasticsearch refuses because a newer version of its document, or " +
				"another document of its id, is there already: count it, count it and warn once, or treat it as a " +
				"bad record under `errors.tolerance`. Not known to the Java sink."},
		config.Key{Name: "external.version.header", Type: config.String, Default: "", Importance: config.Low,
			Doc: "Name of a record header that holds the document's version, instead of the Kafka offset."},
		config.Key{Name: "write.method", Type: config.String, Default: WriteInsert, Importance: config.Low,
			Valid: config.OneOf(true, WriteInsert, WriteUpsert),
			Doc:   "`insert` replaces a document, `upsert` merges the fields of the record into it."},
		ignored("type.name", "Elasticsearch has no types since version 8"),
		ignored("auto.create.indices.at.start", "an index is made when its first record is written"),
		refused("topic.index.map", "use index.name.format, topic.to.external.resource.mapping or a RegexRouter"),
	)
}

// indexKeys say which indices there are, and how they are made.
func indexKeys() []config.Key {
	return grouped(groupIndex,
		config.Key{Name: "index.name.format", Type: config.String, Default: "${topic}", Importance: config.Medium,
			Valid: config.NonEmpty(), Doc: "Name of the index of a record, lower-cased; `${topic}` and `${timestamp}` " +
				"are filled in. Not known to the Java sink."},
		config.Key{Name: "index.name.timestamp.format", Type: config.String, Default: "yyyy.MM.dd",
			Importance: config.Low, Valid: timePattern(), Doc: "How `${timestamp}`, the record's time in UTC, is " +
				"written: Joda-Time's letters y, M, d, D, H, m, s and S, and quoted text. Not known to the Java sink."},
		config.Key{Name: "index.name.timestamp.before.max.ms", Type: config.Long, Default: int64(math.MaxInt64),
			Importance: config.Low, Valid: config.AtLeast(0), Doc: "How far before now a record's time may be where it " +
				"names an index, so that whoever chooses timestamps does not choose how many indices there are; beyond it the " +
				"record is a bad one. As Kafka's `message.timestamp.before.max.ms`. Not known to the Java sink."},
		config.Key{Name: "index.name.timestamp.after.max.ms", Type: config.Long, Default: 86400000,
			Importance: config.Low, Valid: config.AtLeast(0), Doc: "The same for times after now; a day by default. " +
				"Not known to the Java sink."},
		config.Key{Name: "index.dynamic.mapping", Type: config.String, Default: DynamicSafe, Importance: config.Medium,
			Valid: config.OneOf(true, DynamicSafe, DynamicElasticsearch),
			Doc: "How fields that no mapping names get one, in an index that has no mapping at all when its first " +
				"document comes. `safe`: so that no document can have others refused: strings are dates only in " +
				"`@timestamp`, `timestamp`, `time` and names that end in `_at`, an object is one field of the type " +
				"`flattened`, and numbers that are not are ignored. `elasticsearch`: as Elasticsearch likes, which is right " +
				"only where nobody outside chooses names or values. Not known to the Java sink."},
		config.Key{Name: "index.template.file", Type: config.String, Default: "", Importance: config.Medium,
			Doc: "File with an index template, as Elasticsearch's `PUT _index_template` takes it; the sink creates each index " +
				"with the settings, mappings and aliases of its `template`. An index that exists stays as it is. " +
				"Not known to the Java sink."},
	)
}

func streamKeys() []config.Key {
	return grouped(groupStream,
		config.Key{Name: "data.stream.type", Type: config.String, Default: StreamNone, Importance: config.Low,
			Valid: config.OneOf(true, StreamNone, "logs", "metrics"),
			Doc:   "Write to data streams of this type, named `type-dataset-namespace`."},
		config.Key{Name: "data.stream.dataset", Type: config.String, Default: "", Importance: config.Low,
			Valid: dataset(), Doc: "The data stream's dataset; `${topic}` is filled in."},
		config.Key{Name: "data.stream.namespace", Type: config.String, Default: "${topic}", Importance: config.Low,
			Doc: "The data stream's namespace; `${topic}` is filled in."},
		config.Key{Name: "data.stream.timestamp.field", Type: config.List, Default: "", Importance: config.Low,
			Doc: "Top-level fields to take `@timestamp` from, the first that a document has; the record's " +
				"timestamp otherwise."},
		config.Key{Name: "external.resource.usage", Type: config.String, Default: ResourceDisabled,
			Importance: config.Low, Valid: config.OneOf(true, ResourceDisabled, ResourceIndex, ResourceDataStream,
				ResourceAliasIndex, ResourceAliasDataStream),
			Doc: "Write only to what exists already and is named in `topic.to.external.resource.mapping`."},
		config.Key{Name: "topic.to.external.resource.mapping", Type: config.List, Default: "", Importance: config.Low,
			Valid: pairs(), Doc: "Pairs `topic:resource`."},
	)
}

func proxyKeys() []config.Key {
	return grouped(groupProxy,
		config.Key{Name: "proxy.host", Type: config.String, Default: "", Importance: config.Low, Valid: hostName(),
			Doc: "Host of an HTTP proxy."},
		config.Key{Name: "proxy.port", Type: config.Int, Default: 8080, Valid: config.Between(1, 65535),
			Importance: config.Low, Doc: "Port of the proxy."},
		config.Key{Name: "proxy.username", Type: config.String, Default: "", Importance: config.Low,
			Doc: "User name for the proxy, for basic authentication."},
		config.Key{Name: "proxy.password", Type: config.Password, Importance: config.Low,
			Doc: "Password for the proxy."},
	)
}

// grouped sets the group of keys and their order in it.
func grouped(group string, keys ...config.Key) []config.Key {
	for i := range keys {
		keys[i].Group, keys[i].OrderInGroup = group, i+1
	}
	return keys
}

// ignored declares a key of the Java sink, or of an older version of it, that means
// nothing here.
func ignored(name, why string) config.Key {
	return config.Key{Name: name, Type: config.String, Importance: config.Low, NoEffect: why,
		Doc: "Accepted and without effect: " + why + "."}
}

// refused declares a key of the Java sink that is not implemented, so that
// setting it is a clear error.
func refused(name, remedy string) config.Key {
	k := config.Key{Name: name, Type: config.String, Importance: config.Low, Doc: "Not supported: " + remedy + "."}
	if strings.HasSuffix(name, "password") {
		k.Type = config.Password
	}
	k.Valid = config.Func("not supported", func(v any) error {
		if v == "" || v == config.Secret("") {
			return nil
		}
		return fmt.Errorf("%s is not supported: %s", name, remedy)
	})
	return k
}

func urls() config.Validator {
	return config.Func("http or https URLs", func(v any) error {
		list, _ := v.([]string)
		if len(list) == 0 {
			return errors.New("at least one URL is needed, for instance http://127.0.0.1:9200")
		}
		for _, s := range list {
			u, err := url.Parse(s)
			if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
				return fmt.Errorf("%q is not a URL: write http://host:9200 or https://host:9200", withoutUser(s))
			}
			if n, err := strconv.Atoi(u.Port()); u.Port() != "" && (err != nil || n < 1 || n > 65535) {
				return fmt.Errorf("%q has port %s, which is not between 1 and 65535", withoutUser(s), u.Port())
			}
			if u.User != nil {
				return errors.New("user name and password belong in connection.username and connection.password")
			}
			if u.RawQuery != "" || u.Fragment != "" {
				return fmt.Errorf("%q has a query or a fragment, which is not sent: credentials belong in connection.api.key",
					u.Scheme+"://"+u.Host)
			}
		}
		return nil
	})
}

// withoutUser hides what is before the host of something that may be an address: it
// may be a password. A query may hold one too.
func withoutUser(s string) string {
	s, _, _ = strings.Cut(s, "?")
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		scheme, _, found := strings.Cut(s, "://")
		if !found || len(scheme) > at {
			return "[hidden]" + s[at:]
		}
		return scheme + "://[hidden]" + s[at:]
	}
	return s
}

func timePattern() config.Validator {
	return config.Func("a pattern of y, M, d, D, H, m, s and S", func(v any) error {
		_, err := sinkkit.ParseTimePattern(fmt.Sprint(v))
		return err
	})
}

// apiKey refuses what no HTTP header can carry: every request would fail.
func apiKey() config.Validator {
	return config.Func("", func(v any) error {
		key, _ := v.(config.Secret)
		if strings.ContainsFunc(string(key), func(r rune) bool { return r <= ' ' || r > '~' }) {
			return errors.New("an API key has neither blanks nor line breaks nor characters beyond ASCII")
		}
		return nil
	})
}

// hostName refuses a URL where a name or address belongs.
func hostName() config.Validator {
	return config.Func("a host name or an address", func(v any) error {
		if s := fmt.Sprint(v); strings.ContainsAny(s, "/ @?#") {
			return fmt.Errorf("%q is not a host name: write it without scheme, user and path", withoutUser(s))
		}
		return nil
	})
}

func dataset() config.Validator {
	return config.Func("a lower-case name without hyphen, at most 100 bytes", func(v any) error {
		s := strings.ReplaceAll(fmt.Sprint(v), TopicPlaceholder, "")
		if len(s) > 100 || s != strings.ToLower(s) || strings.ContainsAny(s, ForbiddenInNames+"-") {
			return fmt.Errorf("a dataset is lower-case, has at most 100 bytes and none of %s -", ForbiddenInNames)
		}
		return nil
	})
}

func pairs() config.Validator {
	return config.Func("pairs topic:resource", func(v any) error {
		list, _ := v.([]string)
		for _, p := range list {
			if topic, resource, ok := strings.Cut(p, ":"); !ok || topic == "" || resource == "" {
				return fmt.Errorf("%q is not a pair topic:resource", p)
			}
		}
		return nil
	})
}
