// Package services is what a demo runs on and did not write: Kafka, embedded or
// real, and Elasticsearch, HDFS and Hive where they are used.
package services

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka"
)

// BootstrapServers is the client key that names the brokers.
const BootstrapServers = "bootstrap.servers"

// Kafka is the Kafka that the demo runs on.
type Kafka struct {
	// Props are the client keys that every part of the demo gets.
	Props map[string]string
	// Options are the same for a client of franz-go.
	Options []kgo.Opt
	// Replication is the replication factor of new topics, as configuration
	// text; -1 is the brokers' default.
	Replication string

	stop func()
}

// OpenKafka checks that the brokers which props name answer, or starts an
// embedded Kafka when props name none.
func OpenKafka(ctx context.Context, props map[string]string) (*Kafka, error) {
	k := &Kafka{Props: maps.Clone(props), Replication: "-1", stop: func() {}}
	if props[BootstrapServers] == "" {
		fake, err := kfake.NewCluster(kfake.NumBrokers(1))
		if err != nil {
			return nil, fmt.Errorf("start the embedded Kafka: %w", err)
		}
		k.Props = map[string]string{BootstrapServers: strings.Join(fake.ListenAddrs(), ",")}
		k.Replication, k.stop = "1", fake.Close
	}
	values, err := kafka.Admin.Def().Parse(k.Props)
	if err == nil {
		k.Options, err = kafka.Admin.Options(values, nil)
	}
	if err != nil {
		k.stop()
		return nil, err
	}
	if err := kafka.Check(ctx, k.Options...); err != nil {
		k.stop()
		return nil, fmt.Errorf("connect to Kafka: %w", err)
	}
	return k, nil
}

// Close stops an embedded Kafka; real brokers go on.
func (k *Kafka) Close() { k.stop() }

// CreateTopics creates the topics that are missing, each with its number of
// partitions. They keep their records for good, so that a later run can count
// them again; the compacted one keeps the latest record of each key.
func (k *Kafka) CreateTopics(ctx context.Context, partitions map[string]int32, compacted string) error {
	cl, err := kgo.NewClient(k.Options...)
	if err != nil {
		return err
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	replication := int16(-1)
	if k.Replication == "1" {
		replication = 1
	}
	for topic, n := range partitions {
		settings := map[string]*string{"retention.ms": kadm.StringPtr("-1")}
		if topic == compacted {
			settings["cleanup.policy"] = kadm.StringPtr("compact")
		}
		r, err := adm.CreateTopic(ctx, n, replication, settings, topic)
		if err == nil {
			err = r.Err
		}
		if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
			return fmt.Errorf("create topic %s: %w", topic, err)
		}
	}
	return nil
}
