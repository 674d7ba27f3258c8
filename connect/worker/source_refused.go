package worker

import (
	"context"
	"errors"
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// refusal is a record that Kafka refused together with those that shared its
// batch or waited behind it.
type refusal struct {
	record *connect.SourceRecord
	out    *kgo.Record
	entry  *entry // holds the offset back meanwhile
}

// isRecordsFault reports whether Kafka refuses this record, or one of its
// batch, whatever happens.
func isRecordsFault(err error) bool {
	return errors.Is(err, kerr.MessageTooLarge) || errors.Is(err, kerr.RecordListTooLarge) ||
		errors.Is(err, kerr.InvalidRecord)
}

func (s *sourceRun) refuse(r refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = append(s.refused, r)
}

func (s *sourceRun) takeRefused() []refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.refused
	s.refused = nil
	return taken
}

// sendAlone sends refused records again, each in a batch of its own, so that
// only those that are at fault themselves are rejected.
func (s *sourceRun) sendAlone(ctx context.Context) error {
	refused := s.takeRefused()
	if len(refused) == 0 {
		return nil
	}
	if err := s.cl.Flush(ctx); err != nil {
		for _, r := range refused {
			s.refuse(r) // a flush that has more time sees to them
		}
		return fmt.Errorf("send refused records again: %w", err)
	}
	for _, r := range append(refused, s.takeRefused()...) {
		err := s.cl.ProduceSync(s.life, r.out).FirstErr()
		if err == nil {
			s.arrived(r.out, r.entry)
			continue
		}
		err = fmt.Errorf("write to topic %s: %w", r.out.Topic, err)
		if !isRecordsFault(err) {
			s.fail(err)
			return err
		}
		took := func(*connect.SourceRecord) *entry { return r.entry }
		if err := s.reject(r.record, at(KafkaProduce, "kgo.Client", err), took); err != nil {
			s.fail(err)
			return err
		}
	}
	return nil
}
