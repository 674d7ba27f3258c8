package readback

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"time"

	"github.com/beltran/gohive"
)

// Options change how [CountTable] connects; nil is fine.
type Options struct {
	// User is who asks; default "suiro".
	User string
	// Password of the user; default one that authentication NONE ignores.
	Password string
	// Auth is hive.server2.authentication of the server: NONE, LDAP or CUSTOM,
	// which are all SASL PLAIN, or NOSASL. Default NONE.
	Auth string
}

// dialTimeout bounds the opening of the connection.
const dialTimeout = 10 * time.Second

// tableName is what Hive takes without quotes, with the database before it.
var tableName = regexp.MustCompile(`^[A-Za-z0-9_]+\.[A-Za-z0-9_]+$`)

// CountTable returns the rows of a table of Hive, database.table, as HiveServer2
// at addr, host:port, counts them: by reading them and not from statistics.
func CountTable(ctx context.Context, addr, table string, o *Options) (n int64, err error) {
	if !tableName.MatchString(table) {
		return 0, fmt.Errorf("count rows: %q is not a database.table of Hive", table)
	}
	conn, err := dial(ctx, addr, o)
	if err != nil {
		return 0, fmt.Errorf("connect to hiveserver2 at %s: %w: look whether it is up and takes binary "+
			"connections with this authentication", addr, err)
	}
	defer func() {
		if cerr := conn.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("close the session on hiveserver2 at %s: %w", addr, cerr)
		}
	}()
	if n, err = count(ctx, conn, table); err != nil {
		return 0, fmt.Errorf("count the rows of %s on hiveserver2 at %s: %w", table, addr, err)
	}
	return n, nil
}

func dial(ctx context.Context, addr string, o *Options) (*gohive.Connection, error) {
	host, portText, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("port %q is not a number", portText)
	}
	conf := gohive.NewConnectConfiguration()
	conf.Username, conf.ConnectTimeout = "suiro", dialTimeout
	conf.HiveConfiguration = map[string]string{"hive.compute.query.using.stats": "false"}
	conf.DialContext = func(_ context.Context, network, address string) (net.Conn, error) {
		d := net.Dialer{Timeout: dialTimeout}
		return d.DialContext(ctx, network, address)
	}
	auth := "NONE"
	if o != nil && o.User != "" {
		conf.Username = o.User
	}
	if o != nil && o.Password != "" {
		conf.Password = o.Password
	}
	if o != nil && o.Auth != "" {
		auth = o.Auth
	}
	switch auth {
	case "NONE", "LDAP", "CUSTOM", "NOSASL":
	default: // gohive panics
		return nil, fmt.Errorf("authentication %q: want NONE, LDAP, CUSTOM or NOSASL", auth)
	}
	return gohive.Connect(host, port, auth, conf)
}

func count(ctx context.Context, conn *gohive.Connection, table string) (n int64, err error) {
	cursor := conn.Cursor()
	defer cursor.Close()
	cursor.Exec(ctx, "SELECT count(*) FROM "+table)
	var refused gohive.HiveError // its text alone shows pointers
	if errors.As(cursor.Err, &refused) {
		return 0, errors.New(refused.Message)
	}
	if cursor.Err != nil {
		return 0, cursor.Err
	}
	if !cursor.HasMore(ctx) {
		return 0, errors.Join(errors.New("the answer has no row"), cursor.Err)
	}
	cursor.FetchOne(ctx, &n)
	return n, cursor.Err
}
