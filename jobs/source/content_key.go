package source

import "github.com/zeebo/xxh3"

// isDelivered tells that a log record around the request says when it was sent or
// what was answered.
func (m *mapper) isDelivered(rec *record) bool {
	for i, name := range m.wanted {
		switch name {
		case placeSent:
			if rec.fields[i].kind != absent {
				return true
			}
		case placeState:
			if rec.fields[i].text == "accepted" || rec.fields[i].text == "refused" {
				return true
			}
		}
	}
	return false
}

// contentKey is the key of a row's content: the same for every delivery of an
// identical row of one source, and another for every other row: 128 bits of XXH3,
// which no two rows share by chance, under a seed that follows from the secret. When a
// logged request was sent and what was answered is no content: one that is sent again
// tells of the same event.
func (m *mapper) contentKey(rec *record) string {
	isResend := m.table == "event" && m.isDelivered(rec)
	b := m.buf // has the words
	for i := m.words; i < len(m.out); i++ {
		if i == m.wordsNo || isResend && (i == m.received || i == m.state) {
			continue
		}
		b = m.out[i].AppendBinary(b)
	}
	for _, more := range m.more {
		b = append(append(b, 6), more.key.ID...)
	}
	b = append(b, m.prefix...)
	m.buf = b
	sum := xxh3.Hash128Seed(b, m.keyer.seed).Bytes()
	return m.keyer.digits(sum[:])
}
