package ltsv

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
)

func ExampleFormatter_Append() {
	var r Record
	r.Add([]byte("host"), []byte("127.0.0.1"))
	r.Add([]byte("status"), []byte("200"))
	line, err := NewFormatter(nil).Append(nil, &r)
	fmt.Printf("%q %v\n", line, err)
	// Output: "host:127.0.0.1\tstatus:200" <nil>
}

func ExampleParser_Parse() {
	var r Record
	err := NewParser(nil).Parse(&r, []byte("host:127.0.0.1\tstatus:200"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for label, value := range r.Fields() {
		fmt.Printf("%s is %s\n", label, value)
	}
	// Output:
	// host is 127.0.0.1
	// status is 200
}

func TestFormatRefusesOrReplaces(t *testing.T) {
	tests := []struct {
		label, value string
		cause        error  // without a replacement
		replaced     string // with "_", or "" for an error
	}{
		{"a", "v", nil, "a:v"},
		{"a", "", nil, "a:"},
		{"a", "1\t2\n3\r4\x005", ErrControl, "a:1_2_3_4_5"},
		{"a b", "v", ErrLabel, "a_b:v"},
		{"a:b", "v", ErrLabel, "a_b:v"},
		{"", "v", ErrEmptyLabel, ""},
	}
	for _, tt := range tests {
		var r Record
		r.Add([]byte("x"), []byte("y"))
		r.Add([]byte(tt.label), []byte(tt.value))
		dst, err := NewFormatter(nil).Append([]byte("before"), &r)
		if !errors.Is(err, tt.cause) {
			t.Errorf("format %q:%q: error %v, want %v", tt.label, tt.value, err, tt.cause)
		}
		if err != nil && string(dst) != "before" {
			t.Errorf("format %q:%q leaves %q on error", tt.label, tt.value, dst)
		}
		dst, err = NewFormatter(&FormatOptions{Replacement: '_'}).Append(nil, &r)
		if want := "x:y\t" + tt.replaced; err == nil && string(dst) != want || (err == nil) != (tt.replaced != "") {
			t.Errorf("format %q:%q with replacement = %q, %v, want %q", tt.label, tt.value, dst, err, want)
		}
	}
}

func TestFormatReplacementOutsideLabelsIsAnErrorThere(t *testing.T) {
	var r Record
	r.Add([]byte("a b"), []byte("v"))
	_, err := NewFormatter(&FormatOptions{Replacement: ' '}).Append(nil, &r)
	if !errors.Is(err, ErrLabel) {
		t.Errorf("blank in a label replaced by a blank: %v, want %v", err, ErrLabel)
	}
}

func FuzzFormat(f *testing.F) {
	f.Add([]byte("host"), []byte("v\t1"), byte(' '))
	f.Add([]byte("名"), []byte{0}, byte(0))
	f.Fuzz(func(t *testing.T, label, value []byte, replacement byte) {
		var r, back Record
		r.Add(label, value)
		for _, o := range []*FormatOptions{nil, {Replacement: replacement}} {
			if o != nil && bytes.IndexByte([]byte("\x00\t\n\r"), replacement) >= 0 {
				continue
			}
			line, err := NewFormatter(o).Append(nil, &r)
			if err != nil {
				continue
			}
			if err := NewParser(nil).Parse(&back, line); err != nil {
				t.Fatalf("format wrote %q, which does not parse: %v", line, err)
			}
			if o == nil && show(&back) != show(&r) {
				t.Errorf("parse(format(x)) = %s, want %s", show(&back), show(&r))
			}
		}
	})
}

func BenchmarkFormat(b *testing.B) {
	var r Record
	if err := NewParser(nil).Parse(&r, sample); err != nil {
		b.Fatal(err)
	}
	f := NewFormatter(nil)
	var dst []byte
	b.SetBytes(int64(len(sample)))
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if dst, err = f.Append(dst[:0], &r); err != nil {
			b.Fatal(err)
		}
	}
}
