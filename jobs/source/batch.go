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

// inFlight is how many batches are read ahead of the mapping or being mapped.
const inFlight = 8

// batches are pieces of a file, B, read in a goroutine of its own. Any number of
// goroutines may take them; each gets its pieces in the order of the file.
type batches[B any] struct {
	free, full chan *B // room for all: sending never waits
	ctx        context.Context
	cancel     context.CancelFunc
	reading    sync.WaitGroup
	err        error // what reading ended with; known when full is closed
}

// readBatches begins to fill batches, until fill gives io.EOF with the last of them.
// Close it.
func readBatches[B any](ctx context.Context, fill func(*B) error) *batches[B] {
	b := &batches[B]{free: make(chan *B, inFlight), full: make(chan *B, inFlight)}
	b.ctx, b.cancel = context.WithCancel(ctx)
	for range inFlight {
		b.free <- new(B)
	}
	b.reading.Go(func() {
		defer close(b.full)
		for {
			select {
			case <-b.ctx.Done():
				b.err = b.ctx.Err()
				return
			case next := <-b.free:
				err := fill(next)
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

// next takes back the batch that is done, nil for none, and gives the next, or io.EOF
// after the last.
func (b *batches[B]) next(done *B) (*B, error) {
	if done != nil {
		b.free <- done
	}
	select {
	case <-b.ctx.Done():
		return nil, b.ctx.Err()
	case next, ok := <-b.full:
		switch {
		case ok:
			return next, nil
		case b.err != nil:
			return nil, b.err
		}
		return nil, io.EOF
	}
}

// close ends the reading, wherever it is.
func (b *batches[B]) close() {
	b.cancel()
	b.reading.Wait()
}
