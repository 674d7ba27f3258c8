package filesets

import (
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/filesets/filesetstest"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
	"github.com/suiro/suiro/transforms/formats/avro"
)

// rawAvro is a converter as a schema file makes it: bytes are a datum.
type rawAvro struct{ c *avro.Codec }

func (r rawAvro) Format() string { return connect.FormatAvro }
func (r rawAvro) FromConnect(_ string, _ *data.Schema, v any) ([]byte, error) {
	return r.c.Append(nil, v)
}
func (r rawAvro) ToConnect(_ string, raw []byte) (*data.Schema, any, error) {
	v, err := r.c.Decode(raw)
	return r.c.Schema(), v, err
}

// BenchmarkPrepareAvro is the work on one record: decode it, choose its
// directory by a field's time, encode it.
func BenchmarkPrepareAvro(b *testing.B) {
	codec, err := avro.NewCodec(filesetstest.Schema)
	if err != nil {
		b.Fatal(err)
	}
	conv := rawAvro{codec}
	sink := start(b, storagetest.NewMem())
	sink.Open(p0)
	w := sink.Task.(*task).writers[p0]
	r := filesetstest.Record(p0, 1)
	_, v, _ := r.Value.Decode()
	raw, err := conv.FromConnect("access", nil, v)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		r.Value = connect.Undecoded("access", raw, conv)
		if _, err := w.preparer.prepare(r); err != nil {
			b.Fatal(err)
		}
	}
}
