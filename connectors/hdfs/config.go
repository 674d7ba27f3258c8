package hdfs

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/filesets"
	"github.com/suiro/suiro/connectors/filesets/format"
	"github.com/suiro/suiro/connectors/filesets/storage"
	"github.com/suiro/suiro/connectors/hdfs/internal/dfs"
)

// The groups of keys, as the reference page shows them.
const (
	groupStorage  = "Storage"
	groupHive     = "Hive"
	groupSecurity = "Security"
)

// def declares every key of the sink, group by group.
var def = config.New(storageKeys()...).With(filesets.Keys()...).With(hiveKeys()...).With(securityKeys()...)

func storageKeys() []config.Key {
	return filesets.Grouped(groupStorage,
		config.Key{Name: "store.url", Type: config.String, Valid: storeURL(),
			Doc: "Where to write: `hdfs://host:port`, `hdfs://nameservice` with `hadoop.conf.dir`, or " +
				"`file:///folder`."},
		config.Key{Name: "hdfs.url", Type: config.String, Valid: storeURL(), Importance: config.Low,
			Doc: "Older name of `store.url`."},
		config.Key{Name: "hadoop.conf.dir", Type: config.String, Default: "", Importance: config.Medium,
			Doc: "Folder with `core-site.xml` and `hdfs-site.xml`, for name services with several name nodes."},
		config.Key{Name: "hdfs.user", Type: config.String, Default: "", Importance: config.Medium,
			Doc: "User to write as; default the user of the process. Not known to the Java sinks."},
		config.Key{Name: "fs.permissions.umask-mode", Type: config.String, Default: "", Importance: config.Medium,
			Valid: umaskDigits(),
			Doc: "Permissions that new files and folders do not get, in octal digits: with `077` only their owner can " +
				"read them, with `027` the group too. Default `077` in a local folder, and on HDFS what `hadoop.conf.dir` " +
				"says or else `022`, as for Hadoop's own clients."},
		config.Key{Name: "storage.class", Type: config.Class, Default: "HdfsStorage",
			Valid: filesets.Classes("HdfsStorage"), Importance: config.Low, NoEffect: "store.url says where to write",
			Doc: "Accepted for the Java sink's sake; `store.url` decides."},
		config.Key{Name: "logs.dir", Type: config.String, Default: "logs", Importance: config.Low,
			NoEffect: "commits need no write-ahead log",
			Doc:      "Accepted and without effect: commits need no write-ahead log."},
		config.Key{Name: "hadoop.home", Type: config.String, Default: "", Importance: config.Low,
			NoEffect: "no Java libraries are loaded",
			Doc:      "Accepted and without effect: no Java libraries are loaded."},
	)
}

func hiveKeys() []config.Key {
	return filesets.Grouped(groupHive,
		config.Key{Name: "hive.integration", Type: config.Boolean, Default: false,
			Doc: "Register the files as partitions of an external Hive table per topic."},
		config.Key{Name: "hive.metastore.uris", Type: config.List, Default: "", Valid: metastoreURIs(),
			Doc: "Metastores, such as `thrift://host:9083`; the next is tried when one does not answer."},
		config.Key{Name: "hive.database", Type: config.String, Default: "default", Valid: config.NonEmpty(),
			Doc: "Database of the tables; it must exist."},
		config.Key{Name: "hive.table.name", Type: config.String, Default: "${topic}",
			Valid: config.NonEmpty(), Importance: config.Medium,
			Doc: "Name of a topic's table; `${topic}` is filled in, and what Hive does not allow becomes " +
				"an underscore."},
		filesets.Refused("hive.conf.dir", "set hive.metastore.uris"),
		filesets.Refused("hive.home", "no Java libraries are loaded"),
	)
}

func securityKeys() []config.Key {
	const why = "Kerberos is not supported, hdfs.user says who writes"
	return filesets.Grouped(groupSecurity,
		filesets.Fixed("hdfs.authentication.kerberos", false, why),
		filesets.Refused("connect.hdfs.principal", why), filesets.Refused("connect.hdfs.keytab", why),
		filesets.Refused("hdfs.namenode.principal", why), filesets.Refused("kerberos.ticket.renew.period.ms", why),
	)
}

// settings is the configuration of a task, and what follows from it.
type settings struct {
	StoreURL string `config:"store.url"`
	HdfsURL  string `config:"hdfs.url"`
	User     string `config:"hdfs.user"`
	ConfDir  string `config:"hadoop.conf.dir"`
	Umask    string `config:"fs.permissions.umask-mode"`

	HiveIntegration bool     `config:"hive.integration"`
	HiveURIs        []string `config:"hive.metastore.uris"`
	HiveDatabase    string   `config:"hive.database"`
	HiveTable       string   `config:"hive.table.name"`

	store      *url.URL
	files      filesets.Options
	uri        string   // the topics' folder as Hive writes it, with the store before it
	keys       []string // names of the partition columns, for Hive
	metastores []string // host:port
}

// newSettings reads values that validate accepts.
func newSettings(v config.Values) (*settings, error) {
	s := &settings{}
	v.Decode(s)
	var err error
	if s.store, err = url.Parse(cmp.Or(s.StoreURL, s.HdfsURL)); err != nil {
		return nil, err
	}
	if s.files, err = filesets.NewOptions(v, s.store.Path); err != nil {
		return nil, err
	}
	s.uri = s.store.Scheme + "://" + s.store.Host + s.files.Root
	s.keys, _ = s.files.Layout.Keys()
	s.metastores, err = metastores(s.HiveURIs)
	return s, err
}

// open connects to nothing yet: the storage dials when it is used.
func (s *settings) open() (storage.Storage, error) {
	umask, err := parseUmask(s.Umask)
	if err != nil {
		return nil, err
	}
	if s.store.Scheme == "file" {
		if umask == nil {
			return storage.NewLocal(s.files.Root, 0o077), nil
		}
		return storage.NewLocal(s.files.Root, *umask), nil
	}
	return dfs.New(s.store.Host, &dfs.Options{User: s.User, ConfDir: s.ConfDir, Umask: umask})
}

func umaskDigits() config.Validator {
	return config.Func("three octal digits", func(v any) error {
		_, err := parseUmask(v.(string))
		return err
	})
}

// parseUmask reads octal digits; nil for none.
func parseUmask(text string) (*fs.FileMode, error) {
	if text == "" {
		return nil, nil
	}
	n, err := strconv.ParseUint(text, 8, 32)
	if err != nil || n > 0o777 {
		return nil, errors.New("want octal digits, such as 027")
	}
	umask := fs.FileMode(n)
	return &umask, nil
}

// validate checks rules over several keys.
func validate(v config.Values) (errs config.Errors) {
	if cmp.Or(v.String("store.url"), v.String("hdfs.url")) == "" {
		errs = append(errs, config.MissingKey("store.url"))
	}
	errs = append(errs, filesets.Validate(v)...)
	return append(errs, validateHive(v, len(errs) > 0)...)
}

// validateHive checks what Hive needs. What other keys decide can be asked for
// only when nothing is wrong with them.
func validateHive(v config.Values, wrong bool) (errs config.Errors) {
	if !v.Bool("hive.integration") {
		return nil
	}
	if len(v.List("hive.metastore.uris")) == 0 {
		errs = append(errs, config.Errorf("hive.metastore.uris", "", "Hive integration needs a metastore, "+
			"such as thrift://host:9083"))
	}
	if class := v.String("format.class"); !readByHive(format.ByClass(class)) {
		errs = append(errs, config.Errorf("format.class", class, "Hive integration needs %s", hiveFormats()))
	}
	if wrong {
		return errs
	}
	s, err := newSettings(v)
	if err != nil {
		return errs // a key's own validator has said so
	}
	if s.keys == nil {
		errs = append(errs, config.Errorf("path.format", v.String("path.format"),
			"Hive integration needs name=value directories, such as 'dt='YYYY-MM-dd/'hour='HH"))
	}
	return errs
}

// readByHive reports whether tables can be made over files of a format.
func readByHive(f format.Format) bool {
	_, ok := f.(format.Tables)
	return ok
}

// hiveFormats names the formats that Hive reads.
func hiveFormats() string {
	var names []string
	for _, f := range format.All() {
		if readByHive(f) {
			names = append(names, f.Class())
		}
	}
	return strings.Join(names, " or ")
}

func storeURL() config.Validator {
	return config.Func("hdfs://host:port, hdfs://nameservice or file:///folder", func(v any) error {
		u, err := url.Parse(v.(string))
		switch {
		case err != nil:
			return err
		case u.Scheme == "file" && (u.Host != "" || u.Path == ""):
			return errors.New("write a folder with three slashes, such as file:///data/topics")
		case u.Scheme == "hdfs" || u.Scheme == "file":
			return nil
		}
		return errors.New("want hdfs://host:port, hdfs://nameservice or file:///folder")
	})
}

func metastoreURIs() config.Validator {
	return config.Func("a list of thrift://host:port", func(v any) error {
		_, err := metastores(v.([]string))
		return err
	})
}

// metastores returns the addresses of a list of URIs.
func metastores(uris []string) (addrs []string, err error) {
	for _, text := range uris {
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "thrift" || u.Hostname() == "" {
			return nil, fmt.Errorf("%q is not a metastore: want thrift://host:9083", text)
		}
		port := cmp.Or(u.Port(), "9083")
		addrs = append(addrs, net.JoinHostPort(u.Hostname(), port))
	}
	return addrs, nil
}
