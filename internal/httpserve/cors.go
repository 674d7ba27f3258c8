package httpserve

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// preflightAge is for how long a browser may remember the answer to a preflight request,
// in seconds.
const preflightAge = "1800"

// simpleMethods are those that pages of other sites may use when nothing says which, as
// in Kafka Connect.
var simpleMethods = []string{http.MethodGet, http.MethodPost, http.MethodHead}

// origins are the sites whose pages may send requests (CORS).
type origins struct {
	names   []string // * or scheme://host:port, in which one * is any text without a slash
	methods []string
}

// newOrigins checks the sites.
func newOrigins(o Options) (origins, error) {
	out := origins{methods: o.AllowedMethods}
	if len(out.methods) == 0 {
		out.methods = simpleMethods
	}
	for _, name := range o.AllowedOrigins {
		if err := CheckOrigin(name); err != nil {
			return out, err
		}
		out.names = append(out.names, strings.ToLower(strings.TrimSuffix(name, "/")))
	}
	return out, nil
}

// CheckOrigin says what is wrong with one of [Options.AllowedOrigins], for a program that
// checks its configuration before it opens anything.
func CheckOrigin(name string) error {
	scheme, host, ok := strings.Cut(strings.TrimSuffix(name, "/"), "://")
	if name == "*" || ok && (scheme == "http" || scheme == "https") && host != "" && strings.Count(host, "*") <= 1 &&
		!strings.ContainsAny(host, "/@?# \t") {
		return nil
	}
	return fmt.Errorf("%q is not the origin of a page: write origins such as https://console.example.com or "+
		"https://*.example.com, or * for every page", name)
}

// allow reports whether pages of a site may send requests.
func (o origins) allow(origin string) bool {
	origin = strings.ToLower(origin)
	return origin != "" && slices.ContainsFunc(o.names, func(name string) bool {
		before, after, wild := strings.Cut(name, "*")
		if !wild || name == "*" {
			return name == "*" || name == origin
		}
		return len(origin) > len(before)+len(after) &&
			strings.HasPrefix(origin, before) && strings.HasSuffix(origin, after) &&
			!strings.Contains(origin[len(before):len(origin)-len(after)], "/")
	})
}

// share tells the browser of a page whether the page may have the answer, which may be
// that its request is refused. Cookies, and logins that the browser remembers, are never
// allowed.
func (o origins) share(w http.ResponseWriter, r *http.Request) {
	if len(o.names) == 0 {
		return
	}
	w.Header().Add("Vary", "Origin")
	if origin := r.Header.Get("Origin"); o.allow(origin) {
		w.Header().Set("Access-Control-Allow-Origin", origin)
	}
}

// answer reports whether the request was a browser's question whether it may send another
// one, and is answered.
func (o origins) answer(w http.ResponseWriter, r *http.Request) (done bool) {
	if !o.allow(r.Header.Get("Origin")) {
		return false
	}
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	w.Header().Set("Access-Control-Allow-Methods", strings.Join(o.methods, ","))
	w.Header().Set("Access-Control-Allow-Headers", "X-Requested-With,Content-Type,Accept,Origin,Authorization")
	w.Header().Set("Access-Control-Max-Age", preflightAge)
	w.WriteHeader(http.StatusOK)
	return true
}

// takes reports whether a page of a site may send a request with a method.
func (o origins) takes(r *http.Request) bool {
	return o.allow(r.Header.Get("Origin")) && (r.Method == http.MethodOptions || slices.Contains(o.methods, r.Method))
}
