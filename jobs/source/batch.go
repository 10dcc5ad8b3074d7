package source

import (
	"context"
	"errors"
	"io"

	"golang.org/x/sync/errgroup"
)

// A batch ends at whichever comes first, so that few of them hold little memory
// however long the records are.
const (
	batchRecords = 512
	batchBytes   = 1 << 20
)

// batch is some records of a file in their order.
type batch struct {
	records []record // each with its own fields; the first n are filled
	n       int
}

// batches are how many are read ahead of the mapping or being mapped.
const batches = 5

// inBatches reads r in a goroutine of its own and hands every batch to one of the
// workers, each of which is a goroutine too and gets its batches in the order of
// the file. It returns what the reader or a worker fails with, after all have ended.
func inBatches(ctx context.Context, r reader, fields int, workers []func(*batch) error) error {
	g, ctx := errgroup.WithContext(ctx)
	free, full := make(chan *batch, batches), make(chan *batch, batches) // room for all: sending never waits
	for range batches {
		b := &batch{records: make([]record, batchRecords)}
		for i := range b.records {
			b.records[i].fields = make([]value, fields)
		}
		free <- b
	}
	g.Go(func() error {
		defer close(full)
		for {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case b := <-free:
				err := b.fill(r)
				full <- b
				if errors.Is(err, io.EOF) {
					return nil
				}
				if err != nil {
					return err
				}
			}
		}
	})
	for _, do := range workers {
		g.Go(func() error {
			for b := range full {
				if err := do(b); err != nil {
					return err
				}
				free <- b
			}
			return nil
		})
	}
	return g.Wait()
}

// fill reads until the batch is full or the reader ends.
func (b *batch) fill(r reader) (err error) {
	b.n = 0
	for bytes := 0; b.n < len(b.records) && bytes < batchBytes; b.n++ {
		if err = r.next(&b.records[b.n]); err != nil {
			return err
		}
		bytes += b.records[b.n].size
	}
	return nil
}
