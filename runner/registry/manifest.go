package registry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// byteOrderMark is what npm overlooks at the start of a manifest.
var byteOrderMark = []byte("\xef\xbb\xbf")

// splice is one value of a JSON document and what it becomes.
type splice struct {
	from, to int
	with     string
}

// confine rewrites the publishConfig of a manifest so that nothing in it leads
// out of the sandbox, and changes no other byte. It returns what it changed as
// lines for a person. A manifest that is no JSON comes back as it is: npm will not
// read it either.
func confine(manifest []byte, registry string, withScripts bool) ([]byte, []string, error) {
	mark, text := 0, manifest
	if bytes.HasPrefix(manifest, byteOrderMark) {
		mark, text = len(byteOrderMark), manifest[len(byteOrderMark):]
	}
	if !json.Valid(text) {
		return manifest, nil, nil
	}
	var edits []splice
	var notes []string
	var bad error
	gjson.ParseBytes(text).ForEach(func(key, config gjson.Result) bool {
		if key.String() != "publishConfig" || !config.IsObject() {
			return true
		}
		config.ForEach(func(key, value gjson.Result) bool {
			with, note, changes := confined(key.String(), registry, withScripts)
			if !changes || value.Raw == with {
				return true
			}
			if value.Index == 0 {
				bad = fmt.Errorf("rehearse: publishConfig.%s was not found again in its manifest", key)
				return false
			}
			at := mark + value.Index
			edits = append(edits, splice{at, at + len(value.Raw), with})
			notes = append(notes, fmt.Sprintf("in the copy publishConfig.%s is %s", key.String(), note))
			return true
		})
		return bad == nil
	})
	return replaced(manifest, edits), notes, bad
}

// confined says what a key of publishConfig becomes in the sandbox. npm flattens
// the whole of publishConfig over its configuration, so that any setting can stand
// there (lib/commands/publish.js).
func confined(key, registry string, withScripts bool) (value, note string, changes bool) {
	url := strconv.Quote(registry)
	switch {
	case key == "registry" || strings.HasPrefix(key, "@"):
		return url, "the embedded registry", true
	case slices.Contains([]string{"proxy", "https-proxy", "http-proxy"}, key):
		return url, "the embedded registry", true
	case key == "noproxy" || key == "no-proxy":
		return `"127.0.0.1"`, "127.0.0.1", true
	case key == "provenance" || key == "provenance-file":
		return "false", "off: provenance is signed outside of this machine", true
	case key == "ignore-scripts" && !withScripts:
		return "true", "true: scripts run with --with-scripts", true
	case leads(key):
		return `""`, "empty", true
	}
	return "", "", false
}

func replaced(text []byte, edits []splice) []byte {
	slices.SortFunc(edits, func(a, b splice) int { return b.from - a.from })
	for _, e := range edits {
		text = slices.Concat(text[:e.from], []byte(e.with), text[e.to:])
	}
	return text
}
