package source

import (
	"context"
	"errors"
	"io"
)

// A batch ends at whichever comes first, so that few of them hold little memory
// however long the records are.
const (
	batchRecords = 512
	batchBytes   = 1 << 20
)

// batch is some records of a file in their order, and what stopped the reader
// after them.
type batch struct {
	records []record // each with its own fields; the first n are filled
	n       int
	err     error
}

// batches are how many are read ahead of the mapping.
const batches = 3

// inBatches reads r in a goroutine of its own and hands every batch to do, in
// order, in this one. It returns what do or the reader fails with, after the
// goroutine has ended.
func inBatches(ctx context.Context, r reader, fields int, do func(*batch) error) error {
	ctx, cancel := context.WithCancel(ctx)
	free, full := make(chan *batch, batches), make(chan *batch, batches)
	for range batches {
		b := &batch{records: make([]record, batchRecords)}
		for i := range b.records {
			b.records[i].fields = make([]value, fields)
		}
		free <- b
	}
	go func() {
		defer close(full)
		for {
			select {
			case <-ctx.Done():
				return
			case b := <-free:
				b.fill(r)
				full <- b // never waits: there is room for all
				if b.err != nil {
					return
				}
			}
		}
	}()
	defer func() {
		cancel()
		for range full {
		}
	}()
	for b := range full {
		if err := do(b); err != nil {
			return err
		}
		if errors.Is(b.err, io.EOF) {
			return nil
		}
		if b.err != nil {
			return b.err
		}
		free <- b
	}
	return ctx.Err()
}

func (b *batch) fill(r reader) {
	b.n, b.err = 0, nil
	for bytes := 0; b.n < len(b.records) && bytes < batchBytes; b.n++ {
		if b.err = r.next(&b.records[b.n]); b.err != nil {
			return
		}
		bytes += b.records[b.n].size
	}
}
