//go:build integration

package hdfs

import (
	"math/big"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/filesets/filesetstest"
)

// TestHiveReadsDecimalsAndUnions: a Decimal of Connect has more digits than Hive
// allows, unless it says otherwise, and a union is a STRUCT in Connect.
func TestHiveReadsDecimalsAndUnions(t *testing.T) {
	r := openRemote(t, service(t, "SUIRO_HDFS", "hdfs.sh"))
	table := hiveTable(t)
	decimal := func(scale string) *data.Schema {
		return &data.Schema{Kind: data.Bytes, Name: data.DecimalName, Parameters: map[string]string{"scale": scale}}
	}
	s := &data.Schema{Kind: data.Struct, Name: "R", Fields: []data.Field{
		{Name: "price", Schema: decimal("2")}, {Name: "wide", Schema: decimal("127")},
		{Name: "u", Schema: &data.Schema{Kind: data.Struct, Name: "io.confluent.connect.avro.Union",
			Fields: []data.Field{
				{Name: "int", Schema: &data.Schema{Kind: data.Int32, Optional: true}},
				{Name: "string", Schema: &data.Schema{Kind: data.String, Optional: true}}}}}}}
	sink := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, hiveProps(t, r, table, "flush.size", "10",
		"timestamp.extractor", "Record"))
	sink.Open(p0)
	rs := filesetstest.Records(p0, 0, 10)
	for _, rec := range rs {
		rec.Value = connect.Decoded(s, map[string]any{"price": big.NewRat(156, 100), "wide": big.NewRat(3, 2),
			"u": map[string]any{"string": "x"}})
	}
	sink.Put(rs...)
	filesetstest.Eventually(t, "the set is committed", func() bool { return sink.Commit()[p0] == 10 })
	sink.Stop()
	sums := hiveQuery(t, "SELECT concat(count(*), ' ', sum(price), ' ', count(wide)) FROM "+table)
	if got, want := sums, "10 15.60 10"; got != want {
		t.Errorf("rows, sum of prices, wide decimals: %s, want %s", got, want)
	}
	if got, want := hiveQuery(t, "SELECT u FROM "+table+" LIMIT 1"), `{1:"x"}`; got != want {
		t.Errorf("the union is %s, want %s", got, want)
	}
}
