package rest

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// Route is one line of the table of what the API answers, as its page describes it.
type Route struct {
	// Method and Path are those of the request; {c} in a path is the name of a
	// connector, {t} the number of a task, {p} the class or an alias of a plugin and
	// {l} the name of a logger.
	Method, Path string
	// Doc says in one sentence what the answer is.
	Doc string
	// Query are the parameters that the request may have.
	Query []Parameter
	// Statuses are the HTTP status codes that the answer may have, sorted. Those that
	// every route has are left out: 406 and 415 for a request that is not about JSON,
	// 413 for a body that is too large, 500 for an error that has no code of its own,
	// and 503 for a change while the worker starts or stops.
	Statuses []int
}

// Parameter is a parameter of a request, behind the question mark of its URL.
type Parameter struct {
	// Name is the parameter's name.
	Name string
	// Doc says in one sentence what it does.
	Doc string
	// Values are all that have an effect; others are as if the parameter were not
	// there. Empty for any text.
	Values []string
	// Many says that the parameter may be there more than once.
	Many bool
}

// Routes returns the table, in the order of its page.
func Routes() []Route {
	var out []Route
	for _, r := range table() {
		shown := r.Route
		shown.Path = strings.TrimSuffix(shown.Path, "{$}")
		out = append(out, shown)
	}
	return out
}

// route is a line of the table with the function that answers.
type route struct {
	Route    // whose path is a pattern of [http.ServeMux]
	answer   func(*call) (answer, error)
	takes    reflect.Type // of the body that is read, or nil
	gives    reflect.Type // of the body of an answer below 300, or nil
	sameBody bool         // the answer has this body whatever its status
	headers  []string     // that a request must have
	anyType  bool         // a request may say that it has a body of any type
}

// line begins a line of the table.
func line(method, path string, answer func(*call) (answer, error), doc string, statuses ...int) route {
	return route{Route: Route{Method: method, Path: path, Doc: doc, Statuses: statuses}, answer: answer}
}

func get(path string, answer func(*call) (answer, error), doc string, statuses ...int) route {
	return line(http.MethodGet, path, answer, doc, statuses...)
}

func put(path string, answer func(*call) (answer, error), doc string, statuses ...int) route {
	return line(http.MethodPut, path, answer, doc, statuses...)
}

func post(path string, answer func(*call) (answer, error), doc string, statuses ...int) route {
	return line(http.MethodPost, path, answer, doc, statuses...)
}

func patch(path string, answer func(*call) (answer, error), doc string, statuses ...int) route {
	return line(http.MethodPatch, path, answer, doc, statuses...)
}

func del(path string, answer func(*call) (answer, error), doc string, statuses ...int) route {
	return line(http.MethodDelete, path, answer, doc, statuses...)
}

// with adds a parameter.
func (r route) with(name, doc string, values ...string) route {
	r.Query = append(slices.Clip(r.Query), Parameter{Name: name, Doc: doc, Values: values})
	return r
}

// body says what type the body of a request has, by a value of that type.
func (r route) body(example any) route {
	r.takes = reflect.TypeOf(example)
	return r
}

// returns says what type the body of an answer has, by a value of that type.
func (r route) returns(example any) route {
	r.gives = reflect.TypeOf(example)
	return r
}

// signed says that only workers of the cluster may ask.
func (r route) signed() route {
	r.headers = []string{signatureHeader, algorithmHeader}
	return r
}

// changes reports whether an answer may change something.
func (r route) changes() bool {
	return r.Method != http.MethodGet && !strings.HasSuffix(r.Path, "/validate")
}

// maxBody is how long a body may be, in bytes.
func (r route) maxBody() int64 {
	if len(r.headers) > 0 && r.takes != nil {
		return maxTasks
	}
	return maxBody
}
