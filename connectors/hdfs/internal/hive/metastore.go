package hive

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/beltran/gohive/hive_metastore"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/filesets/format"
)

// timeout bounds connecting and each answer.
const timeout = 30 * time.Second

// maxBatch bounds the partitions of one call.
const maxBatch = 500

// ErrRefused is wrapped by errors that waiting does not cure: the table is not
// one for these files, or the metastore says that something asked of it is
// wrong. A person has to act.
var ErrRefused = errors.New("hive refuses the files")

// Table is an external table over the files of a topic.
type Table struct {
	// Database and Name are the table's. The database must exist.
	Database, Name string
	// Location is the URI of the directory.
	Location string
	// Keys are the names of the partition columns, all of type string.
	Keys []string
	// Schema is that of the records. Fields that have the name of a key are left
	// out of the table.
	Schema *data.Schema
	// Format says how Hive reads files of the schema.
	Format format.Tables
}

// Partition is one directory of a table.
type Partition struct {
	// Values are those of the table's keys.
	Values []string
	// Location is the URI of the directory.
	Location string
}

// Metastore registers tables and partitions. One goroutine uses it, but for
// Interrupt. It connects when it has to, and again after an error.
type Metastore struct {
	addrs  []string
	client *hive_metastore.ThriftHiveMetastoreClient

	mu          sync.Mutex
	socket      *thrift.TSocket // guarded by mu
	interrupted bool            // guarded by mu
}

// New returns a Metastore at the first of addrs, host:port, that answers.
func New(addrs []string) *Metastore { return &Metastore{addrs: addrs} }

// Register makes the table if it is missing, gives it the columns that a schema
// adds, and adds partitions that it does not have. It may be repeated. kept means
// that the table has other columns than the schema and keeps them, because the
// schema does more than add fields at the end.
func (m *Metastore) Register(ctx context.Context, t Table, partitions []Partition) (kept bool, err error) {
	kept, err = m.register(ctx, t, partitions)
	if err != nil {
		_ = m.Close() // an answer that was not understood spoils the connection
		return false, fmt.Errorf("register %d partitions of hive table %s.%s: %w", len(partitions), t.Database,
			t.Name, refused(err))
	}
	return kept, nil
}

// Check finds out whether a metastore answers that has the database. It changes nothing.
func (m *Metastore) Check(ctx context.Context, database string) error {
	if err := m.connect(ctx); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, m.Interrupt)
	defer stop()
	_, err := m.client.GetDatabase(ctx, database)
	var missing *hive_metastore.NoSuchObjectException
	if errors.As(err, &missing) {
		return fmt.Errorf("hive has no database %s: make it, or set hive.database to another one", database)
	}
	if err != nil {
		return fmt.Errorf("ask hive for the database %s: %w", database, err)
	}
	return nil
}

// refused marks what the metastore will say again whenever it is asked.
func refused(err error) error {
	var invalid *hive_metastore.InvalidObjectException
	var operation *hive_metastore.InvalidOperationException
	if errors.As(err, &invalid) || errors.As(err, &operation) {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return err
}

// Close ends the connection.
func (m *Metastore) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.client = nil
	if m.socket == nil {
		return nil
	}
	err := m.socket.Close()
	m.socket = nil
	if m.interrupted {
		return nil // it was closed already
	}
	return err
}

// Interrupt makes the call under way, and all later ones, fail. It may be
// called from any goroutine.
func (m *Metastore) Interrupt() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.interrupted = true
	if m.socket != nil {
		_ = m.socket.Close()
	}
}

// keep remembers a connection for Interrupt.
func (m *Metastore) keep(s *thrift.TSocket) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.interrupted {
		return errors.Join(errors.New("interrupted"), s.Close())
	}
	m.socket = s
	return nil
}

func (m *Metastore) connect(ctx context.Context) error {
	if m.client != nil {
		return nil
	}
	var errs []error
	dialer := net.Dialer{Timeout: timeout}
	for _, addr := range m.addrs {
		c, err := dialer.DialContext(ctx, "tcp", addr)
		if err != nil {
			errs = append(errs, fmt.Errorf("connect to metastore %s: %w", addr, err))
			continue
		}
		conf := &thrift.TConfiguration{SocketTimeout: timeout}
		s := thrift.NewTSocketFromConnConf(c, conf)
		if err := m.keep(s); err != nil {
			return err
		}
		m.client = hive_metastore.NewThriftHiveMetastoreClientFactory(
			thrift.NewTBufferedTransport(s, 64<<10), thrift.NewTBinaryProtocolFactoryConf(conf))
		return ctx.Err()
	}
	return errors.Join(errs...)
}

func (m *Metastore) register(ctx context.Context, t Table, partitions []Partition) (kept bool, err error) {
	t.Schema = format.ForHive(t.Schema, t.Keys)
	files, err := t.Format.Table(t.Schema)
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if err := m.connect(ctx); err != nil {
		return false, err
	}
	table, err := m.table(ctx, t, files)
	if err != nil {
		return false, err
	}
	if err := matches(table, t, files); err != nil {
		return false, err
	}
	if kept, err = m.evolve(ctx, table, t, files); err != nil {
		return false, err
	}
	for batch := range slices.Chunk(partitions, maxBatch) {
		if err := m.add(ctx, table, batch); err != nil {
			return false, err
		}
	}
	return kept, nil
}

// table returns the table, made now if it is missing.
func (m *Metastore) table(ctx context.Context, t Table, files format.Table) (*hive_metastore.Table, error) {
	table, err := m.get(ctx, t)
	var missing *hive_metastore.NoSuchObjectException
	if !errors.As(err, &missing) {
		return table, err
	}
	if err := m.create(ctx, t, files); err != nil {
		var raced *hive_metastore.AlreadyExistsException
		if !errors.As(err, &raced) {
			return nil, fmt.Errorf("create the table: %w", err)
		}
	}
	return m.get(ctx, t)
}

func (m *Metastore) get(ctx context.Context, t Table) (*hive_metastore.Table, error) {
	req := hive_metastore.NewGetTableRequest()
	req.DbName, req.TblName = t.Database, t.Name
	res, err := m.client.GetTableReq(ctx, req)
	if err != nil {
		return nil, err
	}
	return res.Table, nil
}

func (m *Metastore) create(ctx context.Context, t Table, files format.Table) error {
	table := hive_metastore.NewTable()
	table.DbName, table.TableName, table.TableType = t.Database, t.Name, "EXTERNAL_TABLE"
	table.CreateTime = int32(time.Now().Unix())
	table.Parameters = maps.Clone(files.Properties)
	if table.Parameters == nil {
		table.Parameters = map[string]string{}
	}
	table.Parameters["EXTERNAL"] = "TRUE"
	for _, k := range t.Keys {
		table.PartitionKeys = append(table.PartitionKeys,
			&hive_metastore.FieldSchema{Name: strings.ToLower(k), Type: "string"})
	}
	table.Sd = &hive_metastore.StorageDescriptor{
		Cols: fieldSchemas(files.Columns), Location: t.Location,
		InputFormat: files.InputFormat, OutputFormat: files.OutputFormat, NumBuckets: -1,
		Parameters: map[string]string{},
		SerdeInfo: &hive_metastore.SerDeInfo{SerializationLib: files.SerDe,
			Parameters: map[string]string{"serialization.format": "1"}},
	}
	return m.client.CreateTable(ctx, table)
}

func fieldSchemas(columns []format.Column) []*hive_metastore.FieldSchema {
	out := make([]*hive_metastore.FieldSchema, len(columns))
	for i, c := range columns {
		out[i] = &hive_metastore.FieldSchema{Name: c.Name, Type: c.Type, Comment: c.Doc}
	}
	return out
}

// matches checks that a table found has the partition columns of the files and
// reads their format. A table of text reads whatever it is given, as rows that
// nobody wrote.
func matches(table *hive_metastore.Table, t Table, files format.Table) error {
	var have []string
	for _, k := range table.PartitionKeys {
		have = append(have, k.Name)
	}
	if got, want := strings.Join(have, ", "), strings.ToLower(strings.Join(t.Keys, ", ")); got != want {
		return fmt.Errorf("%w: the table's partition columns are (%s), those of the files (%s): drop the table "+
			"or choose another with hive.table.name", ErrRefused, got, want)
	}
	if got, want := table.Sd.InputFormat, files.InputFormat; got != want {
		return fmt.Errorf("%w: the table reads files by %s, and these need %s: drop the table or choose another with "+
			"hive.table.name", ErrRefused, className(got), className(want))
	}
	return nil
}

// className is a Java class without its package.
func className(class string) string { return class[strings.LastIndexByte(class, '.')+1:] }

// evolve replaces the table's schema by one that extends it. Columns and
// properties change together, and in the partitions too. A table that somebody
// else made in a way that does not tell its schema is left as it is.
func (m *Metastore) evolve(ctx context.Context, table *hive_metastore.Table, t Table, files format.Table) (
	kept bool, err error) {
	older, err := t.Format.TableSchema(table.Parameters)
	if err != nil || !format.Extends(t.Schema, older) {
		kept = !sameColumns(table.Sd.Cols, files.Columns) && (err != nil || !format.Extends(older, t.Schema))
		return kept, nil
	}
	table.Sd.Cols = fieldSchemas(files.Columns)
	maps.Copy(table.Parameters, files.Properties)
	cascade := &hive_metastore.EnvironmentContext{Properties: map[string]string{"CASCADE": "true"}}
	if err := m.client.AlterTableWithEnvironmentContext(ctx, t.Database, t.Name, table, cascade); err != nil {
		return false, fmt.Errorf("add columns: %w", err)
	}
	return false, nil
}

// sameColumns compares names and types.
func sameColumns(have []*hive_metastore.FieldSchema, want []format.Column) bool {
	return slices.EqualFunc(have, want, func(a *hive_metastore.FieldSchema, b format.Column) bool {
		return a.Name == b.Name && a.Type == b.Type
	})
}

func (m *Metastore) add(ctx context.Context, table *hive_metastore.Table, partitions []Partition) error {
	req := hive_metastore.NewAddPartitionsRequest()
	req.DbName, req.TblName, req.IfNotExists, req.NeedResult_ = table.DbName, table.TableName, true, false
	for _, p := range partitions {
		sd := *table.Sd
		sd.Location = p.Location
		part := hive_metastore.NewPartition()
		part.DbName, part.TableName, part.Values, part.Sd = table.DbName, table.TableName, p.Values, &sd
		part.CreateTime, part.Parameters = int32(time.Now().Unix()), map[string]string{}
		req.Parts = append(req.Parts, part)
	}
	_, err := m.client.AddPartitionsReq(ctx, req)
	return err
}
