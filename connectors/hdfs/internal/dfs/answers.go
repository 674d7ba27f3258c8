package dfs

import (
	"encoding/binary"
	"fmt"
	"net"
)

// maxAnswer is the longest answer of a name node that is read, in bytes: those to
// the calls of this package have less than one MiB.
const maxAnswer = 16 << 20

// answers is a connection to a name node. The client reserves as much memory as the
// node says that its answer has; answers ends the connection first when that is too
// much.
//
//	+---------------------+---------------------+
//	| 4 bytes: length n   | n bytes: the answer | and so on
//	+---------------------+---------------------+
type answers struct {
	net.Conn
	head [4]byte
	got  int    // bytes of head
	left uint32 // bytes of the answer that are not read yet
}

// Read returns bytes of one length or of one answer.
func (a *answers) Read(b []byte) (int, error) {
	if a.left > 0 {
		n, err := a.Conn.Read(b[:min(len(b), int(a.left))])
		a.left -= uint32(n)
		return n, err
	}
	n, err := a.Conn.Read(b[:min(len(b), len(a.head)-a.got)])
	a.got += copy(a.head[a.got:], b[:n])
	if a.got < len(a.head) {
		return n, err
	}
	a.got, a.left = 0, binary.BigEndian.Uint32(a.head[:])
	if a.left > maxAnswer {
		_ = a.Close()
		return 0, fmt.Errorf("name node %s begins an answer of %d bytes, more than %d: is it a name node?",
			a.RemoteAddr(), a.left, maxAnswer)
	}
	return n, err
}
