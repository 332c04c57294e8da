package remedy

import (
	"bytes"
	"encoding/json"
)

// The files of a package are edited at byte offsets and never written anew:
// npm version re-serialises the whole file (libnpmversion, lib/write-json.js), so
// `1.0` becomes `1` and `\u00e9` becomes `é` in a file that somebody else wrote.

var bom = []byte("\xef\xbb\xbf") // npm reads past one at the start of a file

// member is one key of a JSON object and where it and its value stand.
type member struct {
	key                            string
	keyStart, keyEnd, start, value int // value is the end of the value
}

// members returns the keys of the object that starts at data[at:], in order,
// duplicates included. It returns nil for what is no object. The data must be
// valid JSON, a byte order mark aside.
func members(data []byte, at int) []member {
	at += skip(data[at:], " \t\r\n")
	if at >= len(data) || data[at] != '{' {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(data[at:]))
	if _, err := dec.Token(); err != nil {
		return nil
	}
	var all []member
	for dec.More() {
		from := at + int(dec.InputOffset())
		key, err := dec.Token()
		name, ok := key.(string)
		if err != nil || !ok {
			return nil
		}
		m := member{key: name, keyStart: from + bytes.IndexByte(data[from:], '"'), keyEnd: at + int(dec.InputOffset())}
		var raw json.RawMessage
		if dec.Decode(&raw) != nil {
			return nil
		}
		m.value = at + int(dec.InputOffset())
		m.start = m.value - len(raw)
		all = append(all, m)
	}
	return all
}

func skip(data []byte, set string) int {
	return len(data) - len(bytes.TrimLeft(data, set))
}

// valid says whether npm can read data as JSON.
func valid(data []byte) bool { return json.Valid(bytes.TrimPrefix(data, bom)) }

// root returns the keys of the whole document.
func root(data []byte) []member {
	if !valid(data) {
		return nil
	}
	return members(data, skipBOM(data))
}

func skipBOM(data []byte) int {
	if bytes.HasPrefix(data, bom) {
		return len(bom)
	}
	return 0
}

// last returns the effective member of that key: of duplicates the last one
// wins, as in JavaScript's JSON.parse.
func last(all []member, key string) (member, bool) {
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].key == key {
			return all[i], true
		}
	}
	return member{}, false
}

// find returns the effective member under a path of keys.
func find(data []byte, path ...string) (member, bool) {
	all := root(data)
	for i, key := range path {
		m, ok := last(all, key)
		if !ok || i == len(path)-1 {
			return m, ok
		}
		all = members(data, m.start)
	}
	return member{}, false
}

// stringAt returns the string under a path; false where there is none or it is
// something else than a string.
func stringAt(data []byte, path ...string) (string, bool) {
	m, ok := find(data, path...)
	if !ok || data[m.start] != '"' {
		return "", false
	}
	var s string
	err := json.Unmarshal(data[m.start:m.value], &s)
	return s, err == nil
}

// setString gives the string under path the new value, and changes no other
// byte. It returns false where there is no string to change.
func setString(data []byte, value string, path ...string) ([]byte, bool) {
	if _, ok := stringAt(data, path...); !ok {
		return data, false
	}
	m, _ := find(data, path...)
	return splice(data, m.start, m.value, quote(value)), true
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string can always be marshalled
	return string(b)
}

func splice(data []byte, from, to int, with string) []byte {
	out := make([]byte, 0, len(data)+len(with))
	out = append(out, data[:from]...)
	out = append(out, with...)
	return append(out, data[to:]...)
}

// putString sets key of the object that stands under parent, a key of the root,
// and makes the one and the other where they are missing, in the style of the
// members before them.
func putString(data []byte, parent, key, value string) ([]byte, bool) {
	all := root(data)
	if len(all) == 0 {
		return data, false
	}
	style := styleOf(data, all)
	object, ok := last(all, parent)
	if !ok {
		return insertAfter(data, all, parent, style.object(key, value)), true
	}
	inner := members(data, object.start)
	if len(inner) == 0 { // empty, or no object at all: npm would read nothing from it
		return splice(data, object.start, object.value, style.object(key, value)), true
	}
	if m, ok := last(inner, key); ok {
		return splice(data, m.start, m.value, quote(value)), true
	}
	return insertAfter(data, inner, key, quote(value)), true
}

// insertAfter adds a member behind the last one, with the white space of that one.
func insertAfter(data []byte, all []member, key, value string) []byte {
	s, end := styleOf(data, all), all[len(all)-1].value
	return splice(data, end, end, ","+s.lead+quote(key)+s.colon+value)
}

// style is the white space of an object's last member: what stands before its
// key, and the colon with what surrounds it.
type style struct{ lead, colon string }

func styleOf(data []byte, all []member) style {
	m := all[len(all)-1]
	from := bytes.LastIndexAny(data[:m.keyStart], "{,") + 1
	return style{string(data[from:m.keyStart]), string(data[m.keyEnd:m.start])}
}

// object writes an object of one member, one step deeper than the style's own.
func (s style) object(key, value string) string {
	text := quote(key) + s.colon + quote(value)
	if cut := bytes.LastIndexByte([]byte(s.lead), '\n'); cut >= 0 {
		return "{" + s.lead + s.lead[cut+1:] + text + s.lead + "}"
	}
	return "{" + text + "}"
}

// removeKey takes every member of that key out of the root, with the comma and
// the white space that belonged to it.
func removeKey(data []byte, key string) ([]byte, bool) {
	found := false
	for {
		all := root(data)
		at := -1
		for i, m := range all {
			if m.key == key {
				at = i
			}
		}
		if at < 0 {
			return data, found
		}
		found = true
		data = cutMember(data, all, at)
	}
}

func cutMember(data []byte, all []member, i int) []byte {
	switch {
	case i > 0:
		return splice(data, all[i-1].value, all[i].value, "")
	case len(all) > 1:
		return splice(data, all[0].keyStart, all[1].keyStart, "")
	}
	return splice(data, all[0].keyStart, all[0].value, "")
}
