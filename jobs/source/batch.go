package source

import (
	"context"
	"errors"
	"io"
	"sync"
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

// inFlight is how many batches are read ahead of the mapping or being mapped.
const inFlight = 8

// batches are a file's records, read in a goroutine of its own. Any number of
// goroutines may take them; each gets its batches in the order of the file.
type batches struct {
	free, full chan *batch // room for all: sending never waits
	cancel     context.CancelFunc
	reading    sync.WaitGroup
	ctx        context.Context
	err        error // what reading ended with; known when full is closed
}

// readBatches begins to read r, whose records have so many fields. Close it.
func readBatches(ctx context.Context, r reader, fields int) *batches {
	b := &batches{free: make(chan *batch, inFlight), full: make(chan *batch, inFlight)}
	b.ctx, b.cancel = context.WithCancel(ctx)
	for range inFlight {
		b.free <- &batch{}
	}
	b.reading.Go(func() {
		defer close(b.full)
		for {
			select {
			case <-b.ctx.Done():
				b.err = b.ctx.Err()
				return
			case next := <-b.free:
				err := next.fill(r, fields)
				b.full <- next
				if err != nil {
					if !errors.Is(err, io.EOF) {
						b.err = err
					}
					return
				}
			}
		}
	})
	return b
}

// next gives the next batch, to be given back to free, or nil after the last.
func (b *batches) next() (*batch, error) {
	select {
	case <-b.ctx.Done():
		return nil, b.ctx.Err()
	case next, ok := <-b.full:
		if !ok {
			return nil, b.err
		}
		return next, nil
	}
}

// close ends the reading, wherever it is.
func (b *batches) close() {
	b.cancel()
	b.reading.Wait()
}

// fill reads until the batch is full or the reader ends.
func (b *batch) fill(r reader, fields int) (err error) {
	b.n = 0
	for bytes := 0; b.n < batchRecords && bytes < batchBytes; b.n++ {
		if b.n == len(b.records) { // a batch of long records never has many
			b.records = append(b.records, record{fields: make([]value, fields)})
		}
		if err = r.next(&b.records[b.n]); err != nil {
			return err
		}
		bytes += b.records[b.n].size
	}
	return nil
}
