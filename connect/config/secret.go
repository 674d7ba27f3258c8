package config

import (
	"regexp"
	"strconv"
	"strings"
)

// Hidden is what stands for a secret in logs, errors and answers, as in Kafka's.
const Hidden = "[hidden]"

// Secret is a value that is never printed: it prints as [Hidden].
type Secret string

// String returns the text Kafka prints for a password.
func (Secret) String() string { return Hidden }

// GoString keeps %#v from showing the secret.
func (Secret) GoString() string { return Hidden }

// Shown returns what answers, logs and errors may show of the text that an operator
// wrote for the key: nothing of a [Password], unless it is a reference such as
// ${file:/run/secrets/kafka:password}, and any other text without the user
// information and the secret parameters of URLs, and without the secret fields of
// JSON.
func (k Key) Shown(text string) string {
	switch {
	case k.Type != Password:
		return showPlain(k.Name, text)
	case text == "" || wholeReference.MatchString(text):
		return text
	}
	return Hidden
}

// ShownUndeclared is [Key.Shown] for a key that nobody declares: one whose name is
// that of a secret is taken for a [Password].
func ShownUndeclared(name, text string) string {
	k := Key{Name: name}
	if secretName.MatchString(name) {
		k.Type = Password
	}
	return k.Shown(text)
}

// HoldsHidden reports whether text is, or has in the place of a secret, what
// [Key.Shown] and [HideURLs] show instead of one: whoever sends it has read it in an
// answer, and does not mean it as the secret.
func HoldsHidden(k Key, text string) bool {
	if k.Type == Password || secretName.MatchString(k.Name) {
		return strings.Contains(text, Hidden)
	}
	return hiddenInURL.MatchString(text) || hiddenInJSON.MatchString(text)
}

var (
	// secretName is how the names of keys end that hold secrets.
	secretName = regexp.MustCompile(`(?i)(pass(word|wd|phrase)|secret|token|credentials?|(api|access|private|secret)[._-]?key|` +
		`jaas[._-]config|user[._-]info|authorization|license)$`)
	// placeName is in the names of keys that hold URLs, which people also write
	// without a scheme.
	placeName      = regexp.MustCompile(`(?i)ur[il]|host|server|endpoint|proxy|broker`)
	withoutScheme  = regexp.MustCompile(`^[^\s/:@]*:[^\s@]*@`)
	wholeReference = regexp.MustCompile(`^\$\{[^{}]+\}$`)
	anyReference   = regexp.MustCompile(`\$\{[A-Za-z0-9_.-]+(:[^}]*)?\}`)
	secretParam    = regexp.MustCompile(`(?i)([?&;#][^=?&;#\s]*(?:pass(?:word|wd|phrase)|secret|token|` +
		`(?:api|access|private)[._-]?key|credential)[^=?&;#\s]*=)[^&;#\s"'<>]+`)
	secretField = regexp.MustCompile(`(?i)("[^"\\]*(?:pass(?:word|wd|phrase)|secret|token|` +
		`(?:api|access|private)[._-]?key|credential|authorization)[^"\\]*"\s*:\s*)"(?:[^"\\]|\\.)*"`)
	hiddenInURL  = regexp.MustCompile(`(^|,|://)\[hidden\]@|[?&;#][^=?&;#\s]*=\[hidden\]`)
	hiddenInJSON = regexp.MustCompile(`:\s*"\[hidden\]"`)
)

// showPlain is Shown for a key that is no password.
func showPlain(name, text string) string {
	text = HideURLs(secretField.ReplaceAllString(text, `${1}"`+Hidden+`"`))
	if !placeName.MatchString(name) {
		return text
	}
	items := strings.Split(text, ",")
	for i, item := range items {
		if bare := strings.TrimLeft(item, " \t"); !strings.Contains(item, "://") {
			items[i] = item[:len(item)-len(bare)] + withoutScheme.ReplaceAllLiteralString(bare, Hidden+"@")
		}
	}
	return strings.Join(items, ",")
}

// hideIn takes what is secret in the text of a key out of a message about it.
func (k *Key) hideIn(message, text string) string {
	parts := append(splitList(text), text)
	if k.Type == Password {
		parts = []string{text}
	}
	for _, part := range parts {
		quoted := strconv.Quote(part)
		if shown := k.Shown(part); part != "" && shown != part {
			message = strings.ReplaceAll(message, part, shown)
			message = strings.ReplaceAll(message, quoted[1:len(quoted)-1], shown)
		}
	}
	return HideURLs(message)
}

// HideURLs returns text without the user information of the URLs in it, and without
// the values of parameters that are called like secrets. Texts of others, such as the
// errors of clients, are passed through it before they are shown.
func HideURLs(text string) string {
	var b strings.Builder
	rest := text
	for {
		at := strings.Index(rest, "://")
		if at < 0 {
			break
		}
		at += len("://")
		b.WriteString(rest[:at])
		rest = rest[at:]
		if n := userInfo(rest); n > 0 {
			b.WriteString(Hidden)
			rest = rest[n:]
		}
	}
	b.WriteString(rest)
	if text = b.String(); !strings.Contains(text, "=") {
		return text
	}
	return secretParam.ReplaceAllString(text, "${1}"+Hidden)
}

// userInfo is the length of the user information, without the @, that a URL has
// after its scheme.
func userInfo(rest string) int {
	if end := strings.IndexAny(rest, " \t\r\n\"<>"); end >= 0 {
		rest = rest[:end]
	}
	if next := strings.Index(rest, "://"); next >= 0 {
		rest = rest[:next]
	}
	authority := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority = rest[:end]
	}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		return at
	}
	// A password with a slash that is not escaped: what follows the colon is no port.
	_, port, colon := strings.Cut(authority, ":")
	if colon && port != "" && strings.Trim(port, "0123456789") != "" && !strings.HasPrefix(authority, "[") {
		return max(0, strings.LastIndexByte(rest, '@'))
	}
	return 0
}

// unresolved says that a password holds a reference that nothing has replaced, or
// returns "".
func unresolved(text string) string {
	if ref := anyReference.FindString(text); ref != "" {
		return ref + " is a reference that nothing here replaces: write the value itself, or, in the files of a worker " +
			"and its connectors, name what replaces it in config.providers"
	}
	return ""
}
