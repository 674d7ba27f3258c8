package useragent

import (
	"strings"

	"github.com/ua-parser/uap-go/uaparser"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/memo"
)

const (
	// maxRead is how many bytes of a text are read. Those of browsers have up to 300.
	maxRead = 1000
	// maxKept and maxKeptBytes are how many texts a reader remembers, and about how many
	// bytes they take with what was read.
	maxKept      = 20_000
	maxKeptBytes = 16 << 20
	// mapBytes is about what a map of results takes.
	mapBytes = 600
)

// Reader reads texts. It is safe for concurrent use. What it returns is shared by those who
// ask for the same, and must not be changed.
type Reader struct {
	parser *uaparser.Parser
	read   *memo.Memo[string, map[string]any]
}

// New returns a reader. It takes 12 MB, and some tenths of a second.
func New() (*Reader, error) {
	parser, err := uaparser.New(uaparser.WithCacheSize(1)) // which must be positive; the memo is in front
	if err != nil {
		return nil, err
	}
	return &Reader{parser, memo.Sized[string, map[string]any](maxKept, maxKeptBytes)}, nil
}

// Schema returns the schema of what Read returns. All but bot may be null.
func Schema() *data.Schema {
	s := &data.Schema{Kind: data.Struct, Optional: true}
	for _, name := range []string{"name", "version", "os_name", "os_version", "device_name", "device_type"} {
		s.Fields = append(s.Fields, data.Field{Name: name, Schema: &data.Schema{Kind: data.String, Optional: true}})
	}
	s.Fields = append(s.Fields, data.Field{Name: "bot", Schema: &data.Schema{Kind: data.Boolean}})
	return s
}

// Read returns what a text says, with null for what it does not say:
//
//	name, version          of the browser, program or crawler
//	os_name, os_version    of the operating system
//	device_name            such as iPhone
//	device_type            desktop, phone, tablet or tv
//	bot                    whether it is a crawler
func (r *Reader) Read(text string) map[string]any {
	text = strings.ToValidUTF8(text[:min(len(text), maxRead)], "\uFFFD")
	if known, ok := r.read.Get(text); ok {
		return known
	}
	text = strings.Clone(text) // it may be a part of a large record
	return r.read.PutSized(text, r.parse(text), len(text)+mapBytes)
}

func (r *Reader) parse(text string) map[string]any {
	agent, os, device := r.parser.ParseUserAgent(text), r.parser.ParseOs(text), r.parser.ParseDevice(text)
	bot := device.Family == "Spider"
	out := map[string]any{"name": known(agent.Family), "version": known(agent.ToVersionString()),
		"os_name": known(os.Family), "os_version": known(os.ToVersionString()),
		"device_name": known(device.Family), "device_type": deviceType(text, os.Family), "bot": bot}
	if bot {
		out["device_name"] = nil // it says Spider
	}
	return out
}

// known returns a name, nil when it is not known.
func known(name string) any {
	if name == "" || name == "Other" {
		return nil
	}
	return name
}

// deviceType returns the kind of device, nil when it is not known. Browsers on phones say
// Mobile, and those on tablets with Android do not.
func deviceType(text, os string) any {
	has := func(parts ...string) bool {
		for _, part := range parts {
			if strings.Contains(text, part) {
				return true
			}
		}
		return false
	}
	switch {
	case has("TV", "BRAVIA", "Web0S", "Roku", "CrKey"):
		return "tv"
	case has("iPad", "Tablet"), os == "Android" && !has("Mobile"):
		return "tablet"
	case has("Mobile", "iPhone", "iPod", "Windows Phone", "Opera Mini"):
		return "phone"
	case os == "Android", os == "iOS", known(os) == nil:
		return nil
	}
	return "desktop"
}
