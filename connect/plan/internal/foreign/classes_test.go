package foreign

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/builtin"
)

// infos are all plugins that come with Suiro.
func infos() (all []connect.Info) {
	p := builtin.Plugins()
	for _, s := range p.Sources {
		all = append(all, s.Info)
	}
	for _, s := range p.Sinks {
		all = append(all, s.Info)
	}
	for _, c := range p.Converters {
		all = append(all, c.Info)
	}
	for _, t := range p.Transforms {
		all = append(all, t.Info)
	}
	for _, t := range p.Predicates {
		all = append(all, t.Info)
	}
	return all
}

func isHere(class string) bool {
	return slices.ContainsFunc(infos(), func(i connect.Info) bool {
		return i.Is(class) || i.Is(class+"$Key") || i.Is(class+"$Value")
	})
}

// A class that has come to Suiro needs no remedy any more.
func TestClassesOfOthersAreNotHere(t *testing.T) {
	for _, c := range slices.Concat(Connectors, Transforms, Converters) {
		for _, name := range c.names {
			if !strings.HasSuffix(name, ".") && !IsNamesake(name) && isHere(name) {
				t.Errorf("%s has the remedy %q and is here", name, c.remedy)
			}
		}
	}
}

// What a remedy names can be used.
func TestRemediesNameWhatIsHere(t *testing.T) {
	elsewhere := []string{"OpenSearch", "TimeBasedPartitioner"} // a product, a value of a key
	name := regexp.MustCompile(`\b[A-Z][a-z]+[A-Z]\w+\b`)
	found := 0
	for _, c := range slices.Concat(Connectors, Transforms, Converters) {
		for _, word := range name.FindAllString(c.remedy, -1) {
			found++
			if !isHere(word) && !slices.Contains(elsewhere, word) {
				t.Errorf("the remedy %q names %s, which is not here", c.remedy, word)
			}
		}
	}
	if found < 10 {
		t.Errorf("the remedies name %d classes, want more", found)
	}
}

func TestRemedyIsFoundByNameOrPackage(t *testing.T) {
	list := []Classes{{[]string{"Mask$Value", "org.other.Exact"}, "by name"}, {[]string{"com.vendor."}, "by package"}}
	for class, want := range map[string]string{
		"Mask$Value": "by name", "org.any.Mask$Value": "by name", "org.other.Exact": "by name", "org.another.Exact": "",
		"com.vendor.sub.X": "by package", "com.vendors.X": "", "Mask": "", "": "",
	} {
		if got := Remedy(class, list); got != want {
			t.Errorf("Remedy(%s) = %q, want %q", class, got, want)
		}
	}
}
