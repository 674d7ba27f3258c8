package rest

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/rest/internal/schema"
)

// part is a part of the OpenAPI document.
type part = map[string]any

// ownSchemas are those of types whose JSON is not what Go's kind of them says.
func ownSchemas() map[reflect.Type]schema.Schema {
	texts := func(values ...string) schema.Schema { return schema.Schema{"type": "string", "enum": values} }
	value := []schema.Schema{{"type": "string"}, {"type": "number"}, {"type": "boolean"}}
	config := schema.Schema{"type": "object", "maxProperties": api.MaxKeys,
		"additionalProperties": schema.Schema{"anyOf": value}}
	patch := maps.Clone(config)
	patch["additionalProperties"] = schema.Schema{"anyOf": value, "nullable": true}
	return map[reflect.Type]schema.Schema{
		reflect.TypeFor[api.Config]():      config,
		reflect.TypeFor[api.ConfigPatch](): patch,
		reflect.TypeFor[api.InitialState](): texts(string(api.InitialRunning), string(api.InitialPaused),
			string(api.InitialStopped)),
		reflect.TypeFor[api.ConnectorType](): texts(string(api.Source), string(api.Sink), string(api.Unknown)),
		reflect.TypeFor[api.State](): texts(string(api.Unassigned), string(api.Running), string(api.Paused),
			string(api.Failed), string(api.Restarting), string(api.Stopped)),
	}
}

// The parts of paths that are named, by their names in the table.
var pathParameters = []pathParameter{
	{"{c}", "connector", "string", "Name of a connector."},
	{"{t}", "task", "integer", "Number of a task, from 0."},
	{"{p}", "plugin", "string", "Class of a plugin, or an alias of it."},
	{"{l}", "logger", "string", "Name of a logger."},
}

type pathParameter struct{ short, name, kind, doc string }

// getOpenAPI answers with the table as an OpenAPI document.
func getOpenAPI(c *call) (answer, error) { return ok(openAPI(c.Server().Version)) }

// openAPI is the table as an OpenAPI document.
func openAPI(version string) part {
	set := schema.NewSet(ownSchemas())
	paths := map[string]part{}
	for _, r := range table() {
		path := r.Path
		for _, p := range pathParameters {
			path = strings.ReplaceAll(path, p.short, "{"+p.name+"}")
		}
		path = strings.TrimSuffix(path, "{$}")
		if paths[path] == nil {
			paths[path] = part{}
		}
		paths[path][strings.ToLower(r.Method)] = r.operation(set)
	}
	return part{
		"openapi": "3.0.3",
		"info": part{"title": "Kafka Connect REST API of Suiro", "version": version,
			"description": "What a worker answers: Kafka Connect's paths, bodies and status codes."},
		"paths":      paths,
		"components": part{"schemas": set.Named()},
	}
}

// operation describes one line of the table.
func (r route) operation(set *schema.Set) part {
	out := part{"summary": r.Doc, "operationId": r.id(), "tags": []string{r.tag()}, "responses": r.responses(set)}
	if parameters := r.parameters(); len(parameters) > 0 {
		out["parameters"] = parameters
	}
	if r.takes != nil {
		out["requestBody"] = part{"required": true, "content": jsonOf(set.Of(r.takes))}
	}
	return out
}

// id names the operation, such as getConnectorsConfig.
func (r route) id() string {
	out := strings.ToLower(r.Method)
	for word := range strings.FieldsFuncSeq(r.Path, func(c rune) bool { return strings.ContainsRune("/-.", c) }) {
		switch {
		case word == "{$}":
			word = "server"
		case word[0] == '{':
			word = pathParameters[slices.IndexFunc(pathParameters, func(p pathParameter) bool { return p.short == word })].name
		}
		out += strings.ToUpper(word[:1]) + word[1:]
	}
	return out
}

// tag is the resource that the path begins with.
func (r route) tag() string {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.Path, "/"), "/")
	switch first {
	case "connectors", "connector-plugins", "admin":
		return first
	}
	return "worker"
}

func (r route) parameters() (out []part) {
	for _, p := range pathParameters {
		if strings.Contains(r.Path, p.short) {
			out = append(out, part{"name": p.name, "in": "path", "required": true, "description": p.doc,
				"schema": part{"type": p.kind}})
		}
	}
	for _, q := range r.Query {
		of := part{"type": "string"} // any other value is taken too, and has no effect
		if q.Many {
			of = part{"type": "array", "items": of}
		}
		out = append(out, part{"name": q.Name, "in": "query", "description": q.Doc, "schema": of})
	}
	for _, header := range r.headers {
		out = append(out, part{"name": header, "in": "header", "required": true, "schema": part{"type": "string"},
			"description": "See Kafka Connect's KIP-507."})
	}
	return out
}

// responses describes the answers by their codes: those of the line, and those that
// every line has.
func (r route) responses(set *schema.Set) map[string]part {
	failed := jsonOf(set.Of(reflect.TypeFor[api.ErrorMessage]()))
	out := map[string]part{}
	for _, code := range slices.Concat(r.Statuses, []int{406, 413, 415, 500, 503}) {
		response := part{"description": http.StatusText(code)}
		switch {
		case out[strconv.Itoa(code)] != nil:
			continue
		case slices.Contains(r.Statuses, code) && (code < 300 || r.sameBody) && code != 204 && r.gives != nil:
			response["content"] = jsonOf(set.Of(r.gives))
		case code >= 400 && !r.fromRouter(code):
			response["content"] = failed
		}
		if code == http.StatusCreated {
			response["headers"] = part{"Location": part{"description": "Address of what was made.",
				"schema": part{"type": "string"}}}
		}
		out[strconv.Itoa(code)] = response
	}
	return out
}

// fromRouter reports whether an answer may come from the router, whose errors have no
// Content-Type.
func (r route) fromRouter(code int) bool {
	switch code {
	case http.StatusNotAcceptable, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		return true
	}
	return code == http.StatusNotFound && strings.Contains(r.Path, "{t}") // which is not a number
}

func jsonOf(s schema.Schema) part { return part{"application/json": part{"schema": s}} }
