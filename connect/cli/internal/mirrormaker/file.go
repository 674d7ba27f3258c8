package mirrormaker

import (
	"maps"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/memory"
)

// file is what a file says, before anything is made of it.
type file struct {
	props    map[string]string
	clusters []string
	shared   map[string]bool // the keys that all connectors have when they stand alone
	share    string          // of a flow in the memory of the process, in bytes
}

// value is a value with the key of the file that it comes from, "" for a default.
type value struct{ text, from string }

// layer is the configuration of one part.
type layer map[string]value

// props is the configuration without where it comes from.
func (l layer) props() map[string]string {
	out := make(map[string]string, len(l))
	for key, v := range l {
		out[key] = v.text
	}
	return out
}

// absent adds a value unless there is one.
func (l layer) absent(key string, v value) {
	if _, ok := l[key]; !ok {
		l[key] = v
	}
}

// without is the configuration without some keys.
func (l layer) without(keys map[string]bool) layer {
	out := maps.Clone(l)
	maps.DeleteFunc(out, func(key string, _ value) bool { return keys[key] })
	return out
}

// below adds the keys of the file that begin with a prefix, under the name that follows it.
func (f *file) below(prefix string, to layer) {
	for key, text := range f.props {
		if rest, ok := strings.CutPrefix(key, prefix); ok && rest != "" {
			to[rest] = value{text, key}
		}
	}
}

// isClientKey reports whether a key that stands alone is one of the clients of every cluster.
func isClientKey(key string) bool {
	return key == "bootstrap.servers" || key == "security.protocol" || strings.HasPrefix(key, "ssl.") ||
		strings.HasPrefix(key, "sasl.")
}

// cluster is what the file says about a cluster, under names without its alias.
func (f *file) cluster(alias string) layer {
	out := layer{}
	f.below(alias+".", out)
	for key, text := range f.props {
		if isClientKey(key) {
			out.absent(key, value{text, key})
		}
	}
	return out
}

// forWorkers begin the keys of workers that may stand alone: in MirrorMaker 2 and, from listeners on,
// those of the REST API and of the process, which is one for all flows.
var forWorkers = []string{"offset.storage", "config.storage", "status.storage", "key.converter", "value.converter",
	"header.converter", "task", "worker", "config.providers", "listeners", "admin.listeners", "rest.", "access.control.",
	"response.http.headers.config", "inter.worker.", "plugin."}

// isForWorkers reports whether a key that stands alone is one of workers.
func isForWorkers(key string) bool {
	return slices.ContainsFunc(forWorkers, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}

const bytesConverter = "org.apache.kafka.connect.converters.ByteArrayConverter"

// worker is the configuration of the worker of a flow.
func (f *file) worker(source, target string) layer {
	out := f.cluster(target)
	for key, text := range f.props {
		if isForWorkers(key) {
			out[key] = value{text, key}
		}
	}
	for key, text := range map[string]string{
		"client.id": source + "->" + target, "group.id": source + "-mm2",
		"offset.storage.topic": "mm2-offsets." + source + ".internal",
		"status.storage.topic": "mm2-status." + source + ".internal",
		"config.storage.topic": "mm2-configs." + source + ".internal",
		"key.converter":        bytesConverter, "value.converter": bytesConverter, "header.converter": bytesConverter,
	} {
		out.absent(key, value{text: text})
	}
	out[memory.MaxBytes] = value{f.share, memory.MaxBytes}
	return out
}

// isOfClients reports whether a key of a cluster is one of its clients of a kind.
func isOfClients(key string) bool {
	return strings.HasPrefix(key, "consumer") || strings.HasPrefix(key, "producer") || strings.HasPrefix(key, "admin")
}

// connector is the configuration of one of the connectors of a flow.
func (f *file) connector(source, target, name string) layer {
	out := layer{}
	for key, text := range f.props {
		if f.shared[key] || strings.HasPrefix(key, "replication.policy") {
			out[key] = value{text, key}
		}
	}
	for side, alias := range map[string]string{"source.": source, "target.": target} {
		for key, v := range f.cluster(alias) {
			if isOfClients(key) {
				out[side+key] = v
			} else {
				out[side+"cluster."+key] = v
			}
		}
	}
	out["source.cluster.alias"], out["target.cluster.alias"] = value{source, "clusters"}, value{target, "clusters"}
	f.below(source+"->"+target+".", out)
	out["name"], out["connector.class"] = value{text: name}, value{text: javaPackage + name}
	out.absent("enabled", value{text: "false"})
	return out
}

// enabled reports whether a flow mirrors topics, and whether it writes heartbeats, for which a flow
// that mirrors none runs as well: MirrorMaker 2 means the heartbeats of the flow the other way.
func (f *file) enabled(source, target string) (mirrors, beats bool) {
	const emit = "emit.heartbeats.enabled"
	flow := source + "->" + target + "."
	beats = true
	for _, key := range []string{emit, flow + emit} {
		if text, ok := f.props[key]; ok {
			beats = isTrue(text)
		}
	}
	return isTrue(f.props[flow+"enabled"]), beats
}

// count is how many flows run that lead to the targets; no targets are all.
func (f *file) count(targets []string) (n int) {
	for _, source := range f.clusters {
		for _, target := range f.clusters {
			mirrors, beats := f.enabled(source, target)
			if source != target && (mirrors || beats) && (len(targets) == 0 || slices.Contains(targets, target)) {
				n++
			}
		}
	}
	return n
}

// beats reports whether a flow writes heartbeats.
func (f *file) beats(source, target string) bool {
	_, beats := f.enabled(source, target)
	return beats
}

func isNeither(text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	return text != "true" && text != "false"
}

func isTrue(text string) bool { return strings.EqualFold(strings.TrimSpace(text), "true") }

// checkFlows says what is wrong with the keys of flows: clusters that there are not, and switches that
// are neither on nor off.
func (f *file) checkFlows() (errs config.Errors) {
	for _, key := range slices.Sorted(maps.Keys(f.props)) {
		source, rest, ok := strings.Cut(key, "->")
		if !ok {
			continue
		}
		target := f.targetOf(rest)
		switch {
		case !slices.Contains(f.clusters, source):
			errs = append(errs, unknownCluster(key, source, f.clusters))
		case target == "":
			alias, _, _ := strings.Cut(rest, ".")
			errs = append(errs, unknownCluster(key, alias, f.clusters))
		case source == target:
			errs = append(errs, config.KeyError{Fault: config.Unknown, Key: key,
				Message: "Unknown configuration \"" + key + "\": a cluster is not mirrored to itself"})
		case rest == target+".enabled" && isNeither(f.props[key]) && !f.beats(source, target):
			errs = append(errs, config.Errorf(key, f.props[key], "must be true or false")) // no connector says so
		}
	}
	return errs
}

// targetOf is the cluster that what follows -> in a key begins with, or "".
func (f *file) targetOf(rest string) string {
	found := ""
	for _, alias := range f.clusters {
		if strings.HasPrefix(rest, alias+".") && len(alias) > len(found) {
			found = alias
		}
	}
	return found
}

func unknownCluster(key, alias string, clusters []string) config.KeyError {
	message := "Unknown configuration \"" + key + "\": clusters has no cluster " + alias
	if near := config.Nearest(alias, clusters); near != "" {
		message += ", did you mean " + near + "?"
	}
	return config.KeyError{Fault: config.Unknown, Key: key, Message: message}
}
