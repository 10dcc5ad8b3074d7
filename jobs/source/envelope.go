package source

import (
	"slices"
	"strconv"
	"strings"
)

// Envelope describes lines that are a request with several events. A line that has
// a List gives one record for each element, or one where an object stands in the
// list's place; any other object is one record itself.
//
// Whatever the pack, the request may lie inside a log record of when it was sent
// and what was answered: {"sent_at": ..., "status": 200, "response": {...},
// "payload": {...}}, the payload as an object, a list, or its JSON as text.
type Envelope struct {
	// List is the path to the list of records in a line, or several of which a line has one.
	List Paths `yaml:"list,omitempty"`
	// Page says that a line may be a list of records itself, as an API answers a page of them.
	Page bool `yaml:"page,omitempty"`
	// Refused says where an answer with a good status names what it refused.
	Refused *Refusal `yaml:"refused,omitempty"`
}

// Paths are the places at which a request may keep its events. One may be written
// without the list.
type Paths []string

// UnmarshalText reads the short form, one path. It never fails.
func (p *Paths) UnmarshalText(text []byte) error {
	*p = Paths{string(text)}
	return nil
}

// UnmarshalYAML reads either form.
func (p *Paths) UnmarshalYAML(unmarshal func(any) error) error {
	var one string
	if unmarshal(&one) == nil {
		return p.UnmarshalText([]byte(one))
	}
	return unmarshal((*[]string)(p))
}

// Refusal is how a platform says in its answer that it refused all or some.
type Refusal struct {
	// Unless is the path=value that a full acceptance has, such as code=0.
	Unless string `yaml:"unless,omitempty"`
	// Index is the path to the positions, from 0, of refused events.
	Index string `yaml:"index,omitempty"`
	// Each is list[].member: answers in the order of the events, of which a refused one's has the member.
	Each string `yaml:"each,omitempty"`
	// Any is a path that is there only when something was refused.
	Any string `yaml:"any,omitempty"`
}

// The names under which log records keep a request, when it was sent, and what was
// answered. request_time is none of them: nginx writes the seconds that a request took.
var (
	payloadKeys  = []string{"payload", "body", "request", "request_body", "message_body"}
	sentKeys     = []string{"sent_at", "sentAt", "sent", "logged_at", "received_at", "timestamp", "time", "ts"}
	statusKeys   = []string{"status", "status_code", "statusCode", "http_status", "response_status", "response_code"}
	responseKeys = []string{"response", "response_body"}
)

// delivery is what the log record around a request says of it.
type delivery struct {
	sent    value
	status  value
	state   string  // accepted, refused or unknown
	refused []int64 // positions of single events that were refused
}

// unwrap finds the request of a line: the line itself, or the payload of a log
// record. rule says why a payload cannot be read.
func (j *jsonlReader) unwrap() (request int32, rule string) {
	j.sent = delivery{state: "unknown"}
	if j.listOf(0) >= 0 {
		return 0, ""
	}
	at := j.doc.first(0, payloadKeys)
	if at < 0 {
		return 0, ""
	}
	if n := j.doc.nodes[at]; n.kind == text {
		trimmed := strings.TrimSpace(n.text)
		if trimmed == "" || trimmed[0] != '{' && trimmed[0] != '[' {
			return 0, "" // a field of this name, not a request
		}
		inner, rule := j.doc.nest(trimmed)
		if rule != "" {
			return 0, "the payload is no JSON: " + rule
		}
		at = inner
	} else if n.kind != object && n.kind != list {
		return 0, ""
	}
	j.deliver(at)
	return at, ""
}

// deliver notes when the request was sent and what was answered.
func (j *jsonlReader) deliver(payload int32) {
	if at := j.doc.first(0, sentKeys); at >= 0 {
		j.sent.sent = j.doc.read(at)
	}
	response := j.doc.first(0, responseKeys)
	status := j.doc.first(0, statusKeys)
	if response >= 0 {
		if n := j.doc.nodes[response]; n.kind == text && strings.HasPrefix(strings.TrimSpace(n.text), "{") {
			if inner, rule := j.doc.nest(strings.TrimSpace(n.text)); rule == "" {
				response = inner
			}
		}
		if status < 0 {
			status = j.doc.first(response, statusKeys)
		}
		body := j.doc.first(response, []string{"body", "data"})
		if body >= 0 && j.doc.nodes[body].kind == object && !j.env.Refused.answered(&j.doc, response) {
			response = body // of a client's object around the answer
		}
	}
	if status < 0 {
		return
	}
	j.sent.status = j.doc.read(status)
	code, err := strconv.Atoi(strings.TrimSpace(j.sent.status.text))
	if err != nil {
		return
	}
	j.sent.state = "refused"
	if code >= 200 && code < 300 {
		j.sent.state = "accepted"
		if response >= 0 && j.env.Refused != nil {
			j.sent.state, j.sent.refused = j.env.Refused.read(&j.doc, response)
		}
	}
}

// answered tells whether a node is the answer itself: it has what is looked for.
func (r *Refusal) answered(d *jsonDoc, node int32) bool {
	if r == nil {
		return false
	}
	unless, _, _ := strings.Cut(r.Unless, "=")
	each, _, _ := strings.Cut(r.Each, "[].")
	for _, path := range []string{unless, r.Index, each, r.Any} {
		if p := newJSONPath(path); path != "" {
			if _, found := d.lookUp(node, &p); found {
				return true
			}
		}
	}
	return false
}

// read tells what an answer with a good status says.
func (r *Refusal) read(d *jsonDoc, response int32) (state string, refused []int64) {
	if r.Unless != "" {
		path, want, _ := strings.Cut(r.Unless, "=")
		p := newJSONPath(path)
		if v, found := d.lookUp(response, &p); found && v.text != want {
			return "refused", nil
		}
	}
	if r.Index != "" {
		p := newJSONPath(r.Index)
		v, _ := d.lookUp(response, &p)
		positions := v.list
		if v.kind == text {
			positions = []string{v.text}
		}
		for _, position := range positions {
			if n, err := strconv.ParseInt(position, 10, 64); err == nil {
				refused = append(refused, n)
			}
		}
	}
	if answers, member, ok := strings.Cut(r.Each, "[]."); ok {
		refused = append(refused, d.having(response, strings.Split(answers, "."), strings.Split(member, "."))...)
	}
	if r.Any != "" && len(refused) == 0 {
		p := newJSONPath(r.Any)
		if v, found := d.lookUp(response, &p); found && v.kind != absent {
			return "unknown", nil // something was refused, and which is not said
		}
	}
	return "accepted", refused
}

// having are the positions in a list of the elements in which a path leads to
// something.
func (d *jsonDoc) having(node int32, list, path []string) (positions []int64) {
	at := d.find(node, list)
	if at < 0 {
		return nil
	}
	position := int64(0)
	for child := d.nodes[at].first; child != 0; child = d.nodes[child].next {
		if has := d.find(child, path); has >= 0 && d.read(has).kind != absent {
			positions = append(positions, position)
		}
		position++
	}
	return positions
}

// stateOf is what became of the event at a position of the request.
func (d *delivery) stateOf(position int64) string {
	if slices.Contains(d.refused, position) {
		return "refused"
	}
	return d.state
}

// first gives the node of the first of the keys that an object has, or -1.
func (d *jsonDoc) first(node int32, keys []string) int32 {
	for _, key := range keys {
		if at := d.child(node, key); at >= 0 && d.nodes[at].kind != absent {
			return at
		}
	}
	return -1
}
