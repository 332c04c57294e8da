package edit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tailscale/hujson"
)

// changed returns the text after a change, and whether it took; else the text as it was.
func changed(before []byte, change func(*document) bool) ([]byte, bool) {
	d, ok := parse(before)
	if !ok {
		return before, false
	}
	ok = change(d)
	return d.bytes(), ok
}

func set(before []byte, value string, path ...string) ([]byte, bool) {
	return changed(before, func(d *document) bool { return d.setString(value, path...) })
}

func openAccess(d *document) bool { return d.put(hujson.String("public"), "publishConfig", "access") }

func removePrivate(d *document) bool { return d.remove("private") }

func TestSetVersion(t *testing.T) {
	for _, c := range []struct{ name, before, after string }{
		{"two spaces", "{\n  \"name\": \"a\",\n  \"version\": \"1.0.0\"\n}\n", "{\n  \"name\": \"a\",\n  \"version\": \"1.0.1\"\n}\n"},
		{"tabs and no final newline", "{\n\t\"version\" :\t\"1.0.0\"\n}", "{\n\t\"version\" :\t\"1.0.1\"\n}"},
		{"crlf", "{\r\n    \"version\": \"1.0.0\",\r\n    \"x\": 1\r\n}\r\n", "{\r\n    \"version\": \"1.0.1\",\r\n    \"x\": 1\r\n}\r\n"},
		{"byte order mark", "\xef\xbb\xbf{\"version\":\"1.0.0\"}", "\xef\xbb\xbf{\"version\":\"1.0.1\"}"},
		{"minified", `{"a":1.0,"version":"1.0.0","b":"\u00e9\/"}`, `{"a":1.0,"version":"1.0.1","b":"\u00e9\/"}`},
		{"duplicate keys: the last one counts", `{"version":"0.1.0","version":"1.0.0"}`, `{"version":"0.1.0","version":"1.0.1"}`},
		{"escaped key", `{"\u0076ersion":"1.0.0"}`, `{"\u0076ersion":"1.0.1"}`},
		{"escaped value", `{"version":"1.0.\u0030"}`, `{"version":"1.0.1"}`},
		{"nested ones stay", `{"x":{"version":"1.0.0"},"version":"1.0.0","y":[{"version":"1.0.0"}]}`, `{"x":{"version":"1.0.0"},"version":"1.0.1","y":[{"version":"1.0.0"}]}`},
		{"a value that looks like the key", `{"a":"version\": \"1.0.0","version":"1.0.0"}`, `{"a":"version\": \"1.0.0","version":"1.0.1"}`},
		{"a number is no version", `{"version":1.0}`, ""},
		{"an array", `["version","1.0.0"]`, ""},
		{"none", `{}`, ""},
		{"broken", `{"version":"1.0.0",}`, ""},
		{"two documents", `{"version":"1.0.0"}{}`, ""},
		{"nothing", ``, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := set([]byte(c.before), "1.0.1", "version")
			if ok != (c.after != "") {
				t.Fatalf("ok = %v", ok)
			}
			if ok && string(got) != c.after || !ok && string(got) != c.before {
				t.Errorf("got  %q\nwant %q", got, c.after)
			}
		})
	}
}

func TestSetVersionInHugeFile(t *testing.T) {
	var b strings.Builder
	b.WriteString("{\n  \"packages\": {\n    \"\": {\n      \"version\": \"1.0.0\"\n    }")
	for i := range 40_000 {
		fmt.Fprintf(&b, ",\n    \"node_modules/p%d\": {\n      \"version\": \"1.0.0\"\n    }", i)
	}
	b.WriteString("\n  }\n}\n")
	before := b.String()
	got, ok := set([]byte(before), "1.0.1", "packages", "", "version")
	if want := strings.Replace(before, "1.0.0", "1.0.1", 1); !ok || string(got) != want {
		t.Errorf("ok = %v, or more than the first version changed", ok)
	}
}

func TestPut(t *testing.T) {
	for _, c := range []struct{ name, before, after string }{
		{"no publishConfig", "{\n  \"name\": \"a\"\n}\n", "{\n  \"name\": \"a\",\n  \"publishConfig\": {\n    \"access\": \"public\"\n  }\n}\n"},
		{"no publishConfig, tabs and crlf", "{\r\n\t\"name\": \"a\"\r\n}", "{\r\n\t\"name\": \"a\",\r\n\t\"publishConfig\": {\r\n\t\t\"access\": \"public\"\r\n\t}\r\n}"},
		{"no publishConfig, minified", `{"name":"a"}`, `{"name":"a","publishConfig":{"access":"public"}}`},
		{"empty", "{\n  \"publishConfig\": {}\n}", "{\n  \"publishConfig\": {\n    \"access\": \"public\"\n  }\n}"},
		{"null", `{"publishConfig":null}`, `{"publishConfig":{"access":"public"}}`},
		{"another key", "{\n  \"publishConfig\": {\n    \"tag\": \"next\"\n  }\n}", "{\n  \"publishConfig\": {\n    \"tag\": \"next\",\n    \"access\": \"public\"\n  }\n}"},
		{"set", `{"publishConfig": {"access" : "restricted", "x": 1}}`, `{"publishConfig": {"access" : "public", "x": 1}}`},
		{"on one line", `{ "publishConfig": { "tag": "next" } }`, `{ "publishConfig": { "tag": "next", "access": "public" } }`},
		{"empty root", `{}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := changed([]byte(c.before), openAccess)
			if ok != (c.after != "") || ok && string(got) != c.after {
				t.Errorf("%v %q\nwant %q", ok, got, c.after)
			}
		})
	}
}

func TestRemove(t *testing.T) {
	for _, c := range []struct{ name, before, after string }{
		{"first", "{\n  \"private\": true,\n  \"name\": \"a\"\n}\n", "{\n  \"name\": \"a\"\n}\n"},
		{"middle", "{\n  \"name\": \"a\",\n  \"private\": true,\n  \"x\": 1\n}\n", "{\n  \"name\": \"a\",\n  \"x\": 1\n}\n"},
		{"last", "{\r\n\t\"name\": \"a\",\r\n\t\"private\": true\r\n}", "{\r\n\t\"name\": \"a\"\r\n}"},
		{"only", `{"private":true}`, `{}`},
		{"twice, or the first one would count again", `{"private":true,"name":"a","private":true}`, `{"name":"a"}`},
		{"nested ones stay", `{"x":{"private":true},"private":true}`, `{"x":{"private":true}}`},
		{"escaped key", `{"name":"a","\u0070rivate":true}`, `{"name":"a"}`},
		{"none", `{"name":"a"}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := changed([]byte(c.before), removePrivate)
			if ok != (c.after != "") || ok && string(got) != c.after {
				t.Errorf("%v %q\nwant %q", ok, got, c.after)
			}
		})
	}
}

// FuzzVersionEdit checks that an edit of the version changes that value and
// nothing else: not for a JSON reader, and not for one of bytes.
func FuzzVersionEdit(f *testing.F) {
	f.Add([]byte("{\n  \"name\": \"a\",\n  \"version\": \"1.0.0\"\n}\n"), "1.0.1")
	f.Add([]byte("\xef\xbb\xbf{\"version\":\"0\",\"\\u0076ersion\":\"1.0.0\"}"), "2.0.0-beta.1")
	f.Add([]byte(`{"a":[{"version":"1"}],"version" : "\ud83d\ude00","b":1e400}`), `"<&`)
	f.Fuzz(func(t *testing.T, before []byte, value string) {
		value = strings.ToValidUTF8(value, "?")
		after, ok := set(before, value, "version")
		if !ok {
			if !bytes.Equal(before, after) {
				t.Fatal("refused, and changed nevertheless")
			}
			return
		}
		was, is := keys(t, before), keys(t, after)
		var got string
		if err := json.Unmarshal(is["version"], &got); err != nil || got != value {
			t.Fatalf("version is %q (%v), want %q", got, err, value)
		}
		delete(was, "version")
		delete(is, "version")
		if len(was) != len(is) {
			t.Fatalf("%d other keys, were %d", len(is), len(was))
		}
		for k := range was {
			if !bytes.Equal(was[k], is[k]) {
				t.Fatalf("%q changed", k)
			}
		}
		d, _ := parse(before)
		start, end := len(d.start)+d.at("version").StartOffset, len(d.start)+d.at("version").EndOffset
		tail := len(before) - end
		if !bytes.Equal(before[:start], after[:start]) || !bytes.Equal(before[end:], after[len(after)-tail:]) {
			t.Fatal("bytes beside the value changed")
		}
		old := d.text("version")
		again, _ := set(after, old, "version")
		if string(hujson.String(old)) == string(before[start:end]) && !bytes.Equal(again, before) {
			t.Fatal("setting the old version does not give the old file")
		}
	})
}

func keys(t *testing.T, data []byte) map[string]json.RawMessage {
	t.Helper()
	var all map[string]json.RawMessage
	if err := json.Unmarshal(bytes.TrimPrefix(data, bom), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// FuzzOtherEdits checks that putting and removing a key leaves JSON, and leaves
// every other key alone.
func FuzzOtherEdits(f *testing.F) {
	f.Add([]byte("{\n  \"name\": \"a\",\n  \"private\": true\n}\n"))
	f.Add([]byte(`{"publishConfig":{"a":1,"access":null},"private":1,"private":2}`))
	f.Add([]byte(`{"publishConfig":[1], "x":"{,"}`))
	f.Fuzz(func(t *testing.T, before []byte) {
		if after, ok := changed(before, openAccess); ok {
			if d, ok := parse(after); !ok || d.text("publishConfig", "access") != "public" {
				t.Fatalf("no access in %q", after)
			}
			same(t, before, after, "publishConfig")
		}
		if after, ok := changed(before, removePrivate); ok {
			if d, ok := parse(after); !ok || d.at("private") != nil {
				t.Fatalf("still there: %q", after)
			}
			same(t, before, after, "private")
		}
	})
}

func same(t *testing.T, before, after []byte, but string) {
	t.Helper()
	was, is := keys(t, before), keys(t, after)
	delete(was, but)
	delete(is, but)
	if len(was) != len(is) {
		t.Fatalf("%q became %q", before, after)
	}
	for k := range was {
		if !bytes.Equal(was[k], is[k]) {
			t.Fatalf("%q: %q became %q", k, before, after)
		}
	}
}
