package claim

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"maps"
	"math/rand"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/suiro/suiro/connectors/filesets/storage"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
)

var (
	seedFlag = flag.Int64("model.seed", 0, "run the model with this seed only")
	runsFlag = flag.Int("model.runs", 200, "number of seeds to run the model with")
)

var errCrash = errors.New("crashed")
var errFault = errors.New("injected fault")

// request is an operation a writer wants to do; the writer waits for reply.
type request struct {
	writer *modelWriter
	op     storagetest.Op
	do     func() error
	reply  chan error
}

// model runs writers one storage operation at a time, in an order and with
// faults drawn from its seed.
type model struct {
	rng      *rand.Rand
	mem      *storagetest.Mem
	two      bool
	contents bool
	faults   bool
	wrap     func(storage.Storage) storage.Storage
	records  []int64
	waiting  []*request
	arrived  chan *request
	left     chan *modelWriter
	late     []func() error // requests that a network still holds
	trace    []string
}

// modelWriter is one life of a writer: a crash ends it.
type modelWriter struct {
	id      int
	crashed bool
}

func newModel(seed int64) *model {
	m := &model{rng: rand.New(rand.NewSource(seed)), mem: storagetest.NewMem(), faults: true,
		arrived: make(chan *request), left: make(chan *modelWriter)}
	m.two = m.rng.Intn(2) == 0
	m.contents = m.rng.Intn(2) == 0
	m.wrap = func(s storage.Storage) storage.Storage { return s }
	for o, n := int64(0), m.rng.Intn(60)+20; len(m.records) < n; o++ {
		if m.rng.Intn(4) > 0 {
			m.records = append(m.records, o)
		}
	}
	return m
}

// run starts writers, lets them fight for some steps and then lets a last one
// finish in peace.
func (m *model) run() {
	const writers, steps = 3, 4000
	next := 0
	for range writers {
		next = m.start(next)
	}
	for step, burst := 0, 0; step < steps && len(m.waiting) > 0; step++ {
		if burst == 0 { // the others are paused until the burst is over
			i := m.rng.Intn(len(m.waiting))
			m.waiting[0], m.waiting[i] = m.waiting[i], m.waiting[0]
			burst = 1 + m.rng.Intn(80)
		}
		burst--
		if len(m.late) > 0 && m.rng.Intn(8) == 0 {
			m.deliverLate()
		}
		alive := m.step()
		if !alive {
			burst = 0
			if m.rng.Intn(10) > 0 {
				next = m.start(next)
			}
		}
	}
	m.faults = false
	for _, r := range m.waiting {
		r.writer.crashed = true
		r.reply <- errCrash
		<-m.left
	}
	m.waiting = nil
	for len(m.late) > 0 {
		m.deliverLate()
	}
	m.start(next)
	for i := 0; i < 2*steps && m.step(); i++ {
	}
}

func (m *model) start(id int) int {
	w := &modelWriter{id: id}
	rng := rand.New(rand.NewSource(m.rng.Int63()))
	go func() {
		m.write(w, rng)
		m.left <- w
	}()
	m.await()
	return id + 1
}

// await waits until the writer that runs asks for an operation or ends.
func (m *model) await() bool {
	select {
	case r := <-m.arrived:
		m.waiting = slices.Insert(m.waiting, 0, r)
		return true
	case <-m.left:
		return false
	}
}

// step lets the first waiting writer do its operation, perhaps badly.
func (m *model) step() bool {
	if len(m.waiting) == 0 {
		return false
	}
	r := m.waiting[0]
	m.waiting = m.waiting[1:]
	var err error
	how := "ok"
	switch draw := m.rng.Intn(300); {
	case !m.faults || draw > 10:
		err = r.do()
	case draw < 3:
		how, err = "fails", errFault
	case draw < 6:
		how = "happens, but the answer is lost"
		_ = r.do()
		err = errFault
	case draw < 9 && r.op.Name != "write":
		how = "is late"
		m.late = append(m.late, r.do)
		err = errFault
	default:
		how, err = "crashes before", errCrash
		if m.rng.Intn(2) == 0 {
			how = "crashes after"
			_ = r.do()
		}
		r.writer.crashed = true
	}
	m.trace = append(m.trace, fmt.Sprintf("writer %d: %v: %s %v", r.writer.id, r.op, how, err))
	r.reply <- err
	return m.await()
}

func (m *model) deliverLate() {
	i := m.rng.Intn(len(m.late))
	err := m.late[i]()
	m.trace = append(m.trace, fmt.Sprintf("late request %d is served: %v", i, err))
	m.late = slices.Delete(m.late, i, i+1)
}

// write is a writer: it takes the partition and writes sets until all records
// are committed, releasing its claim and taking again after each error, as the
// sink does.
func (m *model) write(w *modelWriter, rng *rand.Rand) {
	hook := func(op storagetest.Op, do func() error) error {
		if w.crashed {
			return errCrash
		}
		r := &request{writer: w, op: op, do: do, reply: make(chan error)}
		m.arrived <- r
		return <-r.reply
	}
	l := NewLog(m.wrap(m.mem.With(hook, m.two)), "/root", "t", 0, nil)
	l.Contents = m.contents
	for !w.crashed {
		c, err := l.Take(context.Background())
		for err == nil {
			next, _ := c.Next()
			from, _ := slices.BinarySearch(m.records, next)
			if from == len(m.records) {
				return
			}
			err = writeSet(c, rng, m.records[from:])
		}
		if c != nil && rng.Intn(2) == 0 {
			_ = c.Release()
		}
	}
}

// writeSet commits some of the records in some files, interleaved.
func writeSet(c *Claim, rng *rand.Rand, records []int64) error {
	records = records[:1+rng.Intn(min(len(records), 12))]
	files := map[int]storage.File{}
	set := Set{First: records[0], Last: records[len(records)-1]}
	text := map[int]string{}
	for _, o := range records {
		text[rng.Intn(3)] += fmt.Sprintf("%d\n", o)
	}
	for _, i := range slices.Sorted(maps.Keys(text)) {
		temp := fmt.Sprintf("%d-%d", set.First, i)
		f, err := c.Create(temp)
		if err != nil {
			return err
		}
		if _, err := f.Write([]byte(text[i])); err != nil {
			return err
		}
		files[i] = f
		name := fmt.Sprintf("t/hour=%d/t+0+%d+%d", i, set.First, set.Last)
		set.Files = append(set.Files, File{Temp: temp, Path: name, Bytes: int64(len(text[i]))})
	}
	for _, i := range slices.Sorted(maps.Keys(files)) {
		if err := files[i].Close(); err != nil {
			return err
		}
	}
	if err := c.Commit(context.Background(), set); err != nil {
		return err
	}
	return c.Forget(func(Set) bool { return rng.Intn(2) == 0 })
}

// check counts every record in the final files exactly once.
func (m *model) check() error {
	seen := map[int64]int{}
	for p, data := range m.mem.Files("/root/t") {
		for _, line := range strings.Fields(string(data)) {
			o, err := strconv.ParseInt(line, 10, 64)
			if err != nil {
				return fmt.Errorf("%s: %v", path.Base(p), err)
			}
			seen[o]++
		}
	}
	for _, o := range m.records {
		if seen[o] != 1 {
			return fmt.Errorf("record %d is there %d times, want once", o, seen[o])
		}
	}
	if len(seen) != len(m.records) {
		return fmt.Errorf("%d records are there, want %d", len(seen), len(m.records))
	}
	for p := range m.mem.Files("/root/+commits") {
		if path.Ext(p) != done {
			return fmt.Errorf("%s is not finished", p)
		}
	}
	return nil
}

func TestModelEveryRecordOnce(t *testing.T) {
	first, runs := int64(1), *runsFlag
	if *seedFlag != 0 {
		first, runs = *seedFlag, 1
	}
	for seed := first; seed < first+int64(runs); seed++ {
		m := newModel(seed)
		m.run()
		if err := m.check(); err != nil {
			if *seedFlag != 0 {
				t.Log(strings.Join(m.trace, "\n"))
			}
			t.Fatalf("seed %d (run it alone with -model.seed=%d): %v", seed, seed, err)
		}
	}
}

// TestModelSeesABrokenProtocol shows that the checker finds what it is for.
func TestModelSeesABrokenProtocol(t *testing.T) {
	cases := map[string]func(storage.Storage) storage.Storage{
		"others are not fenced":               func(s storage.Storage) storage.Storage { return &unfenced{Storage: s} },
		"fenced claims are not disarmed":      func(s storage.Storage) storage.Storage { return armed{s} },
		"a pending set is taken for finished": func(s storage.Storage) storage.Storage { return unfinished{s} },
	}
	for name, wrap := range cases {
		t.Run(name, func(t *testing.T) {
			for seed := int64(400); seed < 5000; seed++ {
				m := newModel(seed)
				m.wrap = wrap
				m.run()
				if err := m.check(); err != nil {
					t.Logf("seed %d: %v", seed, err)
					return
				}
			}
			t.Error("the checker found nothing wrong")
		})
	}
}

// unfenced shows a writer no claim but its own.
type unfenced struct {
	storage.Storage
	own string
}

func (u *unfenced) Rename(from, to string) error {
	if path.Base(path.Dir(to)) == "live" {
		u.own = path.Base(to)
	}
	return u.Storage.Rename(from, to)
}

func (u *unfenced) List(dir string) iter.Seq2[storage.Entry, error] {
	return func(yield func(storage.Entry, error) bool) {
		for e, err := range u.Storage.List(dir) {
			if err == nil && path.Base(dir) == "live" && e.Name != u.own {
				continue
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// armed leaves uncommitted sets in fenced claims until the claims are swept.
type armed struct{ storage.Storage }

func (a armed) Remove(p string) error {
	if strings.HasPrefix(path.Base(p), setPrefix) {
		return nil
	}
	return a.Storage.Remove(p)
}

// unfinished shows pending sets as done.
type unfinished struct{ storage.Storage }

func (u unfinished) List(dir string) iter.Seq2[storage.Entry, error] {
	return func(yield func(storage.Entry, error) bool) {
		for e, err := range u.Storage.List(dir) {
			if s, ok := strings.CutSuffix(e.Name, pending); ok {
				e.Name = s + done
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

func (u unfinished) ReadFile(p string, limit int64) ([]byte, error) {
	data, err := u.Storage.ReadFile(p, limit)
	if s, ok := strings.CutSuffix(p, done); ok && err != nil {
		return u.Storage.ReadFile(s+pending, limit)
	}
	return data, err
}
