package kafka

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseJAAS(t *testing.T) {
	for _, c := range []struct {
		text, module string
		options      map[string]string
		err          string
	}{
		{text: `a.PlainLoginModule required username="u" password="p";`, module: "a.PlainLoginModule",
			options: map[string]string{"username": "u", "password": "p"}},
		{text: "M Required\n  username = 'it\\'s'\n\tpassword=\"a;b=c \\\" d\" ;\n", module: "M",
			options: map[string]string{"username": "it's", "password": `a;b=c " d`}},
		{text: `M required username=u tokenauth=true;`, module: "M",
			options: map[string]string{"username": "u", "tokenauth": "true"}},
		{text: `M required password="";`, module: "M", options: map[string]string{"password": ""}},
		{text: `M required username="u"`, err: "semicolon"},
		{text: `M required username="u;`, err: "not closed"},
		{text: `M;`, err: "control flag"},
		{text: `M needed username="u";`, err: "required"},
		{text: `M required username "u";`, err: "name="},
		{text: `M required username=;`, err: "name="},
		{text: ``, err: "semicolon"},
	} {
		got, err := parseJAAS(c.text)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("parseJAAS(%q) = %v, want an error with %q", c.text, err, c.err)
			}
			continue
		}
		if want := (jaasEntry{c.module, c.options}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("parseJAAS(%q) = %v, %v, want %v", c.text, got, err, want)
		}
	}
}

func FuzzParseJAAS(f *testing.F) {
	f.Add("M", "u", "p")
	f.Add("a.b.ScramLoginModule", `q"uote`, `back\slash; `)
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	f.Fuzz(func(t *testing.T, module, user, pass string) {
		_, _ = parseJAAS(module + user + pass)
		text := `M required username="` + quote.Replace(user) + `" password="` + quote.Replace(pass) + `";`
		got, err := parseJAAS(text)
		if err != nil || got.options["username"] != user || got.options["password"] != pass {
			t.Errorf("parseJAAS(%q) = %v, %v, want the user %q and the password %q", text, got, err, user, pass)
		}
	})
}
