package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// lanes are the topics in which honest records go beside hostile ones.
var lanes = []string{"ltsv", "json", "avro", "registry", "envelope"}

// partitions is how many each of them has.
const partitions = 2

// Topic is the name of a topic of the run.
func (s *Stage) Topic(name string) string { return s.Run + "-" + name }

// Wild is the name of a topic that the sinks with a pattern find when it is created.
func (s *Stage) Wild(name string) string { return s.Topic("wild-" + name) }

// Dead are the topics of dead letters.
func (s *Stage) Dead() []string {
	var out []string
	for _, name := range []string{"honest-log", "to-elasticsearch", "to-hdfs", "to-file", "to-ltsv", "to-registry",
		"to-envelope", "ltsv-json", "json-avro", "server-stats"} {
		out = append(out, s.dead(name))
	}
	return out
}

func (s *Stage) dead(of string) string { return s.Topic("dead-" + of) }

// VHost is the server of the honest records, whose name begins with the secret of the
// run.
func VHost(secret string) string { return secret + ".example" }

// CreateTopic creates a topic, unless it is there.
func (s *Stage) CreateTopic(ctx context.Context, partitions int32, name string) error {
	return s.admin(func(adm *kadm.Client) error {
		_, err := adm.CreateTopic(ctx, partitions, 1, nil, name)
		if errors.Is(err, kerr.TopicAlreadyExists) {
			return nil
		}
		return err
	})
}

func (s *Stage) admin(do func(*kadm.Client) error) error {
	cl, err := kgo.NewClient(kgo.SeedBrokers(s.Kafka...))
	if err != nil {
		return err
	}
	defer cl.Close()
	return do(kadm.NewClient(cl))
}

func (s *Stage) makeTopics(ctx context.Context) error {
	for _, lane := range lanes {
		if err := s.CreateTopic(ctx, partitions, s.Topic(lane)); err != nil {
			return fmt.Errorf("create topic %s: %w", s.Topic(lane), err)
		}
	}
	for _, dead := range s.Dead() {
		if err := s.CreateTopic(ctx, 1, dead); err != nil {
			return fmt.Errorf("create topic %s: %w", dead, err)
		}
	}
	return nil
}

// Odd are names of topics that the run does not begin: the sink for HDFS finds them by
// its pattern.
var Odd = []string{".snapshot", ".reserved"}

// Remove deletes topics, groups, indices and files of the run. Its processes have ended.
func (s *Stage) Remove(ctx context.Context) error {
	errs := []error{s.removeIndices(ctx), s.Storage.Remove(s.Folder)}
	errs = append(errs, s.admin(func(adm *kadm.Client) error {
		topics, err := adm.ListTopics(ctx)
		if err != nil {
			return err
		}
		own := append([]string(nil), Odd...)
		for _, t := range topics.Names() {
			if strings.Contains(t, s.Run) {
				own = append(own, t)
			}
		}
		groups, err := adm.ListGroups(ctx)
		if err != nil {
			return err
		}
		var ours []string
		for _, g := range groups.Groups() {
			if strings.Contains(g, s.Run) {
				ours = append(ours, g)
			}
		}
		_, err = adm.DeleteTopics(ctx, own...)
		_, groupErr := adm.DeleteGroups(ctx, ours...)
		return errors.Join(err, groupErr)
	}))
	return errors.Join(errs...)
}

func (s *Stage) removeIndices(ctx context.Context) error {
	list, err := s.elasticsearch(ctx, "GET", "/_cat/indices?format=json&h=index&expand_wildcards=all", "")
	if err != nil {
		return err
	}
	var indices []struct{ Index string }
	if err := json.Unmarshal(list, &indices); err != nil {
		return fmt.Errorf("list the indices: %w", err)
	}
	var errs []error
	for _, i := range indices {
		if strings.HasPrefix(i.Index, s.Run) {
			_, err := s.elasticsearch(ctx, "DELETE", "/"+url.PathEscape(i.Index), "")
			errs = append(errs, err)
		}
	}
	_, err = s.elasticsearch(ctx, "DELETE", "/_index_template/"+s.Run, "")
	return errors.Join(append(errs, err)...)
}

// template makes the mapping of the run's indices, as the guide of the sink advises: no
// request decides what the fields of another one are.
func (s *Stage) template(ctx context.Context) error {
	_, err := s.elasticsearch(ctx, "PUT", "/_index_template/"+s.Run, strings.ReplaceAll(template, "RUN", s.Run))
	return err
}

const template = `{"index_patterns": ["RUN-*"], "priority": 900, "template": {
  "settings": {"number_of_replicas": 0, "index.mapping.total_fields.ignore_dynamic_beyond_limit": true},
  "mappings": {"date_detection": false, "numeric_detection": false,
    "dynamic_templates": [{"strings": {"match_mapping_type": "string",
      "mapping": {"type": "keyword", "ignore_above": 8191}}}],
    "properties": {
      "time": {"type": "date", "ignore_malformed": true},
      "status": {"type": "integer", "ignore_malformed": true},
      "size": {"type": "long", "ignore_malformed": true},
      "reqtime": {"type": "double", "ignore_malformed": true},
      "vhost": {"type": "keyword", "ignore_above": 8191}, "id": {"type": "keyword", "ignore_above": 8191},
      "ua": {"type": "keyword", "ignore_above": 8191},
      "cookie": {"type": "flattened", "ignore_above": 8191, "depth_limit": 20}}}}}`

func (s *Stage) elasticsearch(ctx context.Context, method, path, body string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.Elasticsearch+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("reach Elasticsearch: %w", err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 && res.StatusCode != http.StatusNotFound {
		err = fmt.Errorf("%s %s: %s: %.300s", method, path, res.Status, text)
	}
	return text, err
}

// pattern is the expression of the topics that the sink for HDFS reads.
func (s *Stage) pattern() string {
	words := []string{regexp.QuoteMeta(s.Topic("json")), regexp.QuoteMeta(s.Topic("wild-")) + ".*"}
	for _, odd := range Odd {
		words = append(words, regexp.QuoteMeta(odd))
	}
	return strings.Join(words, "|")
}

// LogFile is the log that the honest source follows.
func (s *Stage) LogFile() string { return filepath.Join(s.Source, "access.log") }

// Planted is the path of the file of a source that waits for it: hostile files appear
// there. There are [Plants] of them.
func (s *Stage) Planted(n int) string {
	return filepath.Join(s.Source, fmt.Sprintf("planted-%d.log", n))
}

// Plants is how many sources wait for a hostile file.
const Plants = 8
