package source

// supply gives a worker the records of a file one by one, each valid until the next
// call, and io.EOF after the last. Workers share what they are supplied from.
type supply interface {
	next() (*record, error)
}

// recordBatch is some records of a file, read one after another.
type recordBatch struct {
	records []record // each with its own fields; the first n are filled
	n       int
}

// fill reads until the batch is full or the reader ends.
func (b *recordBatch) fill(r reader, fields int) (err error) {
	for i := range b.records[:b.n] { // a long text is let go now, not when its place is taken again
		if old := &b.records[i]; old.size > keptText {
			old.raw = ""
			clear(old.fields)
		}
	}
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

// recordSupply gives the records that were read.
type recordSupply struct {
	from  *batches[recordBatch]
	batch recordBatch
	at    int            // those that were taken
	ready int            // those that can be
	cells *csvCells      // fills the records; nil where reading did
	ahead func([]record) // looks at some records before they are taken
}

func (s *recordSupply) next() (*record, error) {
	if s.at == s.ready {
		for s.at == s.batch.n {
			if err := s.from.next(&s.batch); err != nil {
				return nil, err
			}
			s.at, s.ready = 0, 0
		}
		some := s.batch.records[s.at:min(s.at+recordsAhead, s.batch.n)]
		if s.cells != nil {
			for i := range some {
				s.cells.fill(&some[i])
			}
		}
		s.ahead(some)
		s.ready += len(some)
	}
	s.at++
	return &s.batch.records[s.at-1], nil
}

// lineSupply takes the lines of JSON apart that were read, several before any is mapped.
type lineSupply struct {
	docs    *jsonlReader
	lines   *blockLines
	records []record // of which the first n are filled
	n, at   int
	ahead   func([]record) // looks at the records before they are taken
}

// recordsAhead is how many records are taken apart together.
const recordsAhead = 16

func newLineSupply(docs *jsonlReader, lines *blockLines, fields int) *lineSupply {
	s := &lineSupply{docs: docs, lines: lines, records: make([]record, recordsAhead)}
	docs.doc.fleeting = true
	for i := range s.records {
		s.records[i].fields = make([]value, fields)
	}
	return s
}

func (s *lineSupply) next() (*record, error) {
	if s.at == s.n {
		s.at, s.n = 0, 0
		if !s.docs.isOpen() { // what its request says belongs to the next ones too
			s.docs.doc.release()
		}
		// What comes from another block takes the memory of this one.
		for s.n < len(s.records) && (s.n == 0 || s.docs.isOpen() || s.lines.isLeft()) {
			if err := s.docs.next(&s.records[s.n]); err != nil {
				return nil, err
			}
			s.n++
		}
		s.ahead(s.records[:s.n])
	}
	s.at++
	return &s.records[s.at-1], nil
}
