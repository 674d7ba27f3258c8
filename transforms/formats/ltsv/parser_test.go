package ltsv

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// show writes a record so that every byte is seen.
func show(r *Record) string {
	var b strings.Builder
	for label, value := range r.Fields() {
		fmt.Fprintf(&b, "(%s=%s)", strings.Trim(fmt.Sprintf("%q", label), `"`), strings.Trim(fmt.Sprintf("%q", value), `"`))
	}
	return b.String()
}

func TestParseDecidesWhatTheGrammarLeavesOpen(t *testing.T) {
	tests := []struct {
		name, line      string
		strict, lenient any // the record as shown, or the cause of the error
		skipped         int
	}{
		{"two fields", "a:1\tb:2", "(a=1)(b=2)", "(a=1)(b=2)", 0},
		{"colon in value", "t:12:30", "(t=12:30)", "(t=12:30)", 0},
		{"empty value", "a:\tb:", "(a=)(b=)", "(a=)(b=)", 0},
		{"label bytes", "aZ09_.-:v", "(aZ09_.-=v)", "(aZ09_.-=v)", 0},
		{"dash", "a:-", "(a=-)", "(a=-)", 0},
		{"empty line", "", "", "", 0},
		{"only line feed", "\n", "", "", 0},
		{"LF end", "a:1\n", "(a=1)", "(a=1)", 0},
		{"CRLF end", "a:1\r\n", "(a=1)", "(a=1)", 0},
		{"CR end", "a:1\r", ErrControl, `(a=1\r)`, 0},
		{"CR inside", "a:1\r2", ErrControl, `(a=1\r2)`, 0},
		{"NUL", "a:1\x002", ErrControl, `(a=1\x002)`, 0},
		{"missing colon", "a:1\tb\tc:2", ErrMissingColon, "(a=1)(c=2)", 1},
		{"plain text", "hello", ErrMissingColon, "", 1},
		{"empty label", ":v\ta:1", ErrEmptyLabel, "(a=1)", 1},
		{"duplicate", "a:1\tb:2\ta:3", ErrDuplicate, "(a=3)(b=2)", 0},
		{"byte order mark", "\xef\xbb\xbfa:1", ErrByteOrderMark, "(a=1)", 0},
		{"only byte order mark", "\xef\xbb\xbf", ErrByteOrderMark, "", 0},
		{"invalid UTF-8", "a:\xff\xfe", `(a=\xff\xfe)`, `(a=\xff\xfe)`, 0},
		{"several records", "a:1\nb:2", ErrSeveralRecords, ErrSeveralRecords, 0},
		{"several, in a label", "a:1\tb\nc:2", ErrSeveralRecords, ErrSeveralRecords, 0},
		{"several, no colon", "a:1\tb\nc", ErrSeveralRecords, ErrSeveralRecords, 0},
		{"two line feeds", "a:1\n\n", ErrSeveralRecords, ErrSeveralRecords, 0},
		{"trailing TAB", "a:1\t", ErrMissingColon, "(a=1)", 0},
		{"leading TAB", "\ta:1", ErrMissingColon, "(a=1)", 0},
		{"doubled TAB", "a:1\t\tb:2", ErrMissingColon, "(a=1)(b=2)", 0},
		{"label not ASCII", "名:1", ErrLabel, "(名=1)", 0},
		{"blanks around", " a : 1 ", ErrLabel, "(a= 1 )", 0},
		{"blank label", " :1", ErrLabel, "", 1},
		{"blanks in value", "a: 1 ", "(a= 1 )", "(a= 1 )", 0},
		{"escape by hand", `a:1\tb:2\n`, `(a=1\\tb:2\\n)`, `(a=1\\tb:2\\n)`, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			check(t, &Options{}, tt.line, tt.strict, 0)
			check(t, &Options{Lenient: true}, tt.line, tt.lenient, tt.skipped)
		})
	}
}

func check(t *testing.T, o *Options, line string, want any, skipped int) {
	t.Helper()
	var r Record
	err := NewParser(o).Parse(&r, []byte(line))
	if cause, ok := want.(error); ok {
		if !errors.Is(err, cause) {
			t.Errorf("Parse(%q), lenient %v: error %v, want %v", line, o.Lenient, err, cause)
		}
		return
	}
	if err != nil {
		t.Fatalf("Parse(%q), lenient %v: %v", line, o.Lenient, err)
	}
	if got := show(&r); got != want {
		t.Errorf("Parse(%q), lenient %v = %s, want %s", line, o.Lenient, got, want)
	}
	if got := r.Skipped(); got != skipped {
		t.Errorf("Parse(%q), lenient %v skipped %d, want %d", line, o.Lenient, got, skipped)
	}
}

func TestDuplicatesFollowTheirOption(t *testing.T) {
	for _, tt := range []struct {
		how  Duplicates
		want any
	}{
		{RejectDuplicates, ErrDuplicate},
		{KeepFirst, "(a=1)(b=2)"},
		{KeepLast, "(a=3)(b=2)"},
	} {
		for _, lenient := range []bool{false, true} {
			check(t, &Options{Lenient: lenient, Duplicates: tt.how}, "a:1\tb:2\ta:3", tt.want, 0)
		}
	}
}

func TestErrorSaysWhereAndWhatHelps(t *testing.T) {
	tests := []struct{ line, want string }{
		{"a:1\tbroken field", `ltsv: line 1, byte 5, label "a": field has no colon in "broken field": ` +
			`write label:value, or parse leniently to skip the field`},
		{"host:x\ta b:1", `ltsv: line 1, byte 9, label "a b": byte not allowed in a label in " ": ` +
			`use only [0-9A-Za-z_.-], or parse leniently to keep it`},
		{"a:1\tb:x\x00y", `ltsv: line 1, byte 8, label "b": control byte not allowed in a value in "\x00": ` +
			`remove it where the line is written, or parse leniently to keep it`},
		{"a:1\ta:2", `ltsv: line 1, byte 5, label "a": duplicate label: ` +
			`write each label once, or choose to keep the first or the last`},
		{strings.Repeat("x", 1000), `ltsv: line 1, byte 1: field has no colon in "` + strings.Repeat("x", 40) +
			`"… (1000 bytes): write label:value, or parse leniently to skip the field`},
	}
	for _, tt := range tests {
		err := NewParser(nil).Parse(new(Record), []byte(tt.line))
		if err == nil || err.Error() != tt.want {
			t.Errorf("Parse(%.40q)\n got %v\nwant %s", tt.line, err, tt.want)
		}
	}
}

func TestRecordsReadsOnAfterABadLine(t *testing.T) {
	message := []byte("a:1\r\nbad\n\na:2\nc:3")
	var got []string
	for r, err := range NewParser(nil).Records(message) {
		var e *Error
		if errors.As(err, &e) {
			got = append(got, fmt.Sprintf("line %d: %v", e.Line, e.Err))
			continue
		}
		got = append(got, fmt.Sprintf("line %d: %s", r.Line(), show(r)))
	}
	want := []string{"line 1: (a=1)", "line 2: field has no colon", "line 4: (a=2)", "line 5: (c=3)"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("Records(%q)\n got %q\nwant %q", message, got, want)
	}
}

func TestLongLines(t *testing.T) {
	long := "a:1\tb:" + strings.Repeat("v", 1<<20)
	var r Record
	if err := NewParser(nil).Parse(&r, []byte(long)); err != nil {
		t.Fatal(err)
	}
	if v, _ := r.Value("b"); len(v) != 1<<20 {
		t.Errorf("value of %d bytes, want %d", len(v), 1<<20)
	}
	if err := NewParser(&Options{MaxBytes: 1 << 20}).Parse(&r, []byte(long)); !errors.Is(err, ErrTooLong) {
		t.Errorf("line over the bound: %v, want %v", err, ErrTooLong)
	}
}

func TestManyLabelsAreToldApart(t *testing.T) {
	var b bytes.Buffer
	const n = 50_000
	for i := range n {
		fmt.Fprintf(&b, "l%d:%d\t", i, i)
	}
	var r Record
	p := NewParser(nil)
	if err := p.Parse(&r, append(b.Bytes(), "last:1"...)); err != nil || r.Len() != n+1 {
		t.Fatalf("%d fields, error %v; want %d", r.Len(), err, n+1)
	}
	if err := p.Parse(&r, append(b.Bytes(), "l777:1"...)); !errors.Is(err, ErrDuplicate) {
		t.Errorf("duplicate among many: %v, want %v", err, ErrDuplicate)
	}
	if err := p.Parse(&r, []byte("l777:1")); err != nil || r.Len() != 1 {
		t.Errorf("after many, one field: %d fields, error %v", r.Len(), err)
	}
}

// sample is a record of 20 labels and 475 bytes.
var sample = []byte("time:2026-01-15T09:30:12.345Z\thost:web-17.example.com\tforwardedfor:-\t" +
	"req:GET /catalog/items/48213?page=2 HTTP/1.1\tmethod:GET\turi:/catalog/items/48213?page=2\tstatus:200\t" +
	"size:20480\treferer:https://example.com/\tua:Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0\treqtime:0.042\t" +
	"reqtime_microsec:42117\tapptime:0.037\tcache:HIT\truntime:0.033\tvhost:example.com\tprotocol:HTTP/1.1\t" +
	"user:-\tident:-\tcookie:sid=1f8x9k2m4q; uid=482913; lang=ja; ab=exp%2F12%3AB; q=mizu%20%E6%B0%B4%E8%B7%AF")

func TestParseDoesNotAllocate(t *testing.T) {
	p, f := NewParser(nil), NewFormatter(nil)
	var r Record
	dst := make([]byte, 0, 1024)
	n := testing.AllocsPerRun(100, func() {
		if err := p.Parse(&r, sample); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Append(dst, &r); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("parse and format allocate %v times, want 0", n)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{string(sample), "a:1\tb:2\n", "a:1\r\n", ":", "\t", "a:1\ta:2", "\xef\xbb\xbfa:1",
		"名:\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var r Record
		lenient := NewParser(&Options{Lenient: true}).Parse(&r, line)
		if err := NewParser(nil).Parse(&r, line); err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Byte < 1 || e.Byte > len(line)+1 || e.Error() == "" {
				t.Fatalf("error without a place in %d bytes: %v", len(line), err)
			}
			return
		}
		if lenient != nil {
			t.Fatalf("strict reads what lenient refuses: %v", lenient)
		}
		want := show(&r)
		out, err := NewFormatter(nil).Append(nil, &r)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out, trimEnd(line)) {
			t.Errorf("format(parse(%q)) = %q", line, out)
		}
		if err := NewParser(nil).Parse(&r, out); err != nil || show(&r) != want {
			t.Errorf("parse(format(x)) = %s, %v; want %s", show(&r), err, want)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	p := NewParser(nil)
	var r Record
	b.SetBytes(int64(len(sample)))
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Parse(&r, sample); err != nil {
			b.Fatal(err)
		}
	}
}
