package tlsconfig

import (
	"crypto/tls"
	"errors"

	"github.com/suiro/suiro/connect/config"
)

// Keys returns the keys that [New] reads, with the prefix in front of each.
func Keys(prefix string) []config.Key { return storeKeys(prefix, "client") }

// ServerKeys returns the keys that [NewServer] reads, with the prefix in front of each.
func ServerKeys(prefix string) []config.Key {
	return append(storeKeys(prefix, "server"), ClientAuthKey(prefix))
}

// ClientAuthKey returns the key that says what a server asks of its clients, for a
// component that has the others of [ServerKeys] already.
func ClientAuthKey(prefix string) config.Key {
	return config.Key{Name: prefix + clientAuth, Type: config.String, Default: clientAuthNone, Importance: config.Low,
		Valid: config.OneOf(false, clientAuthNone, clientAuthRequested, clientAuthRequired),
		Doc: "Whether the server asks clients for a certificate, which the trust store must vouch for: none, requested (a " +
			"client may have none) or required."}
}

// The name of the key that says what a server asks of its clients, and its values.
const (
	clientAuth          = "ssl.client.auth"
	clientAuthNone      = "none"
	clientAuthRequested = "requested"
	clientAuthRequired  = "required"
)

// storeKeys are the keys of one side of a connection.
func storeKeys(prefix, side string) []config.Key {
	storeType := config.OneOf(true, "PEM", "JKS", "PKCS12")
	keys := []config.Key{
		{Name: "ssl.truststore.type", Type: config.String, Default: "PEM", Valid: storeType, Importance: config.Medium,
			Doc: "Form of the trust store: PEM, JKS or PKCS12. What the file holds decides, whatever is here."},
		{Name: "ssl.truststore.location", Type: config.String, Importance: config.High,
			Doc: "File of the certificate authorities to trust; those of the system when empty."},
		{Name: "ssl.truststore.password", Type: config.Password, Importance: config.High,
			Doc: "Password of a trust store in the form JKS or PKCS12."},
		{Name: "ssl.truststore.certificates", Type: config.Password, Importance: config.High,
			Doc: "The certificate authorities to trust as PEM text, instead of a file."},
		{Name: "ssl.keystore.type", Type: config.String, Default: "PEM", Valid: storeType, Importance: config.Medium,
			Doc: "Form of the key store: PEM, JKS or PKCS12. What the file holds decides, whatever is here."},
		{Name: "ssl.keystore.location", Type: config.String, Importance: config.High,
			Doc: "File of the " + side + "'s private key and certificate chain. It is read again when it has changed."},
		{Name: "ssl.keystore.password", Type: config.Password, Importance: config.High,
			Doc: "Password of a key store in the form JKS or PKCS12."},
		{Name: "ssl.key.password", Type: config.Password, Importance: config.High,
			Doc: "Password of the private key where it is encrypted in a PEM text, or has another one than its JKS store."},
		{Name: "ssl.keystore.certificate.chain", Type: config.Password, Importance: config.High,
			Doc: "The " + side + "'s certificate chain as PEM text, instead of a file."},
		{Name: "ssl.keystore.key", Type: config.Password, Importance: config.High,
			Doc: "The " + side + "'s private key as PEM text, instead of a file."},
		{Name: "ssl.endpoint.identification.algorithm", Type: config.String, Default: "https", Importance: config.Low,
			Valid: config.OneOf(true, "https", ""),
			Doc:   "https compares the server's host name with its certificate; empty does not."},
		{Name: "ssl.enabled.protocols", Type: config.List, Default: "TLSv1.2,TLSv1.3", Valid: versions(),
			Importance: config.Medium, Doc: "The TLS versions to offer."},
		{Name: "ssl.cipher.suites", Type: config.List, Default: "", Valid: suites(), Importance: config.Low,
			Doc: "The cipher suites to offer, by the names that Java has too; Go's safe ones when empty. Those of TLS 1.3 are " +
				"offered all or none."},
	}
	for i := range keys {
		keys[i].Name = prefix + keys[i].Name
	}
	return keys
}

// versions accepts TLS versions by Java's names.
func versions() config.Validator {
	return config.Func("[TLSv1.2, TLSv1.3]", func(v any) error {
		list, _ := v.([]string)
		if low, _ := versionRange(list); low == 0 {
			return errors.New("must be one or both of TLSv1.2, TLSv1.3")
		}
		return nil
	})
}

// versionRange returns zeros when a name is unknown or there is none.
func versionRange(names []string) (low, high uint16) {
	for _, name := range names {
		version := map[string]uint16{"TLSv1.2": tls.VersionTLS12, "TLSv1.3": tls.VersionTLS13}[name]
		if version == 0 {
			return 0, 0
		}
		if low == 0 || version < low {
			low = version
		}
		high = max(high, version)
	}
	return low, high
}
