package providers

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/config"
)

// secrets is a folder with a properties file and a file that holds one value.
func secrets(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{"db.properties": "user=connect\npassword=pa\\ss${x:y}\nempty=\n", "token": "abc\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// worker are the properties of a worker with one provider of each kind, which has
// its class by the Java name or the simple one.
func worker(more ...string) map[string]string {
	props := map[string]string{Key: "file,dir,env", Key + ".file.class": javaPackage + "FileConfigProvider",
		Key + ".dir.class": "DirectoryConfigProvider", Key + ".env.class": "EnvVarConfigProvider"}
	for i := 0; i < len(more); i += 2 {
		props[Key+"."+more[i]] = more[i+1]
	}
	return props
}

func make3(t *testing.T, props map[string]string) *Set {
	t.Helper()
	s, errs := New([]string{"file", "dir", "env"}, props)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return s
}

func TestReferencesAreReplaced(t *testing.T) {
	folder := secrets(t)
	t.Setenv("SUIRO_TEST_USER", "ann")
	s := make3(t, worker())
	for value, want := range map[string]string{
		"${file:" + folder + "/db.properties:user}":                              "connect",
		"${file:" + folder + "/db.properties:password}":                          "pass${x:y}", // not looked through again
		"${file:" + folder + "/db.properties:empty}":                             "",
		"${dir:" + folder + ":token}":                                            "abc\n",
		"${env:SUIRO_TEST_USER}":                                                 "ann",
		"${env::SUIRO_TEST_USER}":                                                "ann",
		"a ${env:SUIRO_TEST_USER} b ${file:" + folder + "/db.properties:user} c": "a ann b connect c",
		"${topic}-${timestamp}":                                                  "${topic}-${timestamp}",
		"plain":                                                                  "plain",
	} {
		got, errs := s.Resolve(map[string]string{"key": value})
		if len(errs) > 0 || got.Props["key"] != want {
			t.Errorf("Resolve(%s) = %q, %v, want %q", value, got.Props["key"], errs, want)
		}
		if raw, ok := got.Raw("key"); ok != (want != value) || ok && raw != value {
			t.Errorf("Raw of %s = %q, %v", value, raw, ok)
		}
	}
}

func TestReferencesThatNothingResolvesAreErrors(t *testing.T) {
	folder := secrets(t)
	t.Setenv("SUIRO_TEST_USER", "ann")
	s := make3(t, worker("file.param.allowed.paths", folder, "env.param.allowlist.pattern", "SUIRO_.*"))
	for value, want := range map[string]string{
		"${vault:secret/db:password}":               `the worker has no config provider "vault" to resolve it: set config.providers=vault and config.providers.vault.class=FileConfigProvider`,
		"${file:password}":                          `ask config provider "file": no file is named`,
		"${file:/etc/passwd:root}":                  "/etc/passwd is not within param.allowed.paths",
		"${file:" + folder + "/../x.properties:k}":  "is not within param.allowed.paths",
		"${file:" + folder + "/gone.properties:k}":  "no such file",
		"${file:" + folder + "/db.properties:gone}": `db.properties has no key "gone"`,
		"${dir:" + folder + ":../db.properties}":    "is not the name of a file",
		"${dir:" + folder + ":gone}":                "no such file",
		"${dir:token}":                              "no folder is named",
		"${env:HOME}":                               "param.allowlist.pattern does not allow HOME",
		"${env:SUIRO_TEST_GONE}":                    "there is no environment variable SUIRO_TEST_GONE",
		"${env:/path:SUIRO_TEST_USER}":              "environment variables have no path",
	} {
		got, errs := s.Resolve(map[string]string{"key": "x" + value, "_comment": value, "//": value})
		if len(errs) != 1 || errs[0].Key != "key" || errs[0].Value != value || !strings.Contains(errs.Error(), want) {
			t.Errorf("Resolve(%s): %v, want %s", value, errs, want)
		}
		if hidden := got.Hide(config.Errors{config.Errorf("key", value, "is not a URL")}); len(hidden) != 0 {
			t.Errorf("errors about the text of %s = %v, want none", value, hidden)
		}
	}
	var none *Set
	if _, errs := none.Resolve(map[string]string{"key": "${file:/a:b}"}); len(errs) != 1 {
		t.Errorf("without providers: %v, want an error", errs)
	}
}

func TestProvidersThatAreConfiguredWrongAreErrors(t *testing.T) {
	for name, c := range map[string]struct {
		props map[string]string
		want  string
	}{
		"no class":        {map[string]string{Key: "file"}, `Missing required configuration "config.providers.file.class"`},
		"slip in a class": {worker("file.class", "FileConfigProvidr"), `did you mean "FileConfigProvider"?`},
		"another's class": {worker("file.class", "io.strimzi.kafka.KubernetesSecretConfigProvider"), "read by DirectoryConfigProvider"},
		"no such param":   {worker("file.param.allowed.path", "/"), `did you mean "config.providers.file.param.allowed.paths"?`},
		"no param":        {worker("file.allowed.paths", "/"), `"config.providers.file.allowed.paths"`},
		"relative path":   {worker("dir.param.allowed.paths", "a"), "config.providers.dir.param.allowed.paths: must be an absolute path"},
		"no such path":    {worker("dir.param.allowed.paths", "/no/such/folder"), "no such file"},
		"bad pattern":     {worker("env.param.allowlist.pattern", "("), "config.providers.env.param.allowlist.pattern"},
		"not listed":      {worker("vault.class", "FileConfigProvider"), `"vault" is not in config.providers: add it there`},
	} {
		_, errs := New(strings.Split(c.props[Key], ","), c.props)
		if len(errs) != 1 || !strings.Contains(errs.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, errs, c.want)
		}
	}
}

func TestErrorsHoldNothingThatWasResolved(t *testing.T) {
	folder := secrets(t)
	ref := "${file:" + folder + "/db.properties:password}"
	r, errs := make3(t, worker()).Resolve(map[string]string{"url": "http://" + ref, "token": "${dir:" + folder + ":token}"})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	const secret = "pass${x:y}"
	got := r.Hide(config.Errors{
		{Key: "url", Value: "http://" + secret, Message: "http://" + secret + " is not a URL", Accepts: "URLs"},
		{Key: "other", Value: secret, Message: "does not fit http://" + secret},
		{Key: "third", Value: "3", Message: "is not even"},
	})
	want := "Invalid value http://" + ref + " for configuration url: the value that it stands for is not accepted: want URLs\n" +
		"Invalid value [hidden] for configuration other: does not fit http://[hidden]\n" +
		"Invalid value 3 for configuration third: is not even"
	if got.Error() != want {
		t.Errorf("errors =\n%v\nwant\n%s", got, want)
	}
	if got := r.HideText(`class "abc\n" and abc`); got != `class "[hidden]" and abc` {
		t.Errorf("HideText = %s", got)
	}
}

// Whatever a value looks like, a worker without providers leaves it as it is or
// refuses it, and never loses a part of it.
func FuzzResolve(f *testing.F) {
	for _, value := range []string{"${file:/a:b}", "${topic}", "$${a:b}", "${a:${b:c}}", "${:}", "x${a:b:c:d}y", "${"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		var none *Set
		got, errs := none.Resolve(map[string]string{"key": value})
		if got.Props["key"] != value {
			t.Errorf("Resolve(%q) = %q, want it as it is", value, got.Props["key"])
		}
		if refers := reference.MatchString(value); refers != (len(errs) > 0) {
			t.Errorf("Resolve(%q): errors %v, want some: %v", value, errs, refers)
		}
	})
}

// A link within an allowed folder does not lead out of it, and neither do dots.
func TestLinksDoNotLeaveAllowedFolders(t *testing.T) {
	allowed, outside := secrets(t), secrets(t)
	for name, target := range map[string]string{"link.properties": outside + "/db.properties", "folder": outside,
		"inside.properties": allowed + "/db.properties"} {
		if err := os.Symlink(target, filepath.Join(allowed, name)); err != nil {
			t.Fatal(err)
		}
	}
	via := filepath.Join(t.TempDir(), "via") // a folder that is a link is allowed as what it leads to
	if err := os.Symlink(allowed, via); err != nil {
		t.Fatal(err)
	}
	s := make3(t, worker("file.param.allowed.paths", via, "dir.param.allowed.paths", via))
	for ref, ok := range map[string]bool{
		"${file:" + allowed + "/inside.properties:user}":                   true,
		"${file:" + via + "/db.properties:user}":                           true,
		"${dir:" + via + ":token}":                                         true,
		"${file:" + allowed + "/link.properties:user}":                     false,
		"${file:" + allowed + "/folder/db.properties:user}":                false,
		"${file:" + allowed + "/../" + filepath.Base(outside) + "/x:user}": false,
		"${dir:" + allowed + "/folder:token}":                              false,
		"${dir:" + allowed + ":link.properties}":                           false,
		"${dir:" + allowed + ":../token}":                                  false,
		"${file:" + allowed + "x/db.properties:user}":                      false,
	} {
		if _, errs := s.Resolve(map[string]string{"key": ref}); (len(errs) == 0) != ok {
			t.Errorf("%s: errors %v, want it resolved: %v", ref, errs, ok)
		}
	}
}

// What is no file neither blocks nor fills the memory, and references do not multiply
// what they stand for.
func TestWhatReferencesBecomeIsBounded(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	t.Setenv("SUIRO_TEST_LONG", long)
	s := make3(t, worker())
	for text, want := range map[string]string{
		"${file:/dev/zero:x}": "is a pipe or a device", "${dir:/dev:zero}": "is a pipe or a device",
		strings.Repeat("${env:SUIRO_TEST_LONG}", 100):    "is longer than 4 MiB",
		strings.Repeat("${env:SUIRO_TEST_NONE}", 10_000): "there are more than 1000 references",
	} {
		out, errs := s.Resolve(map[string]string{"key": text})
		if !strings.Contains(errs.Error(), want) || len(out.Props["key"]) > 5<<20 {
			t.Errorf("%.40s: errors %.300v with %d bytes, want %q", text, errs, len(out.Props["key"]), want)
		}
	}
}
