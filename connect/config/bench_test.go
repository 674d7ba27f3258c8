package config_test

import "testing"

// A configuration is parsed once for each connector, with some hundred keys.
func BenchmarkParse(b *testing.B) {
	props := map[string]string{"file": "/var/log/app.log", "batch.size": "500"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fileDef.Parse(props); err != nil {
			b.Fatal(err)
		}
	}
}

// A misspelt key is compared with every key that exists.
func BenchmarkUnknownErrors(b *testing.B) {
	props := map[string]string{"bach.size": "500", "poll.intervall.ms": "1"}
	b.ReportAllocs()
	for b.Loop() {
		if got := len(fileDef.UnknownErrors(props)); got != 2 {
			b.Fatalf("%d errors, want 2", got)
		}
	}
}
