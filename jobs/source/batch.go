package source

import (
	"context"
	"sync"
)

// A batch ends at whichever comes first, so that it holds little memory however long the
// records are, and stays near the processor that read it.
const (
	batchRecords = 512
	batchBytes   = 1 << 18
)

// batches are pieces of a file, B. Any number of goroutines may take them; one reads while
// others work on what they read, and each gets its pieces in the order of the file.
type batches[B any] struct {
	ctx  context.Context
	fill func(*B) error // reads the next piece, and gives io.EOF with the last

	mu  sync.Mutex
	err error // what reading ended with
}

// next reads a piece, or gives io.EOF after the last. An error comes after what was read
// before it.
func (b *batches[B]) next(to *B) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.ctx.Err(); err != nil {
		return err
	}
	if b.err == nil {
		b.err = b.fill(to)
		return nil
	}
	return b.err
}
