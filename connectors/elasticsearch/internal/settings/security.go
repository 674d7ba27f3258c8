package settings

import (
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka/tlsconfig"
)

// sslPrefix is in front of the TLS keys, as in the Java sink.
const sslPrefix = "elastic.https."

func securityKeys() []config.Key {
	keys := []config.Key{{Name: "elastic.security.protocol", Type: config.String, Default: "PLAINTEXT",
		Valid: config.OneOf(true, "PLAINTEXT", "SSL"), Importance: config.Medium,
		Doc: "`SSL` demands https in every `connection.url`; https alone is enough to use TLS."}}
	keys = append(keys, tlsconfig.Keys(sslPrefix)...)
	return grouped(groupSecurity, append(keys,
		refused(sslPrefix+"ssl.provider", "Go's TLS is used"),
		ignored(sslPrefix+"ssl.protocol", "ssl.enabled.protocols says which versions are offered"),
		ignored(sslPrefix+"ssl.keymanager.algorithm", "it chooses a Java class"),
		ignored(sslPrefix+"ssl.trustmanager.algorithm", "it chooses a Java class"),
	)...)
}
