package source

import (
	"fmt"
	"io"
)

// bounded reads the text of a file up to its limit, so that a small file cannot
// unpack without end.
type bounded struct {
	io.Reader
	left  int64
	fault error
}

func bound(r io.Reader, req Request) *bounded {
	limit := req.Source.textLimit(req.File.Size)
	return &bounded{r, limit, &FileError{Source: req.Name, Path: req.File.Path, What: fmt.Sprintf("unpacks to more than %d bytes", limit),
		Err: ErrTooLarge, Hint: "if that is right, raise max_bytes of the source"}}
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, b.fault
	}
	return n, err
}
