package clusters

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka"
)

// Ask asks the brokers of clusters whether they let the client in. found says which have
// answered, and the error which have not.
func Ask(ctx context.Context, v config.Values, of ...Cluster) (found string, err error) {
	var answers []string
	var errs []error
	for _, cluster := range of {
		opts, err := cluster.Options(kafka.Admin, v)
		if err == nil {
			err = kafka.Check(ctx, opts...)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("ask the %s cluster: %w", cluster, err))
			continue
		}
		answers = append(answers, fmt.Sprintf("the %s cluster answers", cluster))
	}
	return strings.Join(answers, ", "), errors.Join(errs...)
}
