package accesslog

// server is a virtual host.
type server struct {
	name    string
	methods []string
	paths   []string // # is a number, * a word looked for
	micros  int      // how long most requests take
	failing int      // in a thousand
	cached  bool
}

// servers are the hosts, the busiest first.
var servers = []server{
	{
		name: "www.example.com", methods: []string{"GET"}, micros: 60_000, failing: 4,
		paths: []string{"/", "/", "/about", "/news", "/news/#", "/contact", "/jobs", "/jobs/#", "/search?q=*", "/feed.xml"},
	},
	{
		name: "shop.example.com", methods: []string{"GET", "GET", "GET", "GET", "POST"}, micros: 120_000, failing: 15,
		paths: []string{"/", "/items/#", "/items/#", "/items/#?from=mail", "/cart",
			"/cart/add?item=#", "/checkout", "/search?q=*&page=1"},
	},
	{
		name: "static.example.com", methods: []string{"GET"}, micros: 3_000, failing: 0, cached: true,
		paths: []string{"/css/site.css", "/js/site.js", "/img/items/#.jpg", "/img/items/#-small.jpg", "/img/logo.svg",
			"/favicon.ico"},
	},
	{
		name: "api.example.com", methods: []string{"GET", "GET", "GET", "POST", "PUT", "DELETE"}, micros: 25_000, failing: 25,
		paths: []string{"/v1/items/#", "/v1/items?q=*", "/v1/orders/#", "/v1/orders", "/v1/stock/#", "/v1/session"},
	},
	{
		name: "blog.example.com", methods: []string{"GET"}, micros: 90_000, failing: 2,
		paths: []string{"/", "/posts/#", "/posts/#", "/posts/#/comments", "/tags/*", "/feed.xml"},
	},
}

// visitors is how many different clients there are.
const visitors = 150

var (
	networks  = []string{"192.0", "198.51", "203.0", "100.64", "198.18"}
	languages = []string{"en", "en", "ja", "ja", "de", "fr", "pt-BR"}
	themes    = []string{"light", "dark"}
	seen      = []string{"news%20of%20spring", "sale", "%E6%B0%B4%E8%B7%AF", "tour%3B%20part%202", "none"}
	searches  = []string{"tea", "tea%20pot", "%E6%8A%B9%E8%8C%B6", "cup", "green", "kettle"}
	origins   = []string{"-", "-", "https://search.example.net/", "https://mail.example.org/",
		"https://news.example.net/item/88"}
	agents = []string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
		"Mozilla/5.0 (compatible; examplebot/2.1; +https://search.example.net/bot)",
		"curl/8.17.0",
	}
)
