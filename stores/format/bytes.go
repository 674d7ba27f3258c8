package format

import "encoding/binary"

// reader takes bytes apart from the front. After the first part that is missing, err is
// set and all parts are zero.
type reader struct {
	what string // for the error
	data []byte
	err  error
}

func (r *reader) take(n int) []byte {
	if r.err == nil && (n < 0 || n > len(r.data)) {
		r.err = damaged(r.what, "%d bytes are left of the %d that should follow", len(r.data), n)
	}
	if r.err != nil {
		return nil
	}
	part := r.data[:n:n]
	r.data = r.data[n:]
	return part
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) int32() int32 {
	if b := r.take(4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

func (r *reader) int64() int64 {
	if b := r.take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

// sized reads a length and that many bytes; the length -1 stands for nil.
func (r *reader) sized() []byte {
	if n := r.int32(); n != -1 {
		return r.take(int(n))
	}
	return nil
}

// rest takes all that is left, but for the last n bytes.
func (r *reader) rest(n int) []byte { return r.take(len(r.data) - n) }

// end returns the error of the reading, and one when something is left.
func (r *reader) end() error {
	if r.err == nil && len(r.data) > 0 {
		r.err = damaged(r.what, "%d bytes follow its end", len(r.data))
	}
	return r.err
}

func appendInt64(dst []byte, n int64) []byte { return binary.BigEndian.AppendUint64(dst, uint64(n)) }
func appendInt32(dst []byte, n int32) []byte { return binary.BigEndian.AppendUint32(dst, uint32(n)) }

// appendSized appends the length of data and data, or the length -1 for nil.
func appendSized(dst, data []byte) []byte {
	if data == nil {
		return appendInt32(dst, -1)
	}
	return append(appendInt32(dst, int32(len(data))), data...)
}
