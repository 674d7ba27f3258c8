package services

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// Addresses are those of the services that a demo uses; "" is one that it does
// not use.
type Addresses struct {
	// Elasticsearch is http://host:port.
	Elasticsearch string
	// Store is the URL of the folder for Avro files, file:// or hdfs://.
	Store string
	// Metastore is the Hive metastore, thrift://host:port.
	Metastore string
	// HiveServer is HiveServer2, host:port.
	HiveServer string
}

// dialFor is how long a service may take to accept a connection.
const dialFor = 5 * time.Second

// Check reports every service that does not answer, before anything is started
// that would wait for one. Kafka is checked by [OpenKafka].
func (a Addresses) Check(ctx context.Context) error {
	var errs []error
	if a.Elasticsearch != "" {
		if err := NewIndex(a.Elasticsearch, "").Ping(ctx); err != nil {
			errs = append(errs, fmt.Errorf("%w: start one with scripts/services/services up elasticsearch, or leave out "+
				"--elasticsearch-url", err))
		}
	}
	if u, err := url.Parse(a.Store); err == nil && u.Port() != "" {
		errs = append(errs, dial(ctx, "HDFS (--store-url)", u.Host))
	}
	if a.Metastore != "" {
		errs = append(errs, dial(ctx, "the Hive metastore (--hive-metastore-uris)",
			strings.TrimPrefix(a.Metastore, "thrift://")))
	}
	if a.HiveServer != "" {
		errs = append(errs, dial(ctx, "HiveServer2 (--hive-server)", a.HiveServer))
	}
	return errors.Join(errs...)
}

// dial reports why nothing accepts connections at an address.
func dial(ctx context.Context, what, address string) error {
	ctx, cancel := context.WithTimeout(ctx, dialFor)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("reach %s: %w: start it with scripts/services/services up", what, err)
	}
	_ = conn.Close() // nothing was sent
	return nil
}
