package rest

func getPlugins(c *call) (answer, error) {
	return found(c.Plugins(c.request.Context(), c.query("connectorsOnly") != "false"))
}
