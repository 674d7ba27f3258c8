package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Ask asks each node of a cluster for its version. found says which have answered, and the
// error which have not.
func Ask(ctx context.Context, o Options) (found string, err error) {
	var answers []string
	var errs []error
	for _, u := range o.URLs {
		node := o
		node.URLs = []*url.URL{u}
		version, err := node.ask(ctx)
		if err != nil {
			errs = append(errs, Final("look for Elasticsearch at "+node.Name(), err))
			continue
		}
		answers = append(answers, fmt.Sprintf("Elasticsearch %s at %s", version, node.Name()))
	}
	return strings.Join(answers, ", "), errors.Join(errs...)
}

func (o *Options) ask(ctx context.Context) (version string, err error) {
	client, err := New(o)
	if err != nil {
		return "", err
	}
	defer client.Close()
	return client.Check(ctx)
}
