package rest

import (
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"
)

// cleanPaths takes /connectors/ for /connectors, as Kafka Connect does. A name may
// have any character, escaped; of the path as it was sent no segment is empty or dots,
// and what is escaped in it is UTF-8. Other paths are not in the table.
func cleanPaths(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		escaped := r.URL.EscapedPath()
		if len(escaped) > 1 {
			escaped = strings.TrimSuffix(escaped, "/")
		}
		plain, err := url.PathUnescape(escaped)
		if err != nil || !utf8.ValidString(plain) || !strings.HasPrefix(escaped, "/") || path.Clean(escaped) != escaped {
			writeRouterError(w, http.StatusNotFound)
			return
		}
		as, u := *r, *r.URL
		u.Path, u.RawPath = plain, escaped
		as.URL = &u
		next.ServeHTTP(w, &as)
	})
}

// acceptsJSON reports whether the client takes JSON.
func acceptsJSON(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept"), ",") {
		kind, _, _ := strings.Cut(part, ";")
		switch strings.TrimSpace(kind) {
		case "", "*/*", "application/*", "application/json":
			return true
		}
	}
	return false
}

// sendsJSON reports whether the body, if there is one, says that it is JSON.
func sendsJSON(r *http.Request, hasBody bool) bool {
	given := r.Header.Get("Content-Type")
	if given == "" {
		return !hasBody
	}
	kind, _, err := mime.ParseMediaType(given)
	return err == nil && kind == "application/json"
}
