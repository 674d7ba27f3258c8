package naming

import (
	"strings"
)

// Heartbeats is the topic of the heartbeats.
const Heartbeats = "heartbeats"

// Policy is MirrorMaker 2's DefaultReplicationPolicy, or its IdentityReplicationPolicy.
type Policy struct {
	// Identity leaves the names of topics as they are.
	Identity bool
	// Source is the alias of the cluster that topics come from when Identity is set, whose names do
	// not say it.
	Source string
	// Separator stands between the alias of a cluster and the name of a topic, and is not empty.
	Separator string
	// PlainInternals makes the separator of MirrorMaker 2's own topics a dot, whatever Separator is.
	PlainInternals bool
}

// Remote returns what a topic of a cluster is called on the cluster that it is mirrored to.
func (p Policy) Remote(source, topic string) string {
	if p.keeps(topic) {
		return topic
	}
	return source + p.Separator + topic
}

// keeps reports whether a topic has the same name everywhere. Heartbeats say by their names where
// they come from under either policy.
func (p Policy) keeps(topic string) bool { return p.Identity && !strings.HasSuffix(topic, Heartbeats) }

// SourceOf returns the alias of the cluster that a topic was mirrored from, and false when it was
// not mirrored, as far as its name says.
func (p Policy) SourceOf(topic string) (alias string, remote bool) {
	if p.keeps(topic) {
		return p.Source, p.Source != ""
	}
	alias, rest, found := strings.Cut(topic, p.Separator)
	// Java's split drops empty parts at the end, so that "a." and "a.." are in one part.
	if !found || strings.ReplaceAll(rest, p.Separator, "") == "" {
		return "", false
	}
	return alias, true
}

// Upstream returns what a mirrored topic is called on the cluster that it came from, and false
// for a topic that was not mirrored.
func (p Policy) Upstream(topic string) (name string, remote bool) {
	if p.keeps(topic) {
		return topic, true
	}
	alias, remote := p.SourceOf(topic)
	if !remote {
		return "", false
	}
	return topic[len(alias)+len(p.Separator):], true
}

// Original returns what a topic is called on the cluster that it was first written to.
func (p Policy) Original(topic string) string {
	for {
		up, remote := p.Upstream(topic)
		if !remote || up == topic {
			return topic
		}
		topic = up
	}
}

// IsHeartbeats reports whether a topic holds heartbeats, of this cluster or of one upstream.
func (p Policy) IsHeartbeats(topic string) bool { return p.Original(topic) == Heartbeats }

// ReturnsTo reports whether a topic has come from a cluster, directly or by others, so that it would
// go round in a circle when it is mirrored there. Under the identity policy names do not tell.
func (p Policy) ReturnsTo(target, topic string) bool {
	for {
		source, remote := p.SourceOf(topic)
		if !remote {
			return false
		}
		if source == target {
			return true
		}
		up, _ := p.Upstream(topic)
		if up == topic {
			return false
		}
		topic = up
	}
}

// IsInternal reports whether a topic is Kafka's or MirrorMaker 2's own, and is not mirrored.
func (p Policy) IsInternal(topic string) bool {
	suffix := p.internalSeparator() + "internal"
	return strings.HasPrefix(topic, "__") || strings.HasPrefix(topic, ".") ||
		strings.HasPrefix(topic, "mm2") && strings.HasSuffix(topic, suffix) ||
		strings.HasSuffix(topic, p.internalSeparator()+"checkpoints"+suffix)
}

// OffsetSyncs returns the topic of the offset syncs of a cluster, the one of the two that the topic
// is not on.
func (p Policy) OffsetSyncs(alias string) string {
	s := p.internalSeparator()
	return "mm2-offset-syncs" + s + alias + s + "internal"
}

// Checkpoints returns the topic of the checkpoints of the groups of a cluster.
func (p Policy) Checkpoints(alias string) string {
	s := p.internalSeparator()
	return alias + s + "checkpoints" + s + "internal"
}

func (p Policy) internalSeparator() string {
	if p.PlainInternals {
		return "."
	}
	return p.Separator
}
