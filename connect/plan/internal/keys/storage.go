package keys

import (
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/foreign"
)

// StorageSettings returns the properties below the prefix of an internal topic, such as
// config.storage., that nobody declares: settings that the topic is created with. One
// that is a declared key misspelt is refused.
func StorageSettings(props map[string]string, prefix string) (
	settings map[string]string, warnings []string, refused config.Errors) {
	settings = map[string]string{}
	var declared []string
	for _, name := range Worker().Names() {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			declared = append(declared, rest)
		}
	}
	for _, name := range Worker().Unknown(props) {
		setting, ok := strings.CutPrefix(name, prefix)
		if !ok {
			continue
		}
		near := config.Nearest(setting, declared)
		switch {
		case setting == "cleanup.policy":
			warnings = append(warnings, fmt.Sprintf(
				"%s has no effect: the topic is always created with cleanup.policy=compact", name))
		case name == "config.storage.partitions":
			warnings = append(warnings, fmt.Sprintf("%s has no effect: the topic always has one partition", name))
		case near != "" && !foreign.IsTopicSetting(setting):
			refused = append(refused, config.UnknownKey(name, []string{prefix + near}))
		default:
			settings[setting] = props[name]
		}
	}
	return settings, warnings, refused
}
