package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// CreateTopic creates a topic, unless it is there.
func (o *Options) CreateTopic(ctx context.Context, partitions int32, name string) error {
	return o.admin(func(adm *kadm.Client) error {
		_, err := adm.CreateTopic(ctx, partitions, 1, nil, name)
		if errors.Is(err, kerr.TopicAlreadyExists) {
			return nil
		}
		return err
	})
}

// DeleteTopics deletes topics.
func (o *Options) DeleteTopics(ctx context.Context, names ...string) error {
	return o.admin(func(adm *kadm.Client) error {
		_, err := adm.DeleteTopics(ctx, names...)
		return err
	})
}

// TopicsLike are the topics of the run whose names end so.
func (o *Options) TopicsLike(ctx context.Context, ending string) (names []string, err error) {
	err = o.admin(func(adm *kadm.Client) error {
		topics, err := adm.ListTopics(ctx)
		for _, name := range topics.Names() {
			if strings.HasPrefix(name, o.Run) && strings.HasSuffix(name, ending) {
				names = append(names, name)
			}
		}
		return err
	})
	return names, err
}

func (o *Options) admin(do func(*kadm.Client) error) error {
	cl, err := kgo.NewClient(kgo.SeedBrokers(o.Kafka...))
	if err != nil {
		return err
	}
	defer cl.Close()
	return do(kadm.NewClient(cl))
}

func (o *Options) makeTopics(ctx context.Context) error {
	for _, lane := range lanes {
		if err := o.CreateTopic(ctx, partitions, o.Topic(lane)); err != nil {
			return fmt.Errorf("create topic %s: %w", o.Topic(lane), err)
		}
	}
	for _, dead := range o.Dead() {
		if err := o.CreateTopic(ctx, 1, dead); err != nil {
			return fmt.Errorf("create topic %s: %w", dead, err)
		}
	}
	return nil
}

func (o *Options) removeIndices(ctx context.Context) error {
	list, err := o.elasticsearch(ctx, "GET", "/_cat/indices?format=json&h=index&expand_wildcards=all", "")
	if err != nil {
		return err
	}
	var indices []struct{ Index string }
	if err := json.Unmarshal(list, &indices); err != nil {
		return fmt.Errorf("list the indices: %w", err)
	}
	var errs []error
	for _, i := range indices {
		if strings.HasPrefix(i.Index, o.Run) {
			_, err := o.elasticsearch(ctx, "DELETE", "/"+url.PathEscape(i.Index), "")
			errs = append(errs, err)
		}
	}
	_, err = o.elasticsearch(ctx, "DELETE", "/_index_template/"+o.Run, "")
	return errors.Join(append(errs, err)...)
}

// removeKafka deletes the topics and groups of the run, and those of odd names.
func (o *Options) removeKafka(ctx context.Context) error {
	return o.admin(func(adm *kadm.Client) error {
		topics, err := adm.ListTopics(ctx)
		if err != nil {
			return err
		}
		groups, err := adm.ListGroups(ctx)
		if err != nil {
			return err
		}
		others := func(name string) bool { return !strings.Contains(name, o.Run) }
		own := append(slices.DeleteFunc(topics.Names(), others), Odd...)
		_, err = adm.DeleteTopics(ctx, own...)
		_, groupErr := adm.DeleteGroups(ctx, slices.DeleteFunc(groups.Groups(), others)...)
		return errors.Join(err, groupErr)
	})
}

// template makes the mapping of the run's indices, as the guide of the sink advises: no
// request decides what the fields of another one are.
func (o *Options) template(ctx context.Context) error {
	_, err := o.elasticsearch(ctx, "PUT", "/_index_template/"+o.Run, strings.ReplaceAll(template, "RUN", o.Run))
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

func (o *Options) elasticsearch(ctx context.Context, method, path, body string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, o.Elasticsearch+path, strings.NewReader(body))
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
