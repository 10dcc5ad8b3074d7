package source

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// linePlace is where a line stands.
type linePlace struct {
	no   int64 // its number, from 1
	at   int64 // where it begins, in bytes from the start of the text
	long bool  // it was longer than the limit; its end was dropped
}

// lineReader gives lines one by one, each valid until the next call, and io.EOF after
// the last.
type lineReader interface {
	next() ([]byte, error)
	place() linePlace // of the line that was given last
}

// lines splits a text into physical lines without holding more than limit bytes
// of any of them.
type lines struct {
	linePlace // of the line that was given last

	src   *bufio.Reader
	end   int64  // where the next one begins
	buf   []byte // a line that spans the reader's buffer
	limit int
}

func newLines(r io.Reader, limit int) *lines {
	return &lines{src: bufio.NewReaderSize(r, 1<<15), limit: limit}
}

// utf16 tells that the text looks like UTF-16.
func (l *lines) utf16() bool { return isUTF16(l.src) }

func isUTF16(text *bufio.Reader) bool {
	start, _ := text.Peek(64)
	if bytes.HasPrefix(start, []byte{0xff, 0xfe}) || bytes.HasPrefix(start, []byte{0xfe, 0xff}) {
		return true
	}
	return len(start) >= 4 && (start[0] != 0 && start[1] == 0 && start[3] == 0 || start[0] == 0 && start[1] != 0 && start[2] == 0)
}

// next gives a line without its end (LF or CRLF), valid until the next call, or
// io.EOF. A byte-order mark before the first line is dropped.
func (l *lines) next() ([]byte, error) {
	line, err := l.src.ReadSlice('\n')
	l.long, l.at = false, l.end
	l.end += int64(len(line))
	if errors.Is(err, bufio.ErrBufferFull) {
		l.buf = l.buf[:0]
		for errors.Is(err, bufio.ErrBufferFull) {
			l.keep(line)
			line, err = l.src.ReadSlice('\n')
			l.end += int64(len(line))
		}
		l.keep(line)
		line = l.buf
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(line) == 0 && err != nil {
		return nil, io.EOF
	}
	l.no++
	return bareLine(line, l.no), nil
}

// bareLine is a line without its end, the first without a byte-order mark.
func bareLine(line []byte, no int64) []byte {
	line = bytes.TrimSuffix(line, []byte{'\n'})
	line = bytes.TrimSuffix(line, []byte{'\r'})
	if no == 1 {
		line = bytes.TrimPrefix(line, []byte{0xef, 0xbb, 0xbf})
	}
	return line
}

func (l *lines) place() linePlace { return l.linePlace }

func (l *lines) keep(part []byte) {
	if room := l.limit - len(l.buf); len(part) > room {
		part, l.long = part[:room], true
	}
	l.buf = append(l.buf, part...)
}
