package dfs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os/user"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/colinmarc/hdfs/v2"
	"github.com/colinmarc/hdfs/v2/hadoopconf"

	"github.com/suiro/suiro/connectors/filesets/storage"
)

var _ storage.Storage = (*FS)(nil)

// Options changes how a [FS] connects. Nil means all defaults.
type Options struct {
	// User is who the files belong to; default the user of the process.
	User string
	// ConfDir is the folder of core-site.xml and hdfs-site.xml; default none.
	ConfDir string
	// Clients is how many calls may be under way at a time; default 4.
	Clients int
	// Timeout bounds each read and write on a connection, and four times as long a
	// whole call; default 30 s.
	Timeout time.Duration
	// Umask is taken off the modes of new files (0666) and folders (0777); default
	// fs.permissions.umask-mode in ConfDir, or 022, as in Hadoop's own clients.
	Umask *fs.FileMode
}

// FS is a file system of HDFS.
type FS struct {
	opts    hdfs.ClientOptions
	timeout time.Duration
	umask   fs.FileMode
	slots   chan *slot
	done    chan struct{}
	once    sync.Once
	round   atomic.Int64 // grows with each trouble on the way

	mu    sync.Mutex
	conns map[net.Conn]bool // guarded by mu; open connections, closed by Close
}

// slot holds one client, nil when it has to be dialled.
type slot struct {
	client *hdfs.Client
	round  int64                    // the round it was dialled in
	conn   atomic.Pointer[net.Conn] // to the name node, nil before there is one
}

// dial connects the slot's client to a name node.
func (s *slot) dial(dial dialer) dialer {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		s.conn.Store(&c)
		return &answers{Conn: c}, nil
	}
}

// giveUp ends the call under way.
func (s *slot) giveUp() {
	if c := s.conn.Load(); c != nil {
		_ = (*c).Close()
	}
}

// dialer is how the client wants to be told how to connect.
type dialer = func(ctx context.Context, network, addr string) (net.Conn, error)

// New returns the file system of authority: host:port of a name node, several
// with commas between, or the name of a service that the configuration in
// Options.ConfDir describes. It does not dial.
func New(authority string, o *Options) (*FS, error) {
	if o == nil {
		o = &Options{}
	}
	opts, umask, err := clientOptions(authority, o)
	if err != nil {
		return nil, err
	}
	f := &FS{opts: opts, umask: umask, timeout: o.Timeout, conns: map[net.Conn]bool{}, done: make(chan struct{})}
	if f.timeout <= 0 {
		f.timeout = 30 * time.Second
	}
	n := o.Clients
	if n <= 0 {
		n = 4
	}
	f.slots = make(chan *slot, n)
	for range n {
		f.slots <- &slot{}
	}
	f.opts.DatanodeDialFunc = f.dial
	return f, nil
}

func clientOptions(authority string, o *Options) (opts hdfs.ClientOptions, umask fs.FileMode, err error) {
	conf := hadoopconf.HadoopConf{}
	if o.ConfDir != "" {
		if conf, err = hadoopconf.Load(o.ConfDir); err != nil {
			return opts, 0, fmt.Errorf("read hadoop configuration in %s: %w", o.ConfDir, err)
		}
	}
	opts = hdfs.ClientOptionsFromConf(conf)
	if opts.KerberosClient != nil {
		return opts, 0, fmt.Errorf("%s asks for Kerberos, which is not supported", o.ConfDir)
	}
	if umask, err = umaskOf(o, conf); err != nil {
		return opts, 0, err
	}
	if opts.Addresses, err = addresses(authority, conf); err != nil {
		return opts, 0, err
	}
	opts.User = o.User
	if opts.User == "" {
		u, err := user.Current()
		if err != nil {
			return opts, 0, fmt.Errorf("find the user to write to HDFS as: %w", err)
		}
		opts.User = u.Username
	}
	return opts, umask, nil
}

// umaskKey is Hadoop's.
const umaskKey = "fs.permissions.umask-mode"

func umaskOf(o *Options, conf hadoopconf.HadoopConf) (fs.FileMode, error) {
	if o.Umask != nil {
		return *o.Umask, nil
	}
	n, err := strconv.ParseUint(cmp.Or(conf[umaskKey], "022"), 8, 32)
	if err != nil || n > 0o777 {
		return 0, fmt.Errorf("%s in %s is %q: want octal digits, such as 027", umaskKey, o.ConfDir, conf[umaskKey])
	}
	return fs.FileMode(n), nil
}

// addresses returns the name nodes of an authority.
func addresses(authority string, conf hadoopconf.HadoopConf) ([]string, error) {
	if ids := conf["dfs.ha.namenodes."+authority]; ids != "" {
		var out []string
		for _, id := range strings.Split(ids, ",") {
			key := "dfs.namenode.rpc-address." + authority + "." + strings.TrimSpace(id)
			if conf[key] == "" {
				return nil, fmt.Errorf("name service %s: the hadoop configuration has no %s", authority, key)
			}
			out = append(out, conf[key])
		}
		return out, nil
	}
	if authority == "" {
		if out := conf.Namenodes(); len(out) > 0 {
			return out, nil
		}
		return nil, errors.New("no name node: write hdfs://host:port, or set hadoop.conf.dir")
	}
	out := strings.Split(authority, ",")
	for i, a := range out {
		if !strings.Contains(a, ":") {
			out[i] = a + ":8020"
		}
	}
	return out, nil
}

// dial connects with deadlines on all that follows.
func (f *FS) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	d := net.Dialer{Timeout: f.timeout}
	c, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed() {
		return nil, errors.Join(net.ErrClosed, c.Close())
	}
	f.conns[c] = true
	w := &conn{Conn: c, fs: f}
	// The client forgets a connection to a data node that refused a block.
	runtime.AddCleanup(w, f.forget, c)
	return w, nil
}

// forget closes a connection.
func (f *FS) forget(c net.Conn) {
	f.mu.Lock()
	delete(f.conns, c)
	f.mu.Unlock()
	_ = c.Close()
}

func (f *FS) closed() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// abandoned is a deadline for connections that nobody waits for any more.
var abandoned = time.Unix(1, 0)

// conn is a connection that gives up on a silent peer, and for good. Once it
// is abandoned it takes writes and sends nothing: a stream to a data node ends
// its goroutines only when its last writes do not fail.
type conn struct {
	net.Conn
	fs    *FS
	mu    sync.Mutex
	limit time.Time // guarded by mu; a deadline set by the client, or zero
}

// SetDeadline keeps the client's own deadline, which comes in addition to the
// timeout.
func (c *conn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limit = t
	switch {
	case t.IsZero():
		return nil
	case t.Equal(abandoned):
		c.fs.forget(c.Conn)
		return nil
	}
	return c.Conn.SetDeadline(t)
}

func (c *conn) isAbandoned() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.limit.Equal(abandoned)
}

func (c *conn) deadline() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.limit.IsZero() {
		return c.limit
	}
	return time.Now().Add(c.fs.timeout)
}

func (c *conn) Read(b []byte) (int, error) {
	if err := c.Conn.SetReadDeadline(c.deadline()); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(b)
	if err != nil {
		_ = c.Close()
	}
	return n, err
}

func (c *conn) Write(b []byte) (int, error) {
	if c.isAbandoned() {
		return len(b), nil
	}
	if err := c.Conn.SetWriteDeadline(c.deadline()); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(b)
	if err != nil {
		_ = c.Close()
	}
	return n, err
}

func (c *conn) Close() error {
	c.fs.forget(c.Conn)
	return nil
}

// call does one thing with a client. An error that is not the name node's
// answer costs all clients: the next calls dial again.
func (f *FS) call(do func(*hdfs.Client) error) error {
	var s *slot
	select {
	case <-f.done:
		return net.ErrClosed
	case s = <-f.slots:
	}
	defer func() { f.slots <- s }()
	round := f.round.Load()
	if s.client != nil && s.round != round {
		f.drop(s) // what another client met is likely to have met this one too
	}
	watch := time.AfterFunc(f.patience(), s.giveUp)
	defer watch.Stop()
	if s.client == nil {
		opts := f.opts
		opts.NamenodeDialFunc = s.dial(f.dial)
		c, err := hdfs.NewClient(opts)
		if err != nil {
			return fmt.Errorf("connect to name node %s: %w", strings.Join(f.opts.Addresses, ","), explain(err))
		}
		s.client, s.round = c, round
	}
	err := do(s.client)
	if err != nil && !answered(err) {
		f.round.CompareAndSwap(round, round+1)
		f.drop(s)
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w for user %s", err, f.opts.User)
	}
	return explain(err)
}

// patience is how long a call may take, however busy its connection is: a peer that
// sends a byte now and then must not hold it for ever.
func (f *FS) patience() time.Duration { return 4 * f.timeout }

func (f *FS) drop(s *slot) {
	_ = s.client.Close()
	s.client = nil
}

// answered reports whether an error is what the name node said, as opposed to
// trouble on the way.
func answered(err error) bool {
	var remote hdfs.Error
	return errors.As(err, &remote) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) ||
		errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrInvalid)
}

// explain adds what the client's text does not say.
func explain(err error) error {
	if err == nil {
		return nil
	}
	if strings.Contains(err.Error(), "unexpected sequence number") {
		return fmt.Errorf("%w (a name node that asks for Kerberos answers so; Kerberos is not supported): %w", err,
			storage.ErrRefused)
	}
	var remote hdfs.Error
	if !errors.As(err, &remote) {
		return err
	}
	first, _, _ := strings.Cut(remote.Message(), "\n")
	err = fmt.Errorf("%s: %s: %w", remote.Method(), first, shortError{err})
	if forGood[remote.Exception()] {
		return fmt.Errorf("%w: %w", err, storage.ErrRefused)
	}
	return err
}

// forGood are the name node's answers that waiting does not change.
var forGood = map[string]bool{
	"org.apache.hadoop.fs.ParentNotDirectoryException":                               true,
	"org.apache.hadoop.fs.InvalidPathException":                                      true,
	"org.apache.hadoop.hdfs.protocol.FSLimitException$PathComponentTooLongException": true,
	"org.apache.hadoop.ipc.RpcNoSuchProtocolException":                               true,
	"org.apache.hadoop.ipc.RpcNoSuchMethodException":                                 true,
	"org.apache.hadoop.ipc.RPC$VersionMismatch":                                      true,
}

// shortError keeps a remote error's identity without its stack trace.
type shortError struct{ error }

func (s shortError) Error() string {
	var remote hdfs.Error
	errors.As(s.error, &remote)
	return remote.Exception()
}
func (s shortError) Unwrap() error { return s.error }

// Close implements [storage.Storage].
func (f *FS) Close() error {
	f.once.Do(func() {
		close(f.done)
		f.mu.Lock()
		defer f.mu.Unlock()
		for c := range f.conns {
			_ = c.Close()
		}
		for range cap(f.slots) {
			go f.retire()
		}
	})
	return nil
}

// retire closes the client of one slot once its call has ended; its connection
// is closed, so that is soon.
func (f *FS) retire() {
	if s := <-f.slots; s.client != nil {
		_ = s.client.Close()
	}
}
