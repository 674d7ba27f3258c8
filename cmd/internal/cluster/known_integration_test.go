//go:build integration

package cluster_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
)

// known says what is known about a load that does not arrive: what keeps readers of its
// topics back, and what each worker says of the connectors.
func (l *load) known() string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.s.t.Context()), kafkatest.Patience)
	defer cancel()
	var out strings.Builder
	l.s.knownEnds(ctx, &out, l.topics())
	l.s.knownTransactions(ctx, &out, l.topics())
	reports := l.s.reports()
	for _, key := range slices.Sorted(maps.Keys(reports)) {
		fmt.Fprintf(&out, "%s: all workers said last %v\n", key, reports[key][max(0, len(reports[key])-4):])
	}
	for _, address := range l.s.addresses {
		fmt.Fprintf(&out, "http://%s says: %s\n", address, get(ctx, "http://"+address+"/connectors?expand=status"))
	}
	return out.String()
}

// knownEnds writes the partitions whose end readers cannot reach.
func (s *stage) knownEnds(ctx context.Context, out io.Writer, topics []string) {
	stable, err := s.admin.ListCommittedOffsets(ctx, topics...)
	if err != nil {
		fmt.Fprintf(out, "stable ends: %v\n", err)
	}
	ends, err := s.admin.ListEndOffsets(ctx, topics...)
	if err != nil {
		fmt.Fprintf(out, "ends: %v\n", err)
	}
	ends.Each(func(end kadm.ListedOffset) {
		if to, ok := stable.Lookup(end.Topic, end.Partition); ok && to.Offset < end.Offset {
			fmt.Fprintf(out, "%s-%d ends at %d, and readers reach %d\n", end.Topic, end.Partition, end.Offset, to.Offset)
		}
	})
}

// knownTransactions writes what producers have open in topics, and the transactions that
// the broker has not ended.
func (s *stage) knownTransactions(ctx context.Context, out io.Writer, topics []string) {
	set := kadm.TopicsSet{}
	for _, topic := range topics {
		set.Add(topic, 0, 1)
	}
	producers, err := s.admin.DescribeProducers(ctx, set)
	if err != nil {
		fmt.Fprintf(out, "producers: %v\n", err)
	}
	for _, p := range producers.SortedProducers() {
		if p.CurrentTxnStartOffset >= 0 {
			fmt.Fprintf(out, "%s-%d: producer %d epoch %d has a transaction open from offset %d, last written %v ago\n",
				p.Topic, p.Partition, p.ProducerID, p.ProducerEpoch, p.CurrentTxnStartOffset,
				time.Since(time.UnixMilli(p.LastTimestamp)).Round(time.Millisecond))
		}
	}
	transactions, err := s.admin.DescribeTransactions(ctx)
	if err != nil {
		fmt.Fprintf(out, "transactions: %v\n", err)
	}
	for _, tx := range transactions.Sorted() {
		fmt.Fprintf(out, "%s: %s, producer %d epoch %d, begun %v ago, timeout %d ms\n", tx.TxnID, tx.State, tx.ProducerID,
			tx.ProducerEpoch, time.Since(time.UnixMilli(tx.StartTimestamp)).Round(time.Millisecond), tx.TimeoutMillis)
	}
}

// get returns what a URL answers, or why it does not.
func get(ctx context.Context, url string) string {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err.Error()
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
