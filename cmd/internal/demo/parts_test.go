package demo

import (
	"os"
	"strings"
	"testing"
)

func TestOptionsReportEverythingThatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
		want []string
	}{
		{"defaults", Options{}, nil},
		{"all wrong", Options{Name: "My-Demo", Elasticsearch: "es:9200", Store: "s3://bucket", HiveServer: "h:10000"},
			[]string{"--name", "--elasticsearch-url", "--store-url", "--hive-metastore-uris is not"}},
		{"hive on local files", Options{Metastore: "thrift://h:9083"}, []string{"Hive could not read the files"}},
		{"metastore without scheme", Options{Store: "hdfs://h:8020/x", Metastore: "h:9083"}, []string{"want thrift://"}},
		{"full", Options{Store: "hdfs://h:8020/x", Metastore: "thrift://h:9083", HiveServer: "h:10000"}, nil},
		{"listens without serve", Options{HTTPListen: "127.0.0.1:0"}, []string{"no effect without --serve"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.o.Validate()
			if (err != nil) != (c.want != nil) {
				t.Fatalf("Validate = %v, want %v", err, c.want)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("Validate = %v, want %q in it", err, want)
				}
			}
		})
	}
}

func TestRowsThatDoNotAddUp(t *testing.T) {
	for _, c := range []struct {
		row  row
		want string
	}{
		{row{stage: "s", in: 10, out: 7, rejected: 2, waiting: 1}, ""},
		{row{stage: "s", in: 10, out: 9}, "s: 1 record is missing"},
		{row{stage: "s", in: 5000, out: 2000}, "s: 3,000 records are missing"},
		{row{stage: "s", in: 10, out: 11}, "s: there is 1 record too many"},
		{row{stage: "s", in: 10, out: 10, rejected: 2}, "s: there are 2 records too many"},
		{row{stage: "s", uncounted: os.ErrClosed}, "s: file already closed"},
	} {
		if got := c.row.trouble(); got != c.want {
			t.Errorf("trouble of %+v = %q, want %q", c.row, got, c.want)
		}
	}
}
