package reports

import (
	"context"

	"golang.org/x/sync/errgroup"

	"payrun/ledger/money"
)

const (
	// groupLines is the number of lines that are handed to the formats together.
	groupLines = 512
	// groupsAhead is the number of groups by which the reading may be ahead of a format, which
	// bounds what lies in memory between them.
	groupsAhead = 2
)

// fanOut gives every line to every format, and the summary once it adds up. Each
// format is written by a goroutine of its own, because they take very different
// times; all have ended when fanOut returns.
func fanOut(ctx context.Context, source Source, h Header, word wording, into []format) (*Summary, error) {
	summary := newSummary(h)
	writing, ctx := errgroup.WithContext(ctx)
	addsUp := make(chan struct{})
	lanes := make([]chan []line, len(into))
	for i, form := range into {
		lane := make(chan []line, groupsAhead)
		lanes[i] = lane
		writing.Go(func() error {
			if err := writeLines(form, lane); err != nil {
				return err
			}
			select {
			case <-addsUp:
				return form.finish(summary)
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}
	writing.Go(func() error {
		err := distribute(ctx, source, summary, word, lanes)
		for _, lane := range lanes {
			close(lane)
		}
		if err == nil {
			err = summary.check()
		}
		if err == nil {
			close(addsUp)
		}
		return err
	})
	if err := writing.Wait(); err != nil {
		return nil, err
	}
	return summary, nil
}

func writeLines(form format, groups <-chan []line) error {
	for group := range groups {
		for _, l := range group {
			if err := form.line(l); err != nil {
				return err
			}
		}
	}
	return nil
}

// distribute reads the lines, counts them, and gives them out in groups that
// nobody changes any more.
func distribute(ctx context.Context, source Source, summary *Summary, word wording, lanes []chan []line) error {
	group := make([]line, 0, groupLines)
	handOver := func() error {
		for _, lane := range lanes {
			select {
			case lane <- group:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		group = make([]line, 0, groupLines)
		return nil
	}
	for l, err := range lines(ctx, source, summary.Batch, word) {
		if err != nil {
			return err
		}
		if l.amount.Currency == "" {
			l.amount.Currency = money.Currency(summary.Currency) // none could be read
		}
		if err := summary.add(l); err != nil {
			return err
		}
		if group = append(group, l); len(group) == groupLines {
			if err := handOver(); err != nil {
				return err
			}
		}
	}
	return handOver()
}
