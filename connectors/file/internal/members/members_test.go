package members

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"
)

// member is gzip data of one member.
func member(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func readAll(packed string) (string, error) {
	r, err := New(strings.NewReader(packed))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(Patient{R: r, Halted: func() error { return nil }})
	return string(text), err
}

func TestMembersAreReadOneAfterAnother(t *testing.T) {
	packed := member(t, "a") + strings.Repeat(member(t, ""), 3*AtOnce) + member(t, "bc")
	if got, err := readAll(packed); got != "abc" || err != nil {
		t.Errorf("read %q, %v, want abc", got, err)
	}
	if _, err := readAll(packed[:len(packed)-3]); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a member that is cut off: %v, want %v", err, io.ErrUnexpectedEOF)
	}
	if _, err := readAll(packed + "rubbish of ten bytes"); !errors.Is(err, gzip.ErrHeader) {
		t.Errorf("rubbish after the members: %v, want %v", err, gzip.ErrHeader)
	}
}

func TestAReadIsHaltedBetweenMembers(t *testing.T) {
	r, err := New(strings.NewReader(strings.Repeat(member(t, ""), 10*AtOnce)))
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	_, err = Patient{R: r, Halted: func() error {
		if calls++; calls > 3 {
			return io.ErrClosedPipe
		}
		return nil
	}}.Read(make([]byte, 10))
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Read = %v, want what Halted returned", err)
	}
}

// FuzzMembers compares the reader with gzip.Reader, which reads the same members.
func FuzzMembers(f *testing.F) {
	f.Add([]byte(member(f, "a") + member(f, "") + member(f, "b")))
	f.Add([]byte(member(f, "abc")[:20]))
	f.Fuzz(func(t *testing.T, packed []byte) {
		got, gotErr := readAll(string(packed))
		var want []byte
		z, wantErr := gzip.NewReader(bytes.NewReader(packed))
		if wantErr == nil {
			want, wantErr = io.ReadAll(z)
		}
		if got != string(want) || (gotErr == nil) != (wantErr == nil) {
			t.Errorf("read %q, %v, want %q, %v", got, gotErr, want, wantErr)
		}
	})
}
