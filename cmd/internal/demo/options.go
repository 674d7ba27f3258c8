package demo

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/suiro/suiro/cmd/internal/demo/services"
	"github.com/suiro/suiro/connect"
)

// Options are what the demo runs with.
type Options struct {
	// Plugins are the connectors and converters to run.
	Plugins connect.Plugins
	// Out gets everything a person reads.
	Out io.Writer
	// Terminal says that Out is a terminal that understands escape sequences:
	// progress is then repainted in place. Default: progress is written line by
	// line.
	Terminal bool

	// File is the log to read, plain or .gz; "-" is the standard input.
	// Default: the built-in log.
	File string
	// Dir is the demo's folder. Default [DefaultDir], or [DefaultFullDir] when
	// Kafka is not the embedded one.
	Dir string
	// Name is the prefix of the names of topics, groups, index and table; on the
	// embedded Kafka, of the index alone. Default [DefaultName].
	Name string
	// Kafka are client keys with Kafka's names. Without bootstrap.servers the
	// demo starts an embedded Kafka.
	Kafka map[string]string
	// Elasticsearch is its address, http://host:port. Default: the demo runs
	// without Elasticsearch.
	Elasticsearch string
	// Store is where Avro files go, an hdfs:// or file:// URL. Default: the
	// folder hdfs in Dir.
	Store string
	// Metastore is the Hive metastore to register them with, thrift://host:port.
	// Default: none.
	Metastore string
	// HiveServer is the HiveServer2 that counts the rows of the Hive table,
	// host:port. Default: the rows are counted by reading the files back.
	HiveServer string

	// Serve keeps everything up after the table until the context is done.
	Serve bool
	// HTTPListen and RESTListen are the addresses, host:port, at which
	// server-stats and the Connect worker answer with Serve. Defaults
	// [DefaultHTTP] and [DefaultREST], or any free port when those are taken.
	HTTPListen, RESTListen string
}

// The defaults of [Options].
const (
	DefaultDir     = "suiro-demo"
	DefaultFullDir = "suiro-demo-full"
	DefaultName    = "suiro_demo"
	DefaultHTTP    = "127.0.0.1:8180"
	DefaultREST    = "127.0.0.1:8083"
)

// external reports whether Kafka runs outside this process.
func (o *Options) external() bool { return o.Kafka[services.BootstrapServers] != "" }

// services are the addresses of what is not embedded, but for Kafka.
func (o *Options) services() services.Addresses {
	return services.Addresses{Elasticsearch: o.Elasticsearch, Store: o.Store, Metastore: o.Metastore,
		HiveServer: o.HiveServer}
}

// validName matches a prefix that is allowed for topics, indices and Hive tables.
var validName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Validate returns everything that is wrong with the options themselves.
func (o Options) Validate() error {
	_, err := o.withDefaults()
	return err
}

// withDefaults returns the options with all fields set, or everything that is
// wrong with them.
func (o Options) withDefaults() (Options, error) {
	set := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	if o.external() {
		set(&o.Dir, DefaultFullDir)
	}
	set(&o.Dir, DefaultDir)
	set(&o.Name, DefaultName)
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return o, fmt.Errorf("find the folder %s: %w", o.Dir, err)
	}
	set(&o.Store, (&url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(dir, "hdfs"))}).String())
	o.Elasticsearch = strings.TrimRight(o.Elasticsearch, "/")
	return o, o.validate()
}

func (o Options) validate() error {
	var errs []error
	if !validName.MatchString(o.Name) {
		errs = append(errs, fmt.Errorf("--name %q: want a lowercase letter, then lowercase letters, digits and underscores",
			o.Name))
	}
	if !o.Serve && (o.HTTPListen != "" || o.RESTListen != "") {
		errs = append(errs, errors.New("--http-listen and --rest-listen have no effect without --serve: add it"))
	}
	u, err := url.Parse(o.Elasticsearch)
	if o.Elasticsearch != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		errs = append(errs, fmt.Errorf("--elasticsearch-url %q: want http://host:9200", o.Elasticsearch))
	}
	u, err = url.Parse(o.Store)
	if err != nil || u.Scheme != "file" && (u.Scheme != "hdfs" || u.Host == "") {
		errs = append(errs, fmt.Errorf("--store-url %q: want hdfs://host:port/folder or file:///folder", o.Store))
	}
	if o.HiveServer != "" && o.Metastore == "" {
		errs = append(errs, errors.New("--hive-server is set and --hive-metastore-uris is not: there would be no table"))
	}
	if o.Metastore != "" && (err != nil || u.Scheme != "hdfs") {
		errs = append(errs, errors.New(
			"--hive-metastore-uris is set and --store-url is not an hdfs:// URL: Hive could not read the files"))
	}
	if o.Metastore != "" && !strings.HasPrefix(o.Metastore, "thrift://") {
		errs = append(errs, fmt.Errorf("--hive-metastore-uris %q: want thrift://host:9083", o.Metastore))
	}
	return errors.Join(errs...)
}
