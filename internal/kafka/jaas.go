package kafka

import (
	"errors"
	"fmt"
	"strings"
)

// jaasEntry is one login module of a JAAS configuration:
//
//	org.apache.kafka.common.security.plain.PlainLoginModule required
//	  username="shop" password="secret";
type jaasEntry struct {
	module  string
	options map[string]string
}

// The login modules of the mechanisms, without their Java packages.
var jaasModules = map[string]string{
	mechanismPlain:       "PlainLoginModule",
	mechanismScramSHA256: "ScramLoginModule",
	mechanismScramSHA512: "ScramLoginModule",
}

// check compares the entry with the mechanism. An unknown mechanism is reported
// elsewhere.
func (e jaasEntry) check(mechanism string) error {
	want := jaasModules[mechanism]
	if short := e.module[strings.LastIndexByte(e.module, '.')+1:]; want != "" && short != want {
		return fmt.Errorf("login module %s does not fit sasl.mechanism %s, which takes %s", short, mechanism, want)
	}
	for _, name := range []string{"username", "password"} {
		if e.options[name] == "" {
			return fmt.Errorf("no %s in the login module's options", name)
		}
	}
	return nil
}

// parseJAAS reads one entry. Its errors never show a value.
func parseJAAS(text string) (jaasEntry, error) {
	tokens, err := jaasTokens(text)
	if err != nil {
		return jaasEntry{}, err
	}
	if n := len(tokens); n == 0 || tokens[n-1] != (jaasToken{text: ";"}) {
		return jaasEntry{}, errors.New("must end with a semicolon")
	}
	tokens = tokens[:len(tokens)-1]
	if len(tokens) < 2 {
		return jaasEntry{}, errors.New("must begin with a login module and a control flag such as required")
	}
	switch strings.ToLower(tokens[1].text) {
	case "required", "requisite", "sufficient", "optional":
	default:
		return jaasEntry{}, errors.New("the word after the login module must be required, requisite, sufficient or optional")
	}
	entry := jaasEntry{module: tokens[0].text, options: map[string]string{}}
	for rest := tokens[2:]; len(rest) > 0; rest = rest[3:] {
		if len(rest) < 3 || rest[1] != (jaasToken{text: "="}) || rest[2].bare("=;") || rest[0].bare("=;") {
			return jaasEntry{}, errors.New("options must be written name=\"value\"")
		}
		entry.options[rest[0].text] = rest[2].text
	}
	return entry, nil
}

type jaasToken struct {
	text   string
	quoted bool
}

// bare reports whether the token is one of the punctuation characters.
func (t jaasToken) bare(chars string) bool {
	return !t.quoted && len(t.text) == 1 && strings.Contains(chars, t.text)
}

func jaasTokens(text string) ([]jaasToken, error) {
	var out []jaasToken
	for {
		text = strings.TrimLeft(text, " \t\r\n")
		if text == "" {
			return out, nil
		}
		switch c := text[0]; c {
		case '=', ';':
			out = append(out, jaasToken{text: text[:1]})
			text = text[1:]
		case '"', '\'':
			value, rest, ok := unquoteJAAS(text[1:], c)
			if !ok {
				return nil, errors.New("a quotation mark is not closed")
			}
			out = append(out, jaasToken{text: value, quoted: true})
			text = rest
		default:
			end := strings.IndexAny(text, " \t\r\n=;\"'")
			if end < 0 {
				end = len(text)
			}
			out = append(out, jaasToken{text: text[:end]})
			text = text[end:]
		}
	}
}

// unquoteJAAS reads up to the closing quote; a backslash takes the next
// character as it is.
func unquoteJAAS(text string, quote byte) (value, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case c == quote:
			return b.String(), text[i+1:], true
		default:
			b.WriteByte(c)
		}
	}
	return "", "", false
}
