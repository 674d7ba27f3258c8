package hive

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/beltran/gohive/hive_metastore"
)

// timeout bounds connecting and each answer.
const timeout = 30 * time.Second

// maxBatch bounds the partitions of one call.
const maxBatch = 500

// Table is an external table of Avro files.
type Table struct {
	Database, Name string
	// Location is the URI of the directory.
	Location string
	// Keys are the names of the partition columns, all of type string.
	Keys []string
	// Schema is the Avro schema's text; "" when only partitions are added. Its
	// fields that have the name of a key are left out.
	Schema string
}

// Partition is one directory of a table.
type Partition struct {
	// Values are those of the table's keys.
	Values []string
	// Location is the URI of the directory.
	Location string
}

// Metastore registers tables and partitions. One goroutine uses it, but for
// Interrupt. It connects when it has to, and anew after an error.
type Metastore struct {
	addrs  []string
	client *hive_metastore.ThriftHiveMetastoreClient

	mu          sync.Mutex
	socket      *thrift.TSocket // guarded by mu
	interrupted bool            // guarded by mu
}

// New returns a Metastore at the first of addrs, host:port, that answers.
func New(addrs []string) *Metastore { return &Metastore{addrs: addrs} }

// Register makes the table if it is missing and adds partitions that it does
// not have. It may be repeated.
func (m *Metastore) Register(ctx context.Context, t Table, partitions []Partition) error {
	err := m.register(ctx, t, partitions)
	if err != nil {
		_ = m.Close() // an answer that was not understood spoils the connection
		return fmt.Errorf("register %d partitions of hive table %s.%s: %w", len(partitions), t.Database,
			t.Name, err)
	}
	return nil
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

func (m *Metastore) register(ctx context.Context, t Table, partitions []Partition) (err error) {
	if t.Schema != "" {
		if t.Schema, err = Without(t.Schema, t.Keys); err != nil {
			return err
		}
	}
	if err := m.connect(ctx); err != nil {
		return err
	}
	table, err := m.table(ctx, t)
	if err != nil {
		return err
	}
	if err := matches(table, t); err != nil {
		return err
	}
	if err := m.evolve(ctx, table, t); err != nil {
		return err
	}
	for len(partitions) > 0 {
		n := min(len(partitions), maxBatch)
		if err := m.add(ctx, table, partitions[:n]); err != nil {
			return err
		}
		partitions = partitions[n:]
	}
	return nil
}

// table returns the table, made now if it is missing.
func (m *Metastore) table(ctx context.Context, t Table) (*hive_metastore.Table, error) {
	table, err := m.get(ctx, t)
	var missing *hive_metastore.NoSuchObjectException
	if !errors.As(err, &missing) {
		return table, err
	}
	if err := m.create(ctx, t); err != nil {
		var raced *hive_metastore.AlreadyExistsException
		if !errors.As(err, &raced) {
			return nil, fmt.Errorf("create it: %w", err)
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

func (m *Metastore) create(ctx context.Context, t Table) error {
	if t.Schema == "" {
		return errors.New("its schema is not known")
	}
	columns, err := fieldSchemas(t.Schema)
	if err != nil {
		return err
	}
	table := hive_metastore.NewTable()
	table.DbName, table.TableName, table.TableType = t.Database, t.Name, "EXTERNAL_TABLE"
	table.CreateTime = int32(time.Now().Unix())
	table.Parameters = map[string]string{"EXTERNAL": "TRUE", literalKey: t.Schema}
	for _, k := range t.Keys {
		table.PartitionKeys = append(table.PartitionKeys,
			&hive_metastore.FieldSchema{Name: strings.ToLower(k), Type: "string"})
	}
	table.Sd = &hive_metastore.StorageDescriptor{Cols: columns, Location: t.Location,
		InputFormat:  "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
		OutputFormat: "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
		NumBuckets:   -1, Parameters: map[string]string{},
		SerdeInfo: &hive_metastore.SerDeInfo{SerializationLib: "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
			Parameters: map[string]string{"serialization.format": "1"}}}
	return m.client.CreateTable(ctx, table)
}

const literalKey = "avro.schema.literal"

func fieldSchemas(schema string) ([]*hive_metastore.FieldSchema, error) {
	columns, err := Columns(schema)
	if err != nil {
		return nil, err
	}
	out := make([]*hive_metastore.FieldSchema, len(columns))
	for i, c := range columns {
		out[i] = &hive_metastore.FieldSchema{Name: c.Name, Type: c.Type, Comment: c.Comment}
	}
	return out, nil
}

// matches checks that a table found has the partition columns of the files.
func matches(table *hive_metastore.Table, t Table) error {
	var have []string
	for _, k := range table.PartitionKeys {
		have = append(have, k.Name)
	}
	if got, want := strings.Join(have, ", "), strings.ToLower(strings.Join(t.Keys, ", ")); got != want {
		return fmt.Errorf("its partition columns are (%s), those of the files (%s): drop the table or "+
			"choose another with hive.table.name", got, want)
	}
	return nil
}

// evolve replaces the table's schema by one that extends it. Columns and
// literal change together, and in the partitions too.
func (m *Metastore) evolve(ctx context.Context, table *hive_metastore.Table, t Table) error {
	if !Extends(t.Schema, table.Parameters[literalKey]) {
		return nil
	}
	columns, err := fieldSchemas(t.Schema)
	if err != nil {
		return err
	}
	table.Sd.Cols, table.Parameters[literalKey] = columns, t.Schema
	cascade := &hive_metastore.EnvironmentContext{Properties: map[string]string{"CASCADE": "true"}}
	if err := m.client.AlterTableWithEnvironmentContext(ctx, t.Database, t.Name, table, cascade); err != nil {
		return fmt.Errorf("add columns: %w", err)
	}
	return nil
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
