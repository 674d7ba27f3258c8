# hour.awk writes the requests of an hour and ten minutes to two servers as JSON. At 00:50
# the database of the shop is slow, and some requests fail.
BEGIN {
	for (m = 0; m < 70; m++) {
		for (i = 0; i < 40 + m * 7 % 11; i++) {
			bad = m == 50
			line("shop.example.com", m, i, bad && i % 4 == 0 ? 503 : 200, (bad ? 2 : 0.1) * (1 + i % 10 / 10))
		}
		for (i = 0; i < 20 + m * 5 % 7; i++)
			line("blog.example.com", m, i, 200, 0.03 * (1 + i % 5))
	}
}

function line(server, m, i, status, seconds) {
	printf "{\"vhost\":\"%s\",\"time\":\"2026-11-01T%02d:%02d:%02dZ\",\"status\":%d,\"reqtime\":%.3f}\n",
		server, m / 60, m % 60, i, status, seconds
}
