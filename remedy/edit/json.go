package edit

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/tailscale/hujson"
)

// The files of a package keep every byte that an edit is not about: npm version
// writes them anew (libnpmversion, lib/write-json.js), so that 1.0 becomes 1 and
// \u00e9 becomes é in a file that somebody else wrote.

var bom = []byte("\xef\xbb\xbf") // npm reads past one at the start of a file

// document is the text of a JSON object.
type document struct {
	start []byte // a byte order mark, or nothing
	root  hujson.Value
}

// parse reads a JSON object; false for anything else. What npm cannot read, such as
// a comment, is none.
func parse(data []byte) (*document, bool) {
	text := bytes.TrimPrefix(data, bom)
	if !json.Valid(text) {
		return nil, false
	}
	root, err := hujson.Parse(text)
	if _, object := root.Value.(*hujson.Object); err != nil || !object {
		return nil, false
	}
	return &document{data[:len(data)-len(text)], root}, true
}

func (d *document) bytes() []byte { return append(slices.Clone(d.start), d.root.Pack()...) }

func (d *document) object() *hujson.Object { return d.root.Value.(*hujson.Object) }

// at returns the value under a path of keys; nil for none.
func (d *document) at(path ...string) *hujson.Value {
	v := &d.root
	for _, key := range path {
		object, ok := v.Value.(*hujson.Object)
		if !ok {
			return nil
		}
		i := last(object, key)
		if i < 0 {
			return nil
		}
		v = &object.Members[i].Value
	}
	return v
}

// last returns the index of the member that counts: of duplicates the last one, as
// in JavaScript's JSON.parse; -1 for none.
func last(o *hujson.Object, key string) int {
	for i, m := range slices.Backward(o.Members) {
		if keyOf(m) == key {
			return i
		}
	}
	return -1
}

func keyOf(m hujson.ObjectMember) string { return m.Name.Value.(hujson.Literal).String() }

// members returns the members of the object under a path; none where it is no object.
func (d *document) members(path ...string) []hujson.ObjectMember {
	if v := d.at(path...); v != nil {
		if o, ok := v.Value.(*hujson.Object); ok {
			return o.Members
		}
	}
	return nil
}

// text returns the string under a path; "" where there is none.
func (d *document) text(path ...string) string {
	if v := d.at(path...); v != nil && v.Value.Kind() == '"' {
		return v.Value.(hujson.Literal).String()
	}
	return ""
}

// raw returns a value as it is written.
func raw(v hujson.Value) string { return string(hujson.Value{Value: v.Value}.Pack()) }

// setString gives the string under a path a new value. It returns false where there
// is no string.
func (d *document) setString(value string, path ...string) bool {
	v := d.at(path...)
	if v == nil || v.Value.Kind() != '"' {
		return false
	}
	v.Value = hujson.String(value)
	return true
}

// add gives the object a string that it has not, at its end. It returns false where the
// key stands there already, or nothing does.
func (d *document) add(key, value string) bool {
	if d.at(key) != nil || len(d.object().Members) == 0 {
		return false
	}
	insert(d.object(), key, hujson.String(value))
	return true
}

// put sets a key of the object under parent, a key of the root, and makes the one
// and the other where they are missing, in the style of the members before them.
func (d *document) put(value hujson.Literal, parent, key string) bool {
	if len(d.object().Members) == 0 {
		return false
	}
	switch v, object := d.at(parent, key), d.at(parent); {
	case v != nil:
		v.Value = value
	case object == nil:
		insert(d.object(), parent, nested(d.object(), key, value))
	case len(d.members(parent)) > 0:
		insert(object.Value.(*hujson.Object), key, value)
	default: // empty, or no object: npm would read nothing from it
		object.Value = nested(d.object(), key, value)
	}
	return true
}

// insert adds a member behind the last one, with the white space of that one.
func insert(o *hujson.Object, key string, value hujson.ValueTrimmed) {
	m := o.Members[len(o.Members)-1]
	m.Name.Value, m.Value.Value = hujson.String(key), value
	o.Members = append(o.Members, m)
}

// nested makes an object of one member, one step deeper than those of outer.
func nested(outer *hujson.Object, key string, value hujson.ValueTrimmed) *hujson.Object {
	m := outer.Members[len(outer.Members)-1]
	m.Name.Value, m.Value.Value = hujson.String(key), value
	lead := m.Name.BeforeExtra
	if cut := bytes.LastIndexByte(lead, '\n'); cut >= 0 {
		m.Name.BeforeExtra = slices.Concat(lead, lead[cut+1:])
		return &hujson.Object{Members: []hujson.ObjectMember{m}, AfterExtra: lead}
	}
	m.Name.BeforeExtra = nil
	return &hujson.Object{Members: []hujson.ObjectMember{m}}
}

// remove takes every member of that key out of the root, for the one before would
// count again. It returns false where there is none.
func (d *document) remove(key string) bool {
	if d.at(key) == nil {
		return false
	}
	o := d.object()
	lead := o.Members[0].Name.BeforeExtra
	o.Members = slices.DeleteFunc(o.Members, func(m hujson.ObjectMember) bool { return keyOf(m) == key })
	if n := len(o.Members); n > 0 {
		o.Members[0].Name.BeforeExtra = lead
		o.Members[n-1].Value.AfterExtra = nil // else a comma would follow
	}
	return true
}
