package kinds

import (
	"context"
	"fmt"
	"math"
	"path"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/attack/stage"
)

// storages are attacks by what another user of HDFS puts where a sink keeps its log of
// commits.
func storages() []Kind {
	return []Kind{
		{"manifests", "puts manifests into a sink's log of commits that name files elsewhere, huge offsets, or nothing",
			manifests},
	}
}

// manifests attacks the sinks that have a log each; each reads it when the first record of
// its topic comes.
func manifests(ctx context.Context, f *Field) error {
	for n := range stage.Logs {
		topic := f.Topic(fmt.Sprintf("manifest-%d", n))
		commits, claim := path.Join(f.Other, "+commits", topic, "0"), path.Join(f.Other, "+tmp", topic, "0", "fenced",
			"CLAIM")
		if _, err := f.Storage.Stat(commits); err == nil {
			continue // it was attacked before
		}
		up := "../../../../../.."
		set := func(first, last int64, temp, to string) string {
			return fmt.Sprintf(`{"version":1,"topic":%q,"partition":0,"claim":"CLAIM","first":%d,"last":%d,`+
				`"files":[{"temp":%q,"path":%q,"records":1,"bytes":1}]}`, topic, first, last, temp, to)
		}
		name := func(first, last int64, state string) string {
			return path.Join(commits, fmt.Sprintf("%020d+%020d.%s", first, last, state))
		}
		plants := []map[string]string{
			{name(0, 4, "pending"): set(0, 4, "a", up+f.Folder+"/near/stolen.json"), path.Join(claim, "a"): "hostile"},
			{name(0, 4, "pending"): set(0, 4, up+f.Folder+"/near/sentinel.json", topic+"/a.json"), path.Join(claim,
				"a"): "hostile"},
			{name(0, math.MaxInt64, "done"): set(0, math.MaxInt64, "a", "a"), name(5, math.MaxInt64-1, "done"): "{}"},
			{name(0, 4, "pending"): `{"version":1,"files":` + fmt.Sprintf("%0100000d", 0) + `}`, path.Join(commits,
				"x.done"): "",
				path.Join(commits, "-1+-1.pending"): "{}", path.Join(f.Other, "+tmp", topic, "0", "live", "..."): ""},
		}
		for p, text := range plants[n%len(plants)] {
			if err := f.PlantInHDFS(p, text); err != nil {
				return err
			}
		}
		if err := f.CreateTopic(ctx, 1, topic); err != nil {
			return err
		}
		if err := f.Kafka.Records(ctx, &kgo.Record{Topic: topic, Value: []byte(`{"vhost":"hostile"}`)}); err != nil {
			return err
		}
	}
	return nil
}
