package rest

import (
	"net/http"
	"strconv"

	"github.com/suiro/suiro/connect/herder"
)

func getServer(h *herder.Standalone, _ *http.Request) (any, error) { return h.Server(), nil }

// expanded is one connector of an expanded list.
type expanded struct {
	Status *herder.Status `json:"status,omitempty"`
	Info   *herder.Info   `json:"info,omitempty"`
}

func getConnectors(h *herder.Standalone, r *http.Request) (any, error) {
	names := h.Connectors()
	expand, ok := r.URL.Query()["expand"]
	if !ok {
		return names, nil
	}
	out := map[string]expanded{}
	for _, name := range names {
		var e expanded
		for _, what := range expand {
			switch what {
			case "status":
				if s, err := h.Status(name); err == nil {
					e.Status = &s
				}
			case "info":
				if i, err := h.Info(name); err == nil {
					e.Info = &i
				}
			}
		}
		out[name] = e
	}
	return out, nil
}

func getConnector(h *herder.Standalone, r *http.Request) (any, error) {
	return h.Info(r.PathValue("c"))
}

func getConfig(h *herder.Standalone, r *http.Request) (any, error) {
	info, err := h.Info(r.PathValue("c"))
	return info.Config, err
}

func getStatus(h *herder.Standalone, r *http.Request) (any, error) {
	return h.Status(r.PathValue("c"))
}

func getTasks(h *herder.Standalone, r *http.Request) (any, error) {
	return h.Tasks(r.PathValue("c"))
}

func getTaskStatus(h *herder.Standalone, r *http.Request) (any, error) {
	id, err := strconv.ParseInt(r.PathValue("t"), 10, 32)
	if err != nil {
		return nil, errNoPath // the router's business, as there
	}
	return h.TaskStatus(r.PathValue("c"), int(id))
}

func getPlugins(h *herder.Standalone, r *http.Request) (any, error) {
	return h.Plugins(r.URL.Query().Get("connectorsOnly") != "false"), nil
}

type healthBody struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

func health(h *herder.Standalone) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !h.Ready() {
			writeJSON(w, http.StatusServiceUnavailable, healthBody{"starting", "Worker is still starting up."})
			return
		}
		writeJSON(w, http.StatusOK, healthBody{"healthy",
			"Worker has completed startup and is ready to handle requests."})
	})
}
