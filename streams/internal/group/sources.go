package group

import (
	"maps"
	"slices"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Sources are the topics that an app reads, by their Kafka names. They change when topics
// appear that a pattern matches. All threads of an app share them.
type Sources struct {
	mu   sync.RWMutex
	subs map[string]int
}

// NewSources returns Sources of topics that subtopologies read.
func NewSources(subs map[string]int) *Sources { return &Sources{subs: maps.Clone(subs)} }

// Sub returns the subtopology that reads a topic.
func (s *Sources) Sub(topic string) (int, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	id, ok := s.subs[topic]
	return id, ok
}

// Topics returns the topics, sorted.
func (s *Sources) Topics() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return sortedKeys(s.subs)
}

// Set replaces the topics, and returns which came and which went.
func (s *Sources) Set(subs map[string]int) (came, went []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, topic := range sortedKeys(subs) {
		if _, ok := s.subs[topic]; !ok {
			came = append(came, topic)
		}
	}
	for _, topic := range sortedKeys(s.subs) {
		if _, ok := subs[topic]; !ok {
			went = append(went, topic)
		}
	}
	s.subs = maps.Clone(subs)
	return came, went
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Balancer gives out the tasks of an app whose topics these are. grouped says that a task
// may have several partitions.
func (s *Sources) Balancer(grouped bool) kgo.GroupBalancer {
	if !grouped {
		return kgo.CooperativeStickyBalancer()
	}
	return Balancer{GroupBalancer: kgo.CooperativeStickyBalancer(), Sub: s.Sub}
}
