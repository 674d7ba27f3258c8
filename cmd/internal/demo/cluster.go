package demo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka"
)

// partitions of the topics with requests: enough to have several tasks.
const partitions = 2

// sessionTimeout is how long the groups wait for a demo that was killed before
// the next one gets its partitions, in milliseconds.
const sessionTimeout = "10000"

// cluster is the Kafka the demo runs on.
type cluster struct {
	// props are the client keys that every part gets.
	props map[string]string
	opts  []kgo.Opt
	// replication of topics, as configuration text.
	replication string
	stop        func()
}

// openCluster starts an embedded Kafka, or checks that the brokers answer.
func openCluster(ctx context.Context, o *Options) (*cluster, error) {
	c := &cluster{props: maps.Clone(o.Kafka), replication: "-1", stop: func() {}}
	if !o.external() {
		fake, err := kfake.NewCluster(kfake.NumBrokers(1))
		if err != nil {
			return nil, fmt.Errorf("start the embedded Kafka: %w", err)
		}
		c.props = map[string]string{bootstrapServers: strings.Join(fake.ListenAddrs(), ",")}
		c.replication, c.stop = "1", fake.Close
	}
	values, err := kafka.Admin.Def().Parse(c.props)
	if err != nil {
		return nil, err
	}
	if c.opts, err = kafka.Admin.Options(values); err != nil {
		return nil, err
	}
	if err := kafka.Check(ctx, c.opts...); err != nil {
		c.stop()
		return nil, fmt.Errorf("connect to Kafka: %w", err)
	}
	return c, nil
}

// createTopics makes those that are missing.
func (c *cluster) createTopics(ctx context.Context, topics map[string]int32) error {
	cl, err := kgo.NewClient(c.opts...)
	if err != nil {
		return err
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	replication := int16(-1)
	if c.replication == "1" {
		replication = 1
	}
	for topic, n := range topics {
		settings := map[string]*string{"retention.ms": kadm.StringPtr("-1")} // a later run counts again
		if strings.HasSuffix(topic, offsets) {
			settings["cleanup.policy"] = kadm.StringPtr("compact")
		}
		r, err := adm.CreateTopic(ctx, n, replication, settings, topic)
		if err == nil {
			err = r.Err
		}
		if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
			return fmt.Errorf("make topic %s: %w", topic, err)
		}
	}
	return nil
}

// checkServices finds services that are not there, before anything is started
// that would wait for them.
func checkServices(ctx context.Context, o *Options) error {
	var errs []error
	if o.Elasticsearch != "" {
		if err := newIndex(o.Elasticsearch, "").ping(ctx); err != nil {
			errs = append(errs, fmt.Errorf("%w: start one with scripts/services/services up elasticsearch, or leave out "+
				"--elasticsearch-url", err))
		}
	}
	dial := func(what, addr string) {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err != nil {
			errs = append(errs, fmt.Errorf("reach %s: %w: start it with scripts/services/services up", what, err))
			return
		}
		_ = conn.Close() // nothing was sent
	}
	if u, err := url.Parse(o.Store); err == nil && u.Port() != "" {
		dial("HDFS (--store-url)", u.Host)
	}
	if o.Metastore != "" {
		dial("the Hive metastore (--hive-metastore-uris)", strings.TrimPrefix(o.Metastore, "thrift://"))
	}
	if o.HiveServer != "" {
		dial("HiveServer2 (--hive-server)", o.HiveServer)
	}
	return errors.Join(errs...)
}
