package access

import (
	"github.com/suiro/suiro/connect/config"
)

// The values of rest.authentication.
const (
	basic       = "basic"
	bearer      = "bearer"
	certificate = "certificate"
)

// OpenKey is the key that allows an API without a lock where other machines reach it.
const OpenKey = "rest.unauthenticated.access.beyond.this.machine"

// Keys are the keys of a worker that say who may call its REST API.
func Keys() []config.Key {
	low := config.Low
	return []config.Key{
		{Name: "rest.authentication", Type: config.List, Default: "", Importance: config.Medium,
			Valid: config.OneOf(true, basic, bearer, certificate),
			Doc: "How callers of the REST API say who they are, one or more of: basic (a name and a password, see " +
				"rest.basic.credentials.file), bearer (a JSON Web Token, see rest.bearer.jwks) and certificate (that of the " +
				"client, with https and ssl.client.auth). What they may then do is in rest.roles. Without this key the REST " +
				"API answers everyone who reaches it."},
		{Name: "rest.roles", Type: config.List, Default: "",
			Doc: "What callers may do, as NAME=ROLE or NAME=ROLE:PATTERN with commas between; * as the name is everyone " +
				"who has logged in. The roles are read, operate (also pause, resume, stop, restart) and admin (also create, " +
				"change, delete, alter offsets). With a pattern, such as operate:orders-*, the role is for connectors with " +
				"such names only. A caller without a role may do nothing."},
		{Name: "rest.basic.credentials.file", Type: config.String, Default: "", Importance: low,
			Doc: "File with the users of rest.authentication=basic: one line for each, NAME:HASH, with a bcrypt hash as " +
				"htpasswd -B writes it. It is read again when it has changed."},
		{Name: "rest.bearer.jwks", Type: config.String, Default: "", Importance: low,
			Doc: "Public keys of the issuer of tokens, a JSON Web Key Set (RFC 7517): a file, which is read again when it " +
				"has changed, or an https:// URL, which is asked again when a token has a key that is not known."},
		{Name: "rest.bearer.issuer", Type: config.String, Default: "", Importance: low,
			Doc: "Issuer that a token must name (iss). Needed by rest.authentication=bearer."},
		{Name: "rest.bearer.audience", Type: config.String, Default: "", Importance: low,
			Doc: "Audience that a token must name (aud). Needed by rest.authentication=bearer, as a token for another " +
				"service would otherwise be good for this worker."},
		{Name: "rest.bearer.name.claim", Type: config.String, Default: "sub", Valid: config.NonEmpty(), Importance: low,
			Doc: "Claim of a token that holds the caller's name."},
		{Name: "rest.bearer.roles.claim", Type: config.String, Default: "", Importance: low,
			Doc: "Claim of a token that holds roles, a list of texts such as admin or operate:orders-*, besides those in " +
				"rest.roles. Other texts in it are ignored."},
		{Name: OpenKey, Type: config.Boolean, Default: false, Importance: low,
			Doc: "Whether the REST API may listen where other machines reach it without rest.authentication. Whoever reaches " +
				"it can then read, change and delete every connector."},
	}
}
