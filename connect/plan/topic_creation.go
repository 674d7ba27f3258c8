package plan

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/below"
	"github.com/suiro/suiro/internal/javaregex"
)

const (
	creationPrefix = "topic.creation."
	defaultGroup   = "default"
)

// TopicGroup is how the topics of a group are created.
type TopicGroup struct {
	// Name is the group's, "default" for topics that no other group holds.
	Name string
	// Partitions of a topic; -1 is the broker's default.
	Partitions int32
	// Replication is the number of replicas; -1 is the broker's default.
	Replication int16
	// Configs are the topic's own settings.
	Configs map[string]string

	include, exclude []*regexp.Regexp // whole topics; no include means all
}

// TopicCreation says how a source's missing topics are created. The zero value
// creates none.
type TopicCreation struct {
	groups []TopicGroup // the group default is the last
}

// Group returns the group of a topic; ok is false when the topic is not to be
// created.
func (c TopicCreation) Group(topic string) (g TopicGroup, ok bool) {
	for _, g := range c.groups {
		if (g.include == nil || matches(g.include, topic)) && !matches(g.exclude, topic) {
			return g, true
		}
	}
	return TopicGroup{}, false
}

// topicCreation compiles the keys below topic.creation.
func topicCreation(v config.Values, props map[string]string, allowed bool) (TopicCreation, config.Errors) {
	aliases := v.List("topic.creation.groups")
	errs := below.Unlisted(props, "topic.creation", "topic.creation.groups",
		append([]string{defaultGroup, "groups"}, aliases...))
	replicas, partitions := creationPrefix+"default.replication.factor", creationPrefix+"default.partitions"
	if !v.IsSet(replicas) && !v.IsSet(partitions) {
		if len(aliases) > 0 {
			errs = append(errs, config.Errorf(replicas, "", "must be set together with topic.creation.groups"))
		}
		return TopicCreation{}, errs
	}
	for _, pair := range [][2]string{{replicas, partitions}, {partitions, replicas}} {
		if !v.IsSet(pair[1]) {
			errs = append(errs, config.Errorf(pair[1], "", "must be set together with %s", pair[0]))
		}
	}
	fallback := TopicGroup{Name: defaultGroup, Partitions: int32(v.Int(partitions)), Replication: int16(v.Int(replicas))}
	fallback.Configs = settings(below.Props(props, creationPrefix+defaultGroup+"."))
	var out TopicCreation
	if len(aliases) > maxAliases {
		return out, append(errs, config.Errorf("topic.creation.groups", fmt.Sprintf("%d groups", len(aliases)),
			"must be %d at most", maxAliases))
	}
	for _, alias := range aliases {
		g, gerrs := topicGroup(alias, fallback, props)
		out.groups, errs = append(out.groups, g), append(errs, gerrs...)
	}
	out.groups = append(out.groups, fallback)
	if !allowed {
		return TopicCreation{}, errs
	}
	return out, errs
}

// topicGroup compiles the keys of one group, which has partitions and replicas
// from the group default unless it says otherwise.
func topicGroup(alias string, fallback TopicGroup, props map[string]string) (TopicGroup, config.Errors) {
	prefix := creationPrefix + alias + "."
	def := config.New(
		config.Key{Name: "include", Type: config.List, Required: true, Valid: areRegexps(),
			Doc: "Java regular expressions for whole names; topics that match one are in the group."},
		config.Key{Name: "exclude", Type: config.List, Default: "", Valid: areRegexps(),
			Doc: "Java regular expressions for whole names; topics that match one are not in the group."},
		config.Key{Name: "replication.factor", Type: config.Short, Default: int(fallback.Replication),
			Valid: config.AtLeast(-1), Doc: "Number of replicas of a topic; -1 takes the broker's default."},
		config.Key{Name: "partitions", Type: config.Int, Default: int(fallback.Partitions), Valid: config.AtLeast(-1),
			Doc: "Number of partitions of a topic; -1 takes the broker's default."},
	)
	own := below.Props(props, prefix)
	v, err := def.Parse(own)
	if err != nil {
		return TopicGroup{}, below.Errors(prefix, err)
	}
	return TopicGroup{Name: alias, Partitions: int32(v.Int("partitions")), Replication: int16(v.Int("replication.factor")),
		Configs: settings(own), include: anyOf(v.List("include")), exclude: anyOf(v.List("exclude"))}, nil
}

// settings returns the keys of a group that are the topics' own.
func settings(group map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range group {
		if !slices.Contains([]string{"include", "exclude", "replication.factor", "partitions"}, k) {
			out[k] = v
		}
	}
	return out
}

// anyOf returns expressions that match whole topics. The validator has seen that
// they can be compiled.
func anyOf(patterns []string) (list []*regexp.Regexp) {
	for _, pattern := range patterns {
		if re, err := javaregex.Whole(pattern); err == nil {
			list = append(list, re)
		}
	}
	return list
}

func matches(list []*regexp.Regexp, topic string) bool {
	return slices.ContainsFunc(list, func(re *regexp.Regexp) bool { return re.MatchString(topic) })
}

func areRegexps() config.Validator {
	return config.Func("regular expressions", func(v any) error {
		list, _ := v.([]string)
		for _, pattern := range list {
			if _, err := javaregex.Compile(pattern); err != nil {
				return err
			}
		}
		return nil
	})
}
