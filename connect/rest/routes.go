package rest

import "net/http"

// route is one line of the table: the function that answers a method on a path.
type route struct {
	method string
	path   string // a pattern of [http.ServeMux]
	answer func(*call) (answer, error)
}

// routes are all that the API answers. HEAD goes where GET does, and OPTIONS
// lists the methods of a path.
var routes = []route{
	{http.MethodGet, "/{$}", getServer},
	{http.MethodGet, "/health", getHealth},

	{http.MethodGet, "/connectors", getConnectors},
	{http.MethodGet, "/connectors/{c}", getConnector},
	{http.MethodGet, "/connectors/{c}/config", getConnectorConfig},
	{http.MethodGet, "/connectors/{c}/status", getConnectorStatus},

	{http.MethodGet, "/connectors/{c}/tasks", getTasks},
	{http.MethodGet, "/connectors/{c}/tasks/{t}/status", getTaskStatus},

	{http.MethodGet, "/connectors/{c}/topics", getTopics},
	{http.MethodPut, "/connectors/{c}/topics/reset", putTopicsReset},

	{http.MethodGet, "/connector-plugins", getPlugins},
	{http.MethodGet, "/connector-plugins/{p}/config", getPluginConfig},
	{http.MethodPut, "/connector-plugins/{p}/config/validate", putPluginValidate},

	{http.MethodGet, "/admin/loggers", getLoggers},
	{http.MethodGet, "/admin/loggers/{l}", getLogger},
	{http.MethodPut, "/admin/loggers/{l}", putLogger},
}
