package configs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

// patience is how long a write and reading it back may take together, as in Kafka
// Connect.
const patience = 30 * time.Second

// ErrFenced is returned by what only the leader may write when another worker has
// claimed that right since. Nothing was written. A worker that was the leader must join
// its group again to learn who is.
var ErrFenced = errors.New("another worker has claimed the right to write to the config topic")

// ErrUnclaimed is returned by what only the leader may write before [Store.Claim].
var ErrUnclaimed = errors.New("the right to write to the config topic was not claimed")

// Options are what Go code passes to a store; nil is fine.
type Options struct {
	// Listener is called with each change that is read after the store was opened, in
	// their order and never from two goroutines at a time. It must not wait for
	// anything, and may call Snapshot but no other method of the store. Default: nobody
	// is told.
	Listener func(Update)
	// Replication is how many replicas a topic gets that is made; -1 is the broker's
	// default. Default: 3.
	Replication int16
	// Settings are those of a topic that is made, such as min.insync.replicas: what a
	// worker has as config.storage.*. It is compacted whatever they say. Default: the
	// broker's.
	Settings map[string]string
	// TransactionalID fences: what only the leader may write is written in transactions
	// under this id, after Claim. Kafka Connect's is connect-cluster-<group.id>. Empty
	// writes without transactions, as Kafka Connect does when exactly-once sources are
	// disabled: then nothing keeps a worker from writing that wrongly takes itself for
	// the leader. Default: empty.
	TransactionalID string
	// Logger takes warnings about records that are not understood, and about the topic
	// when it cannot be read. Default: nothing is logged.
	Logger *slog.Logger
}

// log is where a store writes to and reads from.
type log interface {
	// write returns when the records are kept, all or none where the log fences.
	write(ctx context.Context, records ...record) error
	// lead is write for what only the leader may write.
	lead(ctx context.Context, records ...record) error
	// fences reports whether lead writes all or nothing.
	fences() bool
	// refresh reads to the end.
	refresh(ctx context.Context) error
	// run reads on until ctx is done.
	run(ctx context.Context) error
	claim(ctx context.Context) error
	release()
	close()
}

// Store keeps what a cluster was told to run. It is safe for concurrent use. Methods
// that write return when what they have written is in the Snapshot, after 30 seconds at
// most; after an error it may be written all the same, except for [ErrFenced] and
// [ErrUnclaimed].
type Store struct {
	machine *machine
	log     log
}

// Snapshot returns what is known now. It does not wait for anything.
func (s *Store) Snapshot() *State { return s.machine.snapshot() }

// Run reads what is written, until ctx is done; it then returns nil. While brokers are
// away it waits for them. It fails when the topic has a batch that is too large to be
// read, behind which nothing is known. It is called once.
func (s *Store) Run(ctx context.Context) error { return s.log.run(ctx) }

// Refresh reads to the end that the log has when it is called.
func (s *Store) Refresh(ctx context.Context) error { return s.log.refresh(ctx) }

// Claim takes the right to write what only the leader may write. Another worker that
// had it loses it, and what that one had begun to write is not kept. It does nothing when
// this store has the right already, or when it does not fence.
func (s *Store) Claim(ctx context.Context) error { return s.log.claim(ctx) }

// Release gives up the right that Claim took, on this worker alone: it is for one that
// is not the leader any more.
func (s *Store) Release() { s.log.release() }

// Close releases what the store holds. It is called once, after Run has returned.
func (s *Store) Close() { s.log.close() }

// put writes as the leader and reads back.
func (s *Store) put(ctx context.Context, what string, records ...record) error {
	return s.written(ctx, what, func(ctx context.Context) error { return s.log.lead(ctx, records...) })
}

// write writes as any worker may and reads back.
func (s *Store) write(ctx context.Context, what string, r record) error {
	return s.written(ctx, what, func(ctx context.Context) error { return s.log.write(ctx, r) })
}

func (s *Store) written(ctx context.Context, what string, write func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := write(ctx)
	if err == nil {
		err = s.log.refresh(ctx)
	}
	if errors.Is(err, kerr.MessageTooLarge) {
		err = fmt.Errorf("%w: make it smaller, or raise max.message.bytes of the topic", err)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", what, err)
	}
	return nil
}

// PutConnector writes a connector's configuration, and its target state unless that is
// empty. Kafka Connect has the connector's name in it, under the key name, and cannot
// start one without. The leader calls it.
func (s *Store) PutConnector(ctx context.Context, name string, config map[string]string, t TargetState) error {
	config = nonNil(config)
	r, err := encoded(connectorPrefix+name, properties{config})
	if err != nil {
		return err
	}
	records := []record{r}
	if t != "" { // before the configuration, so that nobody starts what is to be stopped
		first, err := encoded(targetPrefix+name, targetOf(t))
		if err != nil {
			return err
		}
		records = []record{first, r}
	}
	return s.put(ctx, "the configuration of connector "+name, records...)
}

// RemoveConnector removes a connector. The leader calls it.
func (s *Store) RemoveConnector(ctx context.Context, name string) error {
	return s.put(ctx, "that connector "+name+" is removed",
		record{connectorPrefix + name, nil}, record{targetPrefix + name, nil})
}

// PutTasks writes the configurations of all tasks of a connector, by number, and
// commits them. The leader calls it.
func (s *Store) PutTasks(ctx context.Context, name string, configs []map[string]string) error {
	records := make([]record, 0, len(configs)+1)
	for i, config := range configs {
		r, err := encoded(taskKey(name, i), properties{nonNil(config)})
		if err != nil {
			return err
		}
		records = append(records, r)
	}
	last, err := encoded(commitPrefix+name, commit{len(configs)})
	if err != nil {
		return err
	}
	what := "the configurations of the tasks of connector " + name
	if s.log.fences() || len(records) == 0 {
		return s.put(ctx, what, append(records, last)...)
	}
	// The commit must not be there without them.
	return s.written(ctx, what, func(ctx context.Context) error {
		if err := s.log.lead(ctx, records...); err != nil {
			return err
		}
		return s.log.lead(ctx, last)
	})
}

// PutTarget asks for a state of a connector. Any worker may call it.
func (s *Store) PutTarget(ctx context.Context, name string, t TargetState) error {
	r, err := encoded(targetPrefix+name, targetOf(t))
	if err != nil {
		return err
	}
	return s.write(ctx, "the target state of connector "+name, r)
}

// PutRestart asks all workers to restart what they run of a connector. The leader calls
// it.
func (s *Store) PutRestart(ctx context.Context, r RestartRequest) error {
	rec, err := encoded(restartPrefix+r.Connector, restart{r.IncludeTasks, r.OnlyFailed})
	if err != nil {
		return err
	}
	return s.put(ctx, "the request to restart connector "+r.Connector, rec)
}

// PutFencedTasks writes that the producers of all former tasks of a connector are
// fenced, and that it starts so many now. The leader calls it.
func (s *Store) PutFencedTasks(ctx context.Context, name string, tasks int) error {
	r, err := encoded(fencingPrefix+name, fencing{tasks})
	if err != nil {
		return err
	}
	return s.put(ctx, "how many tasks of connector "+name+" are fenced", r)
}

// PutSessionKey gives all workers a new key. The leader calls it.
func (s *Store) PutSessionKey(ctx context.Context, k SessionKey) error {
	r, err := encoded(sessionKeyKey, sessionKey(k))
	if err != nil {
		return err
	}
	return s.put(ctx, "the session key", r)
}

// PutLogger sets the level of a logger on all workers. Any worker may call it. The
// level is not checked.
func (s *Store) PutLogger(ctx context.Context, name, level string) error {
	r, err := encoded(loggerPrefix+name, logger{level})
	if err != nil {
		return err
	}
	return s.write(ctx, "the level of logger "+name, r)
}

// nonNil is {} in JSON and not null.
func nonNil(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
