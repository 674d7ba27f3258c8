package readback

import (
	"net"
	"strings"
	"testing"
)

func TestCountTableSaysWhatIsWrong(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, addr, table string
		o                 *Options
		want              string
	}{
		{"no database", closed, "t", nil, "not a database.table"},
		{"an injection", closed, "d.t; drop table t", nil, "not a database.table"},
		{"no port", "127.0.0.1", "d.t", nil, "missing port"},
		{"nobody there", closed, "d.t", nil, "connection refused: look whether it is up"},
		{"unknown authentication", closed, "d.t", &Options{Auth: "KERBEROS"}, "want NONE, LDAP, CUSTOM or NOSASL"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := CountTable(t.Context(), test.addr, test.table, test.o)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("CountTable = %v, want an error with %q", err, test.want)
			}
		})
	}
}
