package cookie

// RawName is where a header that cannot be read is kept among its cookies, by those that
// keep it.
const RawName = "_raw"

// Read returns the cookies of a header by name, their values decoded, as strings. Of a
// name that occurs twice the first counts. text makes a string of bytes.
//
// The error is that of the first pair that cannot be read. The other pairs are
// returned with it.
func Read(header []byte, text func([]byte) (string, error)) (map[string]any, error) {
	m := map[string]any{}
	var broken error
	for rest := header; ; {
		pair, name, value, next := Next(rest)
		if pair == nil {
			return m, broken
		}
		rest = next
		if err := readPair(m, pair, name, value, text); err != nil && broken == nil {
			broken = err
		}
	}
}

func readPair(m map[string]any, pair, name, value []byte, text func([]byte) (string, error)) error {
	if name == nil {
		return Broken("want name=value", pair)
	}
	key, err := text(name)
	if err != nil {
		return err
	}
	if _, ok := m[key]; ok {
		return nil
	}
	decoded, err := AppendDecoded(nil, value)
	if err != nil {
		return err
	}
	if m[key], err = text(decoded); err != nil {
		delete(m, key)
	}
	return err
}

// Kept returns the cookies of a header that cannot be read, with the text of the whole
// header under RawName. When there is a cookie of that name the text stands alone: it has
// that one and all others.
func Kept(cookies map[string]any, text string) map[string]any {
	if _, taken := cookies[RawName]; taken {
		return map[string]any{RawName: text}
	}
	cookies[RawName] = text
	return cookies
}
