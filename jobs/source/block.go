package source

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// textBlock is some whole lines of a text, one after another.
type textBlock struct {
	text  []byte
	first linePlace // where the line before it stands, and the block begins
	cut   bool      // it is the beginning of one line that was too long
}

// blocks splits a text between lines, so that lines can be told apart elsewhere. They hold
// hardly more than limit bytes of any.
type blocks struct {
	src   *bufio.Reader
	rest  []byte    // of the line that the block before ended in
	next  linePlace // where the next block begins
	limit int
}

func newBlocks(r io.Reader, limit int) *blocks {
	return &blocks{src: bufio.NewReader(r), limit: limit}
}

// fill reads a block. It gives io.EOF with the last.
func (b *blocks) fill(to *textBlock) error {
	if cap(to.text) > 4*batchBytes { // of a very long line
		to.text = nil
	}
	to.text, to.first, to.cut = append(to.text[:0], b.rest...), b.next, false
	b.rest = b.rest[:0]
	for want := max(batchBytes, len(to.text)+1); ; want = 2 * len(to.text) {
		err := fillTo(b.src, &to.text, min(want, b.limit+1))
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if err != nil {
			return io.EOF
		}
		end := bytes.LastIndexByte(to.text, '\n') + 1
		if end == 0 && len(to.text) <= b.limit {
			continue
		}
		if end == 0 {
			return b.dropRest(to)
		}
		b.rest = append(b.rest, to.text[end:]...)
		to.text = to.text[:end]
		b.next.at += int64(end)
		b.next.no += int64(bytes.Count(to.text, []byte{'\n'}))
		return nil
	}
}

// fillTo reads until text has n bytes, and gives io.EOF when there are fewer. It is no
// io.ReadFull, which says of them what a compressed file says when it is cut off.
func fillTo(r io.Reader, text *[]byte, n int) error {
	if cap(*text) < n {
		*text = append(make([]byte, 0, n), *text...)
	}
	for len(*text) < n {
		have := len(*text)
		read, err := r.Read((*text)[have:n])
		*text = (*text)[:have+read]
		if err != nil {
			return err
		}
	}
	return nil
}

// dropRest ends a block that is the beginning of a line after that line.
func (b *blocks) dropRest(to *textBlock) error {
	to.cut = true
	b.next.at += int64(len(to.text))
	b.next.no++
	for {
		part, err := b.src.ReadSlice('\n')
		b.next.at += int64(len(part))
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// blockLines are the lines of blocks, as a reader of lines gives them.
type blockLines struct {
	from  *batches[textBlock]
	limit int
	block textBlock
	rest  []byte // of the block
	last  linePlace
	end   int64 // where the last line ended
}

func (b *blockLines) next() ([]byte, error) {
	for len(b.rest) == 0 {
		if err := b.from.next(&b.block); err != nil {
			return nil, err
		}
		b.rest, b.last, b.end = b.block.text, b.block.first, b.block.first.at
	}
	line := b.rest
	if end := bytes.IndexByte(line, '\n') + 1; end > 0 {
		line = line[:end]
	}
	b.rest = b.rest[len(line):]
	b.last = linePlace{no: b.last.no + 1, at: b.end, long: b.block.cut || len(line) > b.limit}
	b.end += int64(len(line))
	return bareLine(line, b.last.no), nil
}

func (b *blockLines) place() linePlace { return b.last }

// isLeft tells that the block has another line.
func (b *blockLines) isLeft() bool { return len(b.rest) > 0 }
