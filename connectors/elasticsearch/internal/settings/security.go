package settings

import (
	"errors"
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka/tlsconfig"
)

// sslPrefix is in front of the TLS keys, as in the Java sink.
const sslPrefix = "elastic.https."

func securityKeys() []config.Key {
	keys := []config.Key{{Name: "elastic.security.protocol", Type: config.String, Default: "PLAINTEXT",
		Valid: config.OneOf(true, "PLAINTEXT", "SSL"), Importance: config.Medium,
		Doc: "`SSL` demands https in every `connection.url`; https alone is enough to use TLS."}}
	keys = append(keys, tlsKeys()...)
	return grouped(groupSecurity, append(keys,
		refused(sslPrefix+"ssl.truststore.password", "a PEM trust store has none"),
		refused(sslPrefix+"ssl.keystore.password", "a PEM key store has none"),
		refused(sslPrefix+"ssl.key.password", "store the private key without a password"),
		refused(sslPrefix+"ssl.cipher.suites", "Go's safe defaults are used"),
		refused(sslPrefix+"ssl.provider", "Go's TLS is used"),
		ignored(sslPrefix+"ssl.protocol", "ssl.enabled.protocols says which versions are offered"),
		ignored(sslPrefix+"ssl.keymanager.algorithm", "it chooses a Java class"),
		ignored(sslPrefix+"ssl.trustmanager.algorithm", "it chooses a Java class"),
	)...)
}

func onlyPEM(v any) error {
	if strings.EqualFold(fmt.Sprint(v), "PEM") {
		return nil
	}
	return errors.New("only PEM can be read: convert the store with `keytool -importkeystore -srckeystore FILE " +
		"-destkeystore FILE.p12 -deststoretype PKCS12` and `openssl pkcs12 -in FILE.p12 -out FILE.pem`")
}

// tlsKeys refuses other store types even where no store is given.
func tlsKeys() []config.Key {
	keys := tlsconfig.Keys(sslPrefix)
	for i := range keys {
		if strings.HasSuffix(keys[i].Name, "store.type") {
			keys[i].Valid = config.Func("[PEM]", onlyPEM)
		}
	}
	return keys
}
